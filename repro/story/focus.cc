// SPDX-License-Identifier: Apache-2.0
#include "repro/story/focus.h"

#include "repro/trace/rows.h"

namespace rmap {
namespace {

using sched::Event;
using sched::EventKind;

uint16_t aspects_of(const sched::Violation& v) {
  switch (static_cast<Rule>(v.rule)) {
    case Rule::none: break;
    case Rule::lock_order: return kLocks;
    case Rule::sleep_in_atomic: return kLocks | kLinks | kReferences;
    case Rule::missed_pte: return kEntries | kWalks | kRanges;
    case Rule::stale_entry:
    case Rule::unlocked_entry: return kEntries | kWalks | kRanges | kPageLocks;
    case Rule::self_merge: return kRanges | kLinks;
    case Rule::outside_vma: return kWalks | kRanges;
    case Rule::mapcount: return kEntries | kCounts;
    case Rule::unreachable:
      if (static_cast<Manner>(v.manner) == Manner::anon_vma)
        return kEntries | kRanges | kLinks | kReferences;
      return kEntries | kRanges | kLinks | kIndex;
    case Rule::use_after_free:
      if (static_cast<Manner>(v.manner) == Manner::anon_vma) return kLinks | kReferences | kWalks;
      if (static_cast<Manner>(v.manner) == Manner::vma) return kLinks | kRanges | kWalks;
      return kEntries | kCounts;
    case Rule::wrong_data:
    case Rule::lost_data: return kData | kEntries;
    case Rule::leak:
      if (static_cast<Manner>(v.manner) == Manner::page) return kEntries | kCounts;
      return kLinks | kReferences | kRanges;
    case Rule::anon_vma_count: return kLinks | kReferences;
    case Rule::foreign_unlock: return kLinks | kReferences | kLocks;
    case Rule::list_race: return kLinks | kLocks;
    case Rule::chain_order:
    case Rule::chain_mismatch: return kLinks | kRanges;
    case Rule::unfaulted_pgoff: return kRanges | kLinks | kEntries;
    case Rule::early_unreachable:
    case Rule::early_order: return kEntries | kRanges | kLinks;
  }
  return 0;
}

class Finder {
 public:
  explicit Finder(const Recording& r)
      : r_(r), events_(r.trace.events()), v_(r.result.outcome.violation) {}

  Focus find() {
    if (r_.result.outcome.ending == sched::Ending::violation) {
      f_.aspects = aspects_of(v_);
      add_object();
      add_place();
    } else {
      add_waits();
      add_retried();
    }
    follow_back();
    add_walk();
    add_vmas_of_places();
    add_vmas_of_same_anon_vma();
    add_anon_vmas();
    return f_;
  }

 private:
  void add_waits() {
    f_.aspects = kLocks;
    for (const sched::Wait& wait : r_.result.outcome.waits) f_.locks.push_back(wait.object);
  }
  // What a livelock is about: the entry that somebody waits for to go away.
  void add_retried() {
    const std::optional<uint32_t> last = last_retried_entry(r_);
    if (!last) return;
    f_.aspects = kEntries | kWalks | kRanges;
    f_.places.set(events_[*last].object.ordinal);
    f_.pages.set(page_of(events_[*last].a));
  }

  void add_object() {
    switch (v_.object.cls) {
      case kPageObject: f_.pages.set(v_.object.ordinal); break;
      case kPteObject: f_.places.set(v_.object.ordinal); break;
      case kVmaObject: f_.vmas.set(v_.object.ordinal); break;
      case kAnonVmaObject:
      case kAnonVmaLock:
      case kAnonVmaSpinLock: f_.anon_vmas.set(v_.object.ordinal); break;
      default: break;
    }
    if (f_.has(kLocks)) f_.locks.push_back(v_.object);
  }

  void add_place() {
    if (v_.rule < sched::kClientRules) return;
    const FindingDetail d = unpack_detail(v_);
    if (d.mm.value < kMmsMax && d.address < kWindowPages)
      f_.places.set(d.mm.value * kWindowPages + d.address);
  }

  // Where the pages and the entries came from, from the newest event to the oldest.
  void follow_back() {
    std::vector<uint64_t> before(events_.size());
    Shadow shadow(r_);
    for (uint32_t i = 0; i < events_.size(); i++) {
      if (is_entry_write(events_[i])) before[i] = shadow.entry(events_[i].object.ordinal);
      shadow.apply(events_[i]);
    }
    const bool by_place = f_.has(kData);
    for (uint32_t i = static_cast<uint32_t>(events_.size()); i-- > 0;) {
      const Event& e = events_[i];
      if (!is_entry_write(e)) continue;
      const bool here = is_in(f_.places, e.object.ordinal);
      if (by_place && here && kind_of(e.a) == PteKind::present) f_.pages.set(page_of(e.a));
      if (by_place && here && kind_of(before[i]) == PteKind::present)
        f_.pages.set(page_of(before[i]));
      const bool was_migrated = kind_of(e.a) == PteKind::present &&
                                kind_of(before[i]) == PteKind::migration && f_.has_page(e.a);
      if (was_migrated) f_.pages.set(page_of(before[i]));
    }
  }
  static bool is_entry_write(const Event& e) {
    return e.kind == EventKind::write && e.object.cls == kPteObject && e.b == kFieldPte;
  }

  // The last walk of whoever noticed; else the last one for the page that had to be exact.
  void add_walk() {
    if (!f_.has(kWalks)) return;
    for (uint32_t i = 0; i < events_.size(); i++) {
      const Event& e = events_[i];
      if (!is_note(e, Note::walk_begin)) continue;
      const bool of_page = is_in(f_.pages, e.object.ordinal) && kSites[e.site] == "rmap_walk/walk";
      const bool noticed = e.task == v_.task && f_.pages.none();
      if (!of_page && !noticed) continue;
      f_.walker = e.task;
      f_.walk_begin = i;
      f_.pages.set(e.object.ordinal);
    }
    for (uint32_t i = f_.walk_begin; f_.walker != sched::kNoTask && i < events_.size(); i++) {
      const Event& e = events_[i];
      if (e.task != f_.walker) continue;
      if (is_note(e, Note::walk_look) && e.b < kVmasMax) f_.vmas.set(e.b);
      if (is_note(e, Note::walk_outside)) f_.vmas.set(e.object.ordinal);
    }
  }

  void add_vmas_of_places() {
    for (uint32_t place = 0; place < f_.places.size(); place++) {
      if (!f_.places[place]) continue;
      for (const World* w : {r_.start.get(), r_.end.get()}) add_vmas_at(w, place);
    }
  }
  void add_vmas_at(const World* w, uint32_t place) {
    if (w == nullptr) return;
    for (uint32_t i = 0; i < kVmasMax; i++) {
      const Vma& vma = w->vmas[i];
      const PageNr address = place % kWindowPages;
      if (vma.allocated && vma.mm.value == place / kWindowPages && address >= vma.vm_start.peek() &&
          address < vma.vm_end.peek())
        f_.vmas.set(i);
    }
  }

  // Two vmas whose chains should be the same.
  void add_vmas_of_same_anon_vma() {
    if (static_cast<Rule>(v_.rule) != Rule::chain_mismatch || v_.object.cls != kVmaObject) return;
    const AnonVmaId own = r_.end->vmas[v_.object.ordinal].anon();
    for (uint32_t i = 0; i < kVmasMax; i++) {
      const Vma& vma = r_.end->vmas[i];
      if (vma.allocated && own.valid() && vma.anon() == own) f_.vmas.set(i);
    }
  }

  void add_anon_vmas() {
    for (const Event& e : events_) {
      if (f_.has(kLocks) && e.b == kFieldAnonRoot && e.object.cls == kAnonVmaObject)
        add_anon_vma(e.object.ordinal);
      const bool access = e.kind == EventKind::read || e.kind == EventKind::write;
      if (!access || (e.a & 0xff) == 0) continue;
      const bool of_page =
          e.object.cls == kPageObject && e.b == kFieldMapping && is_in(f_.pages, e.object.ordinal);
      if (of_page) add_anon_vma(static_cast<uint32_t>(e.a & 0xff) - 1);
    }
    for (const World* w : {r_.start.get(), r_.end.get()}) add_anon_vmas_of(w);
  }
  void add_anon_vmas_of(const World* w) {
    if (w == nullptr) return;
    for (uint32_t i = 0; i < kFramesMax; i++) {
      if (f_.pages[i] && w->pages[i].allocated && w->pages[i].mapping.peek() != 0)
        add_anon_vma(AnonVmaRef::of(w->pages[i].mapping.peek()).id.value);
    }
    for (uint32_t i = 0; i < kVmasMax; i++) {
      if (f_.vmas[i] && w->vmas[i].allocated && w->vmas[i].anon().valid())
        add_anon_vma(w->vmas[i].anon().value);
    }
    for (uint32_t i = 0; i < kAnonVmasMax; i++) {
      if (f_.anon_vmas[i] && w->anon_vmas[i].allocated && w->anon_vmas[i].root.peek() != 0)
        add_anon_vma(w->anon_vmas[i].root_id().value);
    }
  }
  void add_anon_vma(uint32_t id) {
    if (id < kAnonVmasMax) f_.anon_vmas.set(id);
  }

  const Recording& r_;
  std::span<const Event> events_;
  const sched::Violation& v_;
  Focus f_;
};

}  // namespace

std::optional<uint32_t> last_retried_entry(const Recording& r) {
  const auto events = r.trace.events();
  if (r.result.outcome.ending != sched::Ending::livelock) return std::nullopt;
  for (uint32_t i = static_cast<uint32_t>(events.size()); i-- > 0;) {
    const Event& e = events[i];
    if (kSites[e.site] == "migration_entry_wait/read" && e.object.cls == kPteObject) return i;
  }
  return std::nullopt;
}

PteKind kind_of(uint64_t word) { return static_cast<PteKind>(word >> 16); }
uint32_t page_of(uint64_t word) { return word & 0xff; }

bool Focus::has_page(uint64_t word) const {
  const bool names_page = kind_of(word) == PteKind::present || kind_of(word) == PteKind::migration;
  return names_page && page_of(word) < pages.size() && pages[page_of(word)];
}

Focus focus_of(const Recording& r) { return Finder(r).find(); }

}  // namespace rmap
