// SPDX-License-Identifier: Apache-2.0
#include "repro/trace/shadow.h"

#include <fmt/format.h>

#include <algorithm>

#include "repro/trace/rows.h"

namespace rmap {

using sched::Event;
using sched::EventKind;

VmaRange range_of(const Vma& vma) {
  return {true, vma.vm_start.peek(), vma.vm_end.peek(), vma.vm_pgoff.peek()};
}

std::string pages_words(PageNr first, PageNr end, uint32_t mm) {
  const std::string where = mm == 0 ? "" : fmt::format(" of mm{}", mm);
  return end == first + 1 ? fmt::format("@{}{}", first, where)
                          : fmt::format("@{}-{}{}", first, end - 1, where);
}

std::string range_words(const VmaRange& range) {
  return fmt::format("{} pgoff {}", pages_words(range.start, range.end, 0),
                     static_cast<int32_t>(range.pgoff));
}

void Shadow::begin_tasks() {
  tasks_began_ = true;
  if (r_.start == nullptr) return;
  for (uint32_t i = 0; i < kVmasMax; i++) {
    if (r_.start->vmas[i].allocated) ranges_[i] = range_of(r_.start->vmas[i]);
  }
}

void Shadow::apply(const Event& e) {
  if (!tasks_began_ && cpu_of_task(r_.program, e.task) != 0) begin_tasks();
  const bool access = e.kind == EventKind::read || e.kind == EventKind::write;
  if (!access) return apply_lock(e);
  if (e.object.cls == kVmaObject) return apply_range(e);
  if (e.kind != EventKind::write) return;
  if (e.object.cls == kPteObject && e.b == kFieldPte) pte_[e.object.ordinal] = e.a;
  if (e.object.cls == kPmdObject) apply_pmd(e);
}

// The entries go with their table.
void Shadow::apply_pmd(const Event& e) {
  uint64_t* entries = pte_ + e.object.ordinal * kPtesPerTable;
  const uint8_t old_table = table_of_[e.object.ordinal];
  if (old_table != 0) std::copy_n(entries, kPtesPerTable, table_[old_table - 1]);
  std::fill_n(entries, kPtesPerTable, 0);
  if (e.a != 0) std::copy_n(table_[e.a - 1], kPtesPerTable, entries);
  table_of_[e.object.ordinal] = static_cast<uint8_t>(e.a);
}

void Shadow::apply_range(const Event& e) {
  VmaRange& range = ranges_[e.object.ordinal];
  const auto value = static_cast<PageNr>(e.a);
  if (e.b == kFieldVmStart || e.b == kFieldStackStart) range.start = value;
  if (e.b == kFieldVmPgoff || e.b == kFieldStackPgoff) range.pgoff = value;
  if (e.b != kFieldVmEnd && e.b != kFieldStackEnd) return;
  range.end = value;
  range.known = true;
}

void Shadow::apply_lock(const Event& e) {
  if (e.task == sched::kNoTask || e.task > kCpusMax) return;
  const bool taken = e.kind == EventKind::lock || e.kind == EventKind::lock_shared ||
                     (e.kind == EventKind::trylock && e.a != 0);
  std::vector<LockHeld>& held = held_[e.task];
  if (taken) {
    held.push_back({e.object, lock_name(e.object), std::string(kSites[e.site]), e.step,
                    e.kind == EventKind::lock_shared});
  }
  if (e.kind == EventKind::unlock) {
    std::erase_if(held, [&](const LockHeld& lock) { return lock.object == e.object; });
  }
}

sched::TaskId Shadow::holder(sched::Object lock) const {
  for (sched::TaskId task = 0; task <= kCpusMax; task++) {
    for (const LockHeld& held : held_[task]) {
      if (held.object == lock) return task;
    }
  }
  return sched::kNoTask;
}

// The addresses that a page table covers.
std::string Shadow::table_words(uint32_t table) const {
  for (uint32_t i = 0; i < kMmsMax * kTablesPerMm; i++) {
    if (table_of_[i] != table + 1) continue;
    const uint32_t first = i % kTablesPerMm * kPtesPerTable;
    return pages_words(first, first + kPtesPerTable, i / kTablesPerMm);
  }
  return fmt::format("table {}", table);
}

std::string Shadow::lock_name(sched::Object lock) const {
  const auto of_mm = [&] { return lock.ordinal == 0 ? "" : fmt::format(" of mm{}", lock.ordinal); };
  switch (lock.cls) {
    case kMmapSem: return "mmap_sem" + of_mm();
    case kPageTableLock: return "page_table_lock" + of_mm();
    case kPageLockClass: return fmt::format("page lock p{}", lock.ordinal);
    case kAnonVmaLock: return fmt::format("anon_vma {}", lock.ordinal);
    case kPtl: return "ptl " + table_words(lock.ordinal);
    case kRcuObject: return "rcu";
    default: return object_name(lock);
  }
}

bool is_note(const Event& e, Note note) { return e.kind == static_cast<EventKind>(note); }

bool is_link_note(const Event& e) {
  return is_note(e, Note::link) || is_note(e, Note::unlink) || is_note(e, Note::requeue);
}
bool is_mm_note(const Event& e) { return is_note(e, Note::insert) || is_note(e, Note::remove); }

bool is_tree_note(const Event& e) { return is_note(e, Note::detach) || is_note(e, Note::attach); }

bool is_seen_gap(std::span<const Event> events, uint32_t index) {
  const Event& e = events[index];
  const bool forwards = is_note(e, Note::detach);
  const Note end = forwards ? Note::attach : Note::detach;
  for (uint32_t i = index; forwards ? ++i < events.size() : i-- > 0;) {
    if (events[i].task != e.task) return true;
    if (is_note(events[i], end) && events[i].object == e.object && events[i].a == e.a) return false;
  }
  return false;
}

std::string function_of(const Event& e) {
  return std::string(kSites[e.site].substr(0, kSites[e.site].find('/')));
}

std::string place_words(uint32_t place) {
  return place_name(MmId{static_cast<uint8_t>(place / kWindowPages)}, place % kWindowPages);
}

}  // namespace rmap
