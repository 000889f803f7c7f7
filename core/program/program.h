// Program: what an input says, and its bytes.
//
//   offset  size  field
//   0       1     format version
//   1       1     strategy (its parameters are drawn from the decisions)
//   2       1     n, the number of operations
//   3       1     tail: 0 = when the decisions run out, keep running; else a seed for the rest
//   4       1     how many allocations may fail; each allocation is then a decision, 0 = it
//   succeeds 5       3     zero 8       8n    operation: kind, task, mm, address, length - 1,
//   second address (or child's mm), flag, second length 8+8n    rest  the decisions, one byte each
//
// Decoding is total: every number is reduced to its range, so that each input is a valid program.
// Encoding is canonical: decode(encode(p)) == p, and encode(decode(bytes)) is the one form of all
// inputs that mean the same. Stored inputs live for years: the format is never changed, only
// versioned, and every version is read for ever (tests/formats).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/model/limits.h"
#include "core/model/op.h"
#include "scheduler/decisions.h"
#include "scheduler/outcome.h"

namespace rmap {

inline constexpr uint8_t kFormatVersion = 1;
// What a decision means may change when the model gains a point. Bump when the behaviour signature
// changes, and `rmapfuzz rebase` the regressions.
inline constexpr uint32_t kModelVersion = 5;
inline constexpr std::size_t kHeaderSize = 8;
inline constexpr std::size_t kOpSize = 8;
inline constexpr uint8_t kFailuresMax = 4;

enum class StrategyId : uint8_t { direct, random_walk, pct };
inline constexpr std::string_view kStrategyNames[] = {"direct", "random_walk", "pct"};
inline constexpr uint32_t kStrategies = std::size(kStrategyNames);

struct Program {
  StrategyId strategy = StrategyId::direct;
  uint8_t tail = 0;
  uint8_t failures = 0;
  // Sorted by task; the order within a task is the order of execution.
  sched::BoundedVector<Op, kOpsMax> ops;
  sched::BoundedVector<uint8_t, kDecisionsMax> decisions;
};
bool operator==(const Program& a, const Program& b);

// Which cpu each task of a program's executions is. Tasks are numbered without gaps: 0 is the
// set-up, then every cpu that has operations.
class Tasks {
 public:
  Tasks() = default;
  explicit Tasks(const Program& p);

  uint8_t count() const { return count_; }  // The set-up included.
  // The set-up's, 0, for everything that is no task.
  uint8_t cpu(sched::TaskId task) const { return task < count_ ? cpus_[task] : 0; }
  // kNoTask for a cpu without operations.
  sched::TaskId task(uint8_t cpu) const;

 private:
  uint8_t cpus_[kCpusMax + 1] = {};
  uint8_t count_ = 1;
};
inline uint8_t cpu_of_task(const Program& p, sched::TaskId task) { return Tasks(p).cpu(task); }

// Brings a program into its canonical form: operations sorted by task, operands that an operation
// does not have at their defaults, trailing zero decisions removed when the tail is 0.
void canonicalize(Program& p);
void canonicalize(Op& op);

// What is left of decisions that are followed by nothing, which reads as zeros.
std::span<const uint8_t> without_trailing_zeros(std::span<const uint8_t> decisions);
// Makes them p's decisions, under the strategy direct and without a tail. False, and the program is
// left as it is, when they are more than a program holds.
[[nodiscard]] bool use_decisions(Program& p, std::span<const uint8_t> decisions);

// False, and an empty program, when the format version is unknown or the header is not complete.
bool decode(std::span<const uint8_t> bytes, Program& p);

// Writes the canonical bytes into `out`, which must hold kEncodedMax. Returns their number.
inline constexpr std::size_t kEncodedMax = kHeaderSize + kOpsMax * kOpSize + kDecisionsMax;
std::size_t encode(const Program& p, std::span<uint8_t> out);
std::vector<uint8_t> encode(const Program& p);

}  // namespace rmap
