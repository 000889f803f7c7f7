// Focus: what a finding is about, and so what its story has to tell of.
//
// Starts from the finding's object and place and follows the trace backwards: the pages that were
// there, the frames that they were migrated from, the places that their entries came from, the
// vmas that a walk visited for them, and the anon_vmas that the pages and vmas name.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>
#include <optional>

#include "repro/trace/shadow.h"

namespace rmap {

// Kinds of events that matter to a rule.
enum Aspect : uint16_t {
  kEntries = 1,      // entries that map the pages
  kWalks = 2,        // the walk that went wrong
  kRanges = 4,       // vmas growing, shrinking, moving
  kLinks = 8,        // vmas linked to anon_vmas, and unlinked
  kReferences = 16,  // of anon_vmas
  kCounts = 32,      // of pages: references and mappings
  kData = 64,        // loads, stores and copies
  kPageLocks = 128,
  kLocks = 256,  // the locks that somebody holds when it ends
  kIndex = 512,  // how a page's index was computed
};

// An event may be about no object: migration that finds nothing where it looks, say.
template <std::size_t N>
bool is_in(const std::bitset<N>& set, uint32_t ordinal) {
  return ordinal < N && set[ordinal];
}

struct Focus {
  uint16_t aspects = 0;
  std::bitset<kFramesMax> pages;
  std::bitset<kMmsMax * kWindowPages> places;
  std::bitset<kVmasMax> vmas;
  std::bitset<kAnonVmasMax> anon_vmas;
  std::vector<sched::Object> locks;  // What is held or waited for when it ends.
  // The walk that went wrong: who walked, and where it begins in the trace; else kNoTask.
  sched::TaskId walker = sched::kNoTask;
  uint32_t walk_begin = 0;

  bool has(Aspect aspect) const { return (aspects & aspect) != 0; }
  bool has_page(uint64_t word) const;  // Pte::word() maps one of the pages, or stands for one.
};

// Requires: r.finding.
Focus focus_of(const Recording& r);

// The event that found, for the last time, the migration entry that a livelock turns on.
std::optional<uint32_t> last_retried_entry(const Recording& r);

// Pte::word() in parts.
PteKind kind_of(uint64_t word);
uint32_t page_of(uint64_t word);

}  // namespace rmap
