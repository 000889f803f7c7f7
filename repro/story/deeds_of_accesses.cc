// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "repro/story/deed_writer.h"
#include "repro/trace/rows.h"

namespace rmap {

using sched::Event;
using sched::EventKind;

namespace {

bool is_count_field(uint64_t field) { return field == kFieldMapcount || field == kFieldRefcount; }
bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::vector<std::bitset<kCpusMax + 1>> range_writers(const Recording& r) {
  std::vector<std::bitset<kCpusMax + 1>> writers(kVmasMax);
  for (const Event& e : r.trace.events()) {
    if (e.kind == EventKind::write && e.object.cls == kVmaObject && is_range_field(e.b) &&
        cpu_of_task(r.program, e.task) != 0)
      writers[e.object.ordinal].set(e.task);
  }
  return writers;
}

// Only what the user may do with it changes.
bool same_page(uint64_t a, uint64_t b) {
  return kind_of(a) == kind_of(b) && page_of(a) == page_of(b);
}

void set_word(VmaRange& range, const Event& e) {
  const auto value = static_cast<PageNr>(e.a);
  if (e.b == kFieldVmStart || e.b == kFieldStackStart) range.start = value;
  if (e.b == kFieldVmEnd || e.b == kFieldStackEnd) range.end = value;
  if (e.b == kFieldVmPgoff || e.b == kFieldStackPgoff) range.pgoff = value;
}

}  // namespace

AccessDeeds::AccessDeeds(DeedWriter& writer)
    : w_(writer), range_writers_(range_writers(writer.r)) {}

void AccessDeeds::access(const Event& e) {
  switch (e.object.cls) {
    case kPteObject:
      if (e.b == kFieldContents) return user_access(e);
      if (e.b == kFieldPte && e.kind == EventKind::write) return entry(e);
      return;
    case kPmdObject: return table(e);
    case kVmaObject: return vma(e);
    case kPageObject: return page(e);
    case kAnonVmaObject: return anon_vma(e);
    default: return;
  }
}

void AccessDeeds::user_access(const Event& e) {
  if (!w_.f.has(kData) || !is_in(w_.f.places, e.object.ordinal)) return;
  const bool is_write = e.kind == EventKind::write;
  Deed& d = w_.add(is_write ? Act::store : Act::load, e);
  const auto events = w_.events();
  for (uint32_t i = w_.index + 1; i < events.size(); i++) {
    if (events[i].task != e.task) continue;
    if (kSites[events[i].site] == "do_page_fault/mmap_sem") {
      d.act = Act::fault;
      d.after = w_.shadow.entry(e.object.ordinal);
    }
    break;
  }
}

void AccessDeeds::entry(const Event& e) {
  if (!w_.f.has(kEntries)) return;
  const uint64_t before = w_.shadow.entry(e.object.ordinal);
  const bool ours =
      w_.f.has_page(before) || w_.f.has_page(e.a) || is_in(w_.f.places, e.object.ordinal);
  if (!ours || before == e.a) return;
  if (e.a == 0) {
    w_.add(Act::take, e).before = before;
    return;
  }
  Deed* taken = w_.last(Act::take);
  if (taken == nullptr || before != 0) {
    Deed& d = w_.add(before == 0 && is_in_a_register(e) ? Act::put : Act::set, e);
    d.before = before;
    d.supports = same_page(before, e.a);
    return;
  }
  w_.extend(*taken, e);
  taken->after = e.a;
  taken->act = taken->place == e.object.ordinal ? Act::set : Act::move;
  taken->from = taken->place;
  taken->place = e.object.ordinal;
  taken->supports = taken->act == Act::set && same_page(taken->before, e.a);
}
// This task took the same entry out of another place, in an earlier turn.
bool AccessDeeds::is_in_a_register(const Event& e) const {
  for (auto d = w_.deeds.rbegin(); d != w_.deeds.rend(); ++d) {
    if (d->task == e.task && d->act == Act::take) return d->before == e.a;
    if (d->task == e.task && d->act == Act::put) return false;
  }
  return false;
}

void AccessDeeds::table(const Event& e) {
  if (!w_.f.has(kEntries) || e.kind != EventKind::write) return;
  if (!contains(kSites[e.site], "move_normal_pmd")) return;
  if (e.a == 0) {
    pmd_from_ = e.object.ordinal;
    pmd_step_ = e.step;
    return;
  }
  Deed& d = w_.add(Act::table, e);
  d.from = pmd_from_;
  d.step = pmd_step_;
}

void AccessDeeds::vma(const Event& e) {
  if (!is_in(w_.f.vmas, e.object.ordinal) && !w_.f.has(kLinks)) return;
  if (e.b == kFieldAnonVma) {
    if (e.kind == EventKind::read) return pointer(e, Act::anon_vma);
    if (w_.f.has(kLinks)) w_.add(Act::anon_vma, e);
    return;
  }
  if (!is_range_field(e.b)) return;
  if (e.kind == EventKind::read) return read_range(e);
  if (!w_.f.has(kRanges)) return;
  VmaRange becomes = w_.shadow.range(e.object.ordinal);
  set_word(becomes, e);
  if (Deed* d = w_.last(Act::range); d != nullptr && d->vma == e.object.ordinal) {
    w_.extend(*d, e);
    d->new_range = becomes;
    return;
  }
  Deed& d = w_.add(Act::range, e);
  d.old_range = w_.shadow.range(e.object.ordinal);
  d.new_range = becomes;
}

// Words of a vma that somebody else changes.
void AccessDeeds::read_range(const Event& e) {
  std::bitset<kCpusMax + 1> others = range_writers_[e.object.ordinal];
  if (e.task <= kCpusMax) others.reset(e.task);
  const bool computes = kSites[e.site] == "page_add_anon_rmap/range" && w_.f.has(kIndex);
  if (others.none() || !is_in(w_.f.vmas, e.object.ordinal) || (!computes && !w_.in_walk(e))) return;
  const Act act = computes ? Act::index : Act::read_range;
  Deed* d = w_.last(act);
  if (d == nullptr || d->vma != e.object.ordinal) d = &w_.add(act, e);
  set_word(d->new_range, e);
  w_.extend(*d, e);
  d->field |= uint64_t{1} << (e.b + 8);
}

// A pointer to an anon_vma that is not what it was is followed: where it was found.
void AccessDeeds::pointer(const Event& e, Act act) {
  const uint64_t anon_vma = e.a & 0xff;
  const bool ours = anon_vma != 0 && anon_vma <= kAnonVmasMax && w_.f.anon_vmas[anon_vma - 1];
  if (!ours || !w_.f.has(kReferences) || e.task != w_.r.result.outcome.violation.task) return;
  for (const Deed& d : w_.deeds) {
    if (d.act == act && d.object == e.object && d.task == e.task) return;
  }
  w_.add(act, e);
}

void AccessDeeds::page(const Event& e) {
  if (e.kind == EventKind::read && e.b == kFieldMapping) return pointer(e, Act::mapping);
  const bool ours = is_in(w_.f.pages, e.object.ordinal);
  if (!ours) return;
  if (e.b == kFieldMapping && e.kind == EventKind::write && w_.f.has(kLinks))
    w_.add(Act::mapping, e);
  if (e.b == kFieldContents && w_.f.has(kData)) w_.add(Act::copy, e);
  const bool changes = e.kind != EventKind::read;
  if (is_count_field(e.b) && changes && w_.f.has(kCounts)) w_.add(Act::reference, e);
}

void AccessDeeds::anon_vma(const Event& e) {
  if (!w_.f.has(kReferences) || !is_in(w_.f.anon_vmas, e.object.ordinal)) return;
  if (e.b == kFieldAnonRoot && w_.f.has(kLocks)) w_.add(Act::root, e);
  if (e.b == kFieldAnonRefcount && e.kind != EventKind::read) w_.add(Act::reference, e);
}

}  // namespace rmap
