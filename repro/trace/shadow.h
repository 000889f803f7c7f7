// Shadow: what the page tables, vmas and locks held, followed through a trace event by event.
//
// A trace says what changed; a reader wants to know what it was before. Knows nothing of what
// nobody wrote or read yet, except that the set-up's end is taken from the recording. Read next:
// rows.h, story/deeds.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/model/world.h"
#include "repro/run/session.h"

namespace rmap {

struct LockHeld {
  sched::Object object;
  std::string name;  // "ptl @8-11"
  std::string site;
  uint32_t step = 0;  // When it was taken.
  bool shared = false;
};

// The range words of a vma, as far as they are known.
struct VmaRange {
  bool known = false;
  PageNr start = 0;
  PageNr end = 0;
  PageNr pgoff = 0;
  friend bool operator==(const VmaRange&, const VmaRange&) = default;
};
VmaRange range_of(const Vma& vma);
// "@0-1 pgoff 0"
std::string range_words(const VmaRange& range);
// "@0", "@0-1", "@8-11 of mm1"
std::string pages_words(PageNr first, PageNr end, uint32_t mm);

class Shadow {
 public:
  explicit Shadow(const Recording& r) : r_(r) {}

  // Goes past one event; until then everything is as it was before it. In the trace's order.
  void apply(const sched::Event& e);

  // Pte::word() of a place, which is a pte's ordinal.
  uint64_t entry(uint32_t place) const { return pte_[place]; }
  const VmaRange& range(uint32_t vma) const { return ranges_[vma]; }
  uint8_t table_of(uint32_t pmd) const { return table_of_[pmd]; }
  // The locks that a task holds, outermost first.
  const std::vector<LockHeld>& held(sched::TaskId task) const { return held_[task]; }
  // Who holds it, or kNoTask.
  sched::TaskId holder(sched::Object lock) const;
  // A lock's name: "mmap_sem of mm1", "anon_vma 0", "ptl @8-11", "page lock p1".
  std::string lock_name(sched::Object lock) const;

 private:
  void begin_tasks();
  void apply_pmd(const sched::Event& e);
  void apply_range(const sched::Event& e);
  void apply_lock(const sched::Event& e);
  std::string table_words(uint32_t table) const;

  const Recording& r_;
  bool tasks_began_ = false;
  uint64_t pte_[kMmsMax * kWindowPages] = {};
  uint64_t table_[kTablesMax][kPtesPerTable] = {};  // Tables that are in no pmd.
  uint8_t table_of_[kMmsMax * kTablesPerMm] = {};   // TableId + 1 of every pmd entry.
  VmaRange ranges_[kVmasMax] = {};
  std::vector<LockHeld> held_[kCpusMax + 1];
};

bool is_note(const sched::Event& e, Note note);
// A vma comes into a list, or leaves it: an anon_vma's; an mm's.
bool is_link_note(const sched::Event& e);
bool is_mm_note(const sched::Event& e);
// A vma leaves an interval tree until its range has changed, or comes back.
bool is_tree_note(const sched::Event& e);
// Whether another task ran between such a note and its counterpart: else nobody can have missed the
// vma.
bool is_seen_gap(std::span<const sched::Event> events, uint32_t index);
// The kernel function of an event's site.
std::string function_of(const sched::Event& e);
// The name of a place, "mm1 @5".
std::string place_words(uint32_t place);

}  // namespace rmap
