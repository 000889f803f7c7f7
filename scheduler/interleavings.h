// Interleaving pairs: what a task did at a site to an object, right after what another task had
// done at a site to the same object. The abstract form of "these two raced, in this order".
//
// A pair names sites and no objects, so that there are few of them and the same ones in every
// process. Two reads in a row are no pair, nor are two additions, nor attempts to take a lock that
// failed: their order changes nothing. After the alias coverage of
// Krace (Xu, Kashyap, Zhao, Kim: "Krace: Data Race Fuzzing for Kernel File Systems", IEEE S&P
// 2020).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "scheduler/outcome.h"
#include "scheduler/trace.h"
#include "scheduler/vocabulary.h"

namespace sched {

// A set of ordered pairs of sites, one bit each. Trivially copyable.
class SitePairs {
 public:
  void insert(Site before, Site after) { word(before, after) |= bit(after); }
  bool has(Site before, Site after) const {
    return (words_[before.index * kWords + after.index / 64] & bit(after)) != 0;
  }
  void insert_all(const SitePairs& other) {
    for (std::size_t i = 0; i < words_.size(); i++) words_[i] |= other.words_[i];
  }
  uint32_t size() const;

 private:
  static constexpr std::size_t kWords = kSitesMax / 64;
  static constexpr uint64_t bit(Site after) { return uint64_t{1} << after.index % 64; }
  uint64_t& word(Site before, Site after) {
    return words_[before.index * kWords + after.index / 64];
  }
  std::array<uint64_t, kSitesMax* kWords> words_ = {};
};

// Which classes of objects a site was seen to look at, to add to and to modify, as bits; and which
// it took as locks.
struct SiteUse {
  uint16_t looks = 0;
  uint16_t adds = 0;
  uint16_t modifies = 0;
  uint16_t acquires = 0;

  // Some object could be handed from this site to the other one and make a pair.
  bool may_meet(SiteUse other) const {
    return (modifies & (other.modifies | other.looks | other.adds)) != 0 ||
           ((looks | adds) & other.modifies) != 0 || (looks & other.adds) != 0 ||
           (adds & other.looks) != 0;
  }
};

// Watches executions for pairs. Objects beyond the first 16 classes and 256 ordinals share their
// memory with others. A compare_exchange() that fails counts as a modification.
class Interleavings {
 public:
  // Of all executions since clear().
  SitePairs seen;
  std::array<SiteUse, kSitesMax> uses = {};
  // For a fuzzer's feedback, one byte each, set for pairs by their hash. Empty, or a power of two.
  std::span<uint8_t> marks;

  // What happened before does not race with what comes now.
  void begin();
  // `a`: the event's operand.
  void happened(EventKind kind, Site site, Object object, TaskId task, uint64_t a);

 private:
  enum class Effect : uint8_t { nothing, looks, adds, modifies };
  static Effect effect_of(EventKind kind, uint64_t a);
  static void note_use(SiteUse& use, EventKind kind, Effect effect, uint32_t cls);

  struct Last {
    uint32_t epoch = 0;
    Site site;
    TaskId task = kNoTask;
    Effect effect = Effect::nothing;
  };
  uint32_t epoch_ = 0;  // 0: before begin(), and in nothing that happened.
  std::array<Last, 16 * 256> last_ = {};
};

}  // namespace sched
