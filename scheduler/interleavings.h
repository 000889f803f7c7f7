// Interleaving pairs: what a task did at a site to an object, right after what another task had
// done at a site to the same object. The abstract form of "these two raced, in this order".
//
// A pair names sites and no objects, so that there are few of them and the same ones in every
// process. Two reads in a row are no pair: their order changes nothing. After the alias coverage of
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

// Which classes of objects a site was seen to look at, and to modify, as bits.
struct SiteUse {
  uint16_t looks = 0;
  uint16_t modifies = 0;

  // Some object could be handed from this site to the other one, or back, and make a pair.
  bool may_meet(SiteUse other) const {
    return (modifies & (other.modifies | other.looks)) != 0 || (looks & other.modifies) != 0;
  }
};

// Watches executions for pairs. Objects beyond the first 16 classes and 256 ordinals share their
// memory with others.
class Interleavings {
 public:
  // Of all executions since clear().
  SitePairs seen;
  std::array<SiteUse, kSitesMax> uses = {};
  // For a fuzzer's feedback, one byte each, set for pairs by their hash. Empty, or a power of two.
  std::span<uint8_t> marks;

  void begin() { execution_++; }
  void happened(EventKind kind, Site site, Object object, TaskId task);

 private:
  struct Last {
    uint32_t execution = 0;
    Site site;
    TaskId task = kNoTask;
    bool modifies = false;
  };
  uint32_t execution_ = 0;
  std::array<Last, 16 * 256> last_ = {};
};

}  // namespace sched
