// Survey: what executions reached, in sums and sets that only grow.
//
//   Survey survey;
//   survey.add(p, executor.run(p, {.coverage = &survey.coverage}));
//   survey.reached().pairs.size();
//
// Reached is one block of bytes without pointers, so that a fuzzer can keep it in a file and
// another process can add up those of many fuzzers. Allocates nothing. Read next:
// scheduler/interleavings.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "core/run/execution.h"

namespace rmap {

// Room for more kinds of operations than there are.
inline constexpr uint32_t kOpKindsMax = 32;
static_assert(kOpKinds <= kOpKindsMax);

// For each kind of operation, as bits, the kinds of operations of other tasks that were under way
// at the same time, both taking effect, or cut short. The set-up runs alone.
using Overlaps = std::array<uint32_t, kOpKindsMax>;

struct Reached {
  uint64_t executions = 0;
  uint64_t findings = 0;
  uint64_t step_limits = 0;
  uint64_t unknown_accesses = 0;  // Executions that made one.
  uint64_t operations = 0;        // That ran,
  uint64_t effective = 0;         // and changed or reached something.
  std::array<uint64_t, sched::kSitesMax / 64> sites = {};
  Overlaps overlaps = {};
  uint32_t judged = 0;       // Rules of the oracle that something was held against, as bits,
  uint32_t early_signs = 0;  // early signs that showed,
  uint32_t broken = 0;       // and rules that were broken.
  sched::SitePairs pairs;

  bool has_site(Site site) const { return (sites[site.index / 64] >> site.index % 64 & 1) != 0; }
  uint32_t site_count() const;
  bool overlapped(OpKind a, OpKind b) const {
    return (overlaps[static_cast<uint32_t>(a)] >> static_cast<uint32_t>(b) & 1) != 0;
  }
  void add(const Reached& other);
};
static_assert(std::is_trivially_copyable_v<Reached>);

// What a fuzzer keeps in a file (--reached=FILE) while it runs. Made and read on the same machine.
struct ReachedFile {
  static constexpr uint64_t kMagic = 0x31646568'63616572;  // "reached1"
  uint64_t magic = kMagic;
  uint32_t model = kModelVersion;
  uint32_t size = sizeof(Reached);
  Reached reached;
};

class Survey {
 public:
  Survey() { coverage.interleavings = &interleavings; }
  Survey(const Survey&) = delete;
  Survey& operator=(const Survey&) = delete;

  sched::Coverage coverage;  // For Options::coverage.
  sched::Interleavings interleavings;

  // Returns what overlapped in this execution.
  Overlaps add(const Program& p, const Result& result);
  // Runs random programs, always the same ones: a yardstick that depends on the kernel alone.
  void add_generated(Executor& executor, uint32_t programs);
  // So far.
  const Reached& reached();

 private:
  Reached reached_;
};

}  // namespace rmap
