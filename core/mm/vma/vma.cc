// SPDX-License-Identifier: Apache-2.0
#include "core/mm/vma/vma.h"

#include "core/mm/rmap/anon_vma.h"

namespace rmap {
namespace {

PageNr start_of(World& w, const Vma& v) { return v.vm_start.load(w.at(v), "find_vma/range"_site); }
PageNr end_of(World& w, const Vma& v) { return v.vm_end.load(w.at(v), "find_vma/range"_site); }
PageNr pgoff_of(World& w, const Vma& v) { return v.vm_pgoff.load(w.at(v), "find_vma/range"_site); }

// The vmas of an mm are followed under mmap_sem, and changed under mmap_sem for write.
void vmas_used(World& w, const Mm& mm, bool changes, Site site) {
  const RwSem& sem = mm.mmap_sem;
  const bool locked = sem.held_for_write() || (!changes && sem.held_for_read());
  w.oracle.list_used(w, w.mm(w.id(mm)).vmas_use, sem.object(), locked, changes, site);
}

uint32_t position(World& w, const Mm& mm, const Vma& vma) {
  vmas_used(w, mm, false, "find_vma/range"_site);
  for (uint32_t i = 0; i < mm.vmas.size(); i++) {
    if (mm.vmas[i] == w.id(vma)) return i;
  }
  return mm.vmas.size();
}

// is_mergeable_anon_vma(): whether pages of `a` and pages of `vma`, the neighbour, can be in one
// vma. With no neighbour given, `a` and `b` are those of two neighbours that would become one.
bool is_mergeable_anon_vma(const World& w, AnonVmaRef a, AnonVmaRef b, const Vma* vma,
                           const Vma* source) {
  const bool one_is_none = !a.valid() || !b.valid();
  switch (w.kernel.merge_anon) {
    case MergeAnon::equal_or_none:
      if (one_is_none) return true;
      break;
    case MergeAnon::singular_if_none:
      if (one_is_none && (vma == nullptr || chain_is_singular(*vma))) return true;
      break;
    case MergeAnon::unfaulted_too: {
      if (!one_is_none || vma == nullptr) break;
      const Vma* faulted = a.valid() ? source : vma;
      if (faulted == nullptr || !faulted->anon().valid() || chain_is_singular(*faulted))
        return true;
      break;
    }
  }
  return a.id == b.id || (vma == nullptr && one_is_none);
}

bool is_mergeable_vma(const Vma& v, const MergeRequest& r) {
  return v.can_write == r.can_write && v.grows_down == r.grows_down && v.accounted == r.accounted;
}

// The vma whose pages are to be merged, where is_mergeable_anon_vma() knows it.
const Vma* merge_source(const World& w, const MergeRequest& r) {
  switch (w.kernel.copy_fork) {
    case CopyFork::merges: return r.existing;
    case CopyFork::refused: break;
  }
  return r.existing != nullptr ? r.existing : r.moves_from;
}

bool can_vma_merge_after(World& w, const Vma& prev, const MergeRequest& r) {
  return is_mergeable_vma(prev, r) &&
         is_mergeable_anon_vma(w, r.anon_vma, prev.anon_ref(), &prev, merge_source(w, r)) &&
         pgoff_of(w, prev) + vma_pages(prev) == r.pgoff;
}

bool can_vma_merge_before(World& w, const Vma& next, const MergeRequest& r) {
  return is_mergeable_vma(next, r) &&
         is_mergeable_anon_vma(w, r.anon_vma, next.anon_ref(), &next, merge_source(w, r)) &&
         pgoff_of(w, next) == r.pgoff + (r.end - r.start);
}

// What vma_adjust() is about to do with a vma and its neighbour.
struct Adjustment {
  Vma* vma = nullptr;   // Gets the range.
  Vma* next = nullptr;  // The vma after it; the one before, where vma grows down over that.
  Vma* insert = nullptr;
  PageNr start = 0, end = 0, pgoff = 0;
  bool remove_next = false;      // vma grows over all of next,
  bool swallow_another = false;  // and over the one after it: that is done in a second round.
  PageNr adjust_next = 0;        // How far the boundary moves up; down, it wraps.
  Vma* exporter = nullptr;       // Pages go from this vma
  Vma* importer = nullptr;       // to this one.
};

Adjustment plan(World& w, Vma& vma, PageNr start, PageNr end, PageNr pgoff, Vma* insert) {
  Adjustment a;
  a.vma = &vma;
  a.next = next_vma(w, vma);
  a.insert = insert;
  a.start = start;
  a.end = end;
  a.pgoff = pgoff;
  if (a.next == nullptr || insert != nullptr) return a;
  const PageNr next_start = a.next->vm_start.peek();
  const PageNr next_end = a.next->vm_end.peek();
  if (end >= next_end) {
    a.remove_next = true;
    a.swallow_another = end > next_end;
    a.end = next_end;
    a.exporter = a.next;
    a.importer = &vma;
    if (a.swallow_another && w.kernel.swallow_import == SwallowImport::up_front &&
        !a.next->anon().valid())
      a.exporter = next_vma(w, *a.next);
  } else if (end > next_start) {  // mprotect case 5, shifting the boundary up.
    a.adjust_next = end - next_start;
    a.exporter = a.next;
    a.importer = &vma;
  } else if (end < vma.vm_end.peek()) {  // mprotect case 4, shifting the boundary down.
    a.adjust_next = end - vma.vm_end.peek();
    a.exporter = &vma;
    a.importer = a.next;
  }
  return a;
}

// Case 8 since e86f15ee64d8: the vma after `vma` grows down over it, and `vma` goes.
Adjustment plan_grow_down(World& w, Vma& vma, PageNr start, PageNr pgoff) {
  Adjustment a;
  a.vma = a.importer = next_vma(w, vma);
  a.next = a.exporter = &vma;
  a.start = start;
  a.end = a.vma->vm_end.peek();
  a.pgoff = pgoff;
  a.remove_next = true;
  return a;
}

// Easily overlooked: a vma that gets pages has to be linked to their anon_vmas.
int import_anon_vma(World& w, const Adjustment& a) {
  if (w.kernel.anon_topology == AnonTopology::single || a.exporter == nullptr) return kOk;
  if (!a.exporter->anon().valid() || a.importer->anon().valid()) return kOk;
  cover(w, "vma_adjust/imported"_site);
  const auto publish = [&](uint16_t anon_vma) {
    a.importer->anon_vma.store(w.at_link(*a.importer), anon_vma, "vma_adjust/import"_site);
  };
  Vma& source = w.kernel.import_source == ImportSource::exporter ? *a.exporter : *a.vma;
  switch (w.kernel.import_order) {
    case ImportOrder::clone_first: {
      const int error = anon_vma_clone(w, *a.importer, source);
      if (error == kOk) publish(a.exporter->anon_vma.peek());
      return error;
    }
    case ImportOrder::publish_first: {
      publish(a.exporter->anon_vma.peek());
      const int error = anon_vma_clone(w, *a.importer, source);
      if (error != kOk && w.kernel.clone_unwind == CloneUnwind::keeps_anon_vma) publish(0);
      return error;
    }
  }
  return kOk;
}

// The anon_vma that vma_adjust() locks, or none.
AnonVmaRef anon_vma_to_lock(const World& w, const Adjustment& a) {
  const AnonVmaRef own = a.vma->anon_ref();
  const bool start_moves = a.start != a.vma->vm_start.peek();
  switch (w.kernel.adjust_lock) {
    // "When changing only vma->vm_end, we don't really need anon_vma lock": harmless as long as no
    // pte moves.
    case AdjustLock::own_or_import:
      if (own.valid() && (a.insert != nullptr || a.importer != nullptr || start_moves)) return own;
      return a.importer != nullptr ? a.next->anon_ref() : AnonVmaRef{};
    case AdjustLock::never: return {};
    case AdjustLock::unless_only_end:
      return a.insert != nullptr || a.importer != nullptr || start_moves ? own : AnonVmaRef{};
    case AdjustLock::start_or_import:
      return a.importer != nullptr || start_moves ? own : AnonVmaRef{};
    case AdjustLock::start_import_or_next:
      if (own.valid() && (a.importer != nullptr || start_moves)) return own;
      return a.adjust_next != 0 ? a.next->anon_ref() : AnonVmaRef{};
    case AdjustLock::always: return own.valid() || a.adjust_next == 0 ? own : a.next->anon_ref();
  }
  return own;
}

// Whose words are about to be written one by one, and have been. In between it is in no tree.
void range_change_begins(World& w, Vma& vma, Site site) {
  if (w.kernel.rmap_index == RmapIndex::interval_tree)
    anon_vma_interval_tree_pre_update_vma(w, vma, site);
  w.oracle.range_changes(vma, site);
}
void range_change_ends(World& w, Vma& vma, Site site) {
  if (w.kernel.rmap_index == RmapIndex::interval_tree)
    anon_vma_interval_tree_post_update_vma(w, vma, site);
}

void set_ranges(World& w, const Adjustment& a) {
  Vma& vma = *a.vma;
  Vma* shifted = a.adjust_next != 0 ? a.next : nullptr;
  range_change_begins(w, vma, "vma_adjust/vm_start"_site);
  if (shifted != nullptr) range_change_begins(w, *shifted, "vma_adjust/next_start"_site);
  vma.vm_start.store(w.at(vma), a.start, "vma_adjust/vm_start"_site);
  vma.vm_end.store(w.at(vma), a.end, "vma_adjust/vm_end"_site);
  vma.vm_pgoff.store(w.at(vma), a.pgoff, "vma_adjust/vm_pgoff"_site);
  w.oracle.range_changed(vma);
  if (shifted != nullptr) {
    shifted->vm_start.store(w.at(*shifted), shifted->vm_start.peek() + a.adjust_next,
                            "vma_adjust/next_start"_site);
    shifted->vm_pgoff.store(w.at(*shifted), shifted->vm_pgoff.peek() + a.adjust_next,
                            "vma_adjust/next_pgoff"_site);
    w.oracle.range_changed(*shifted);
  }
  range_change_ends(w, vma, "vma_adjust/vm_pgoff"_site);
  if (shifted != nullptr) range_change_ends(w, *shifted, "vma_adjust/next_pgoff"_site);
}

void remove_from_mm(World& w, Mm& mm, Vma& vma, Site site) {
  vmas_used(w, mm, true, site);
  mm.vmas.erase_at(position(w, mm, vma));
  vma.in_mm = false;
  note_vma(w, Note::remove, vma, w.id(mm).value, site);
}

// One round of vma_adjust(), under the anon_vma lock if the kernel takes it.
void adjust(World& w, Mm& mm, const Adjustment& a) {
  const bool single = w.kernel.anon_topology == AnonTopology::single;
  const AnonVmaRef locked = anon_vma_to_lock(w, a);
  AnonVmaGuard lock(w, locked, "vma_adjust/anon_vma"_site);
  w.oracle.section_begins();
  if (single && a.importer != nullptr && locked.valid() && !a.importer->anon().valid()) {
    cover(w, "vma_adjust/imported"_site);
    a.importer->anon_vma.store(w.at_link(*a.importer), locked.word(), "vma_adjust/import"_site);
    __anon_vma_link(w, *a.importer);
  }
  set_ranges(w, a);
  if (a.remove_next) {
    remove_from_mm(w, mm, *a.next, "vma_adjust/remove"_site);
    if (single) __anon_vma_merge(w, *a.next);
  } else if (a.insert != nullptr) {
    insert_vm_struct(w, mm, *a.insert, "vma_adjust/insert"_site);
    if (single) __anon_vma_link(w, *a.insert);
  }
  w.oracle.took_effect();
  w.oracle.section_ends(w, *a.vma, "vma_adjust/vm_pgoff"_site);
}

}  // namespace

uint32_t find_vma_position(World& w, Mm& mm, PageNr address) {
  vmas_used(w, mm, false, "find_vma/range"_site);
  uint32_t i = 0;
  while (i < mm.vmas.size() && end_of(w, w.vma(mm.vmas[i])) <= address) i++;
  return i;
}

Vma* find_vma(World& w, Mm& mm, PageNr address) {
  const uint32_t i = find_vma_position(w, mm, address);
  return i < mm.vmas.size() ? &w.vma(mm.vmas[i]) : nullptr;
}

Vma* next_vma(World& w, const Vma& vma) {
  const Mm& mm = w.mm_of(vma);
  const uint32_t i = position(w, mm, vma) + 1;
  return i < mm.vmas.size() ? &w.vma(mm.vmas[i]) : nullptr;
}

Vma* prev_vma(World& w, const Vma& vma) {
  const Mm& mm = w.mm_of(vma);
  const uint32_t i = position(w, mm, vma);
  return i > 0 && i <= mm.vmas.size() ? &w.vma(mm.vmas[i - 1]) : nullptr;
}

Vma* vma_alloc(World& w, Site site) {
  if (w.allocation_fails(site)) return nullptr;
  for (Vma& vma : w.vmas) {
    if (vma.allocated) continue;
    const uint8_t life = vma.life;
    vma = {};
    vma.life = life;
    vma.allocated = true;
    return &vma;
  }
  return nullptr;
}

Vma* vma_dup(World& w, const Vma& vma, Site site) {
  Vma* fresh = vma_alloc(w, site);
  if (fresh == nullptr) return nullptr;
  fresh->mm = vma.mm;
  fresh->can_write = vma.can_write;
  fresh->grows_down = vma.grows_down;
  fresh->accounted = vma.accounted;
  fresh->anon_vma.init(vma.anon_vma.peek());
  fresh->vm_start.init(vma.vm_start.peek());
  fresh->vm_end.init(vma.vm_end.peek());
  fresh->vm_pgoff.init(vma.vm_pgoff.peek());
  fresh->whole = fresh->whole_before = fresh->range_now();
  return fresh;
}

void vma_free(World&, Vma& vma) {
  vma.allocated = false;
  vma.published = false;
  vma.life++;
}

void insert_vm_struct(World& w, Mm& mm, Vma& vma, Site site) {
  vmas_used(w, mm, true, site);
  const PageNr start = vma.vm_start.peek();
  uint32_t i = 0;
  while (i < mm.vmas.size() && w.vma(mm.vmas[i]).vm_start.peek() < start) i++;
  mm.vmas.push_back({});
  for (uint32_t k = mm.vmas.size() - 1; k > i; k--) mm.vmas[k] = mm.vmas[k - 1];
  mm.vmas[i] = w.id(vma);
  vma.published = vma.in_mm = true;
  w.oracle.took_effect();
  note_vma(w, Note::insert, vma, w.id(mm).value, site);
}

namespace {

// 61f67c230a5e: what mremap moves into an unfaulted vma brings its anon_vmas along.
int import_from_source(World& w, Vma& target, const MergeRequest& r) {
  switch (w.kernel.copy_import) {
    case CopyImport::none: return kOk;
    case CopyImport::clones: break;
  }
  if (r.moves_from == nullptr || !r.anon_vma.valid() || target.anon().valid()) return kOk;
  cover(w, "vma_merge/imported"_site);
  target.anon_vma.store(w.at_link(target), r.anon_vma.word(), "vma_adjust/import"_site);
  return anon_vma_clone(w, target, *r.moves_from);
}

// One round: 0 or -ENOMEM, with nothing changed.
int import_and_adjust(World& w, const Adjustment& a, bool imports, const MergeRequest& r) {
  int error = imports ? import_anon_vma(w, a) : kOk;
  if (error == kOk) error = import_from_source(w, *a.vma, r);
  if (error != kOk) return error;
  adjust(w, w.mm_of(*a.vma), a);
  if (!a.remove_next) return kOk;
  if (a.next->anon().valid()) unlink_anon_vmas(w, *a.next);  // anon_vma_merge()
  vma_free(w, *a.next);
  return kOk;
}

// Simplified: two rounds, each under the lock; since 6.1 both vmas go in one.
//
// vma_adjust() on behalf of vma_merge(). True to the era: until 4.7 a failure in the second round
// leaves the first one done.
int adjust_for_merge(World& w, Vma& vma, PageNr start, PageNr end, PageNr pgoff, Vma* insert,
                     const MergeRequest& r) {
  CHECK(w.mm_of(vma).mmap_sem.held_for_write());
  for (bool first = true;; first = false) {
    const Adjustment a = plan(w, vma, start, end, pgoff, insert);
    const bool imports = first || w.kernel.swallow_import == SwallowImport::each_round;
    const int error = import_and_adjust(w, a, imports, r);
    if (error != kOk || !a.swallow_another) return error;
  }
}

// The vma that covers the range then, or null.
Vma* merge_into(World& w, Vma& target, PageNr start, PageNr end, PageNr pgoff, MergeRequest& r) {
  r.no_memory = adjust_for_merge(w, target, start, end, pgoff, nullptr, r) != kOk;
  return r.no_memory ? nullptr : &target;
}

// Cases 3 and 8. `area` is the next vma itself, or the one in the middle.
Vma* merge_before(World& w, Vma& area, Vma& next, MergeRequest& r) {
  const PageNr pgoff = pgoff_of(w, next) - (r.end - r.start);
  if (&area != &next) {
    switch (w.kernel.merge_right) {
      case MergeRight::middle_stays: break;
      case MergeRight::next_stays: {
        const Adjustment a = plan_grow_down(w, area, r.start, pgoff);
        r.no_memory = import_and_adjust(w, a, true, r) != kOk;
        return r.no_memory ? nullptr : &next;
      }
    }
  } else if (r.moves_from != nullptr && w.kernel.grow_down_pgoff == GrowDownPgoff::kept) {
    return merge_into(w, area, r.start, end_of(w, next), pgoff_of(w, next), r);
  }
  return merge_into(w, area, r.start, end_of(w, next), pgoff, r);
}

bool is_kept_source(const MergeRequest& r, const Vma* v) {
  return !r.may_merge_with_source && v != nullptr && v == r.moves_from;
}

}  // namespace

int vma_adjust(World& w, Vma& vma, PageNr start, PageNr end, PageNr pgoff, Vma* insert) {
  return adjust_for_merge(w, vma, start, end, pgoff, insert, {});
}

// The cases are numbered as in the comment above vma_merge() in mm/mmap.c: 1 to 3 fill a hole, 4 to
// 8 change a range that is mapped already.
//
// Simplified: the rewrites of 6.10 to 6.16 are modelled by what they do to the vmas, which is the
// same.
Vma* vma_merge(World& w, Mm& mm, Vma* prev, MergeRequest& r) {
  const uint32_t after_prev = prev != nullptr ? position(w, mm, *prev) + 1 : 0;
  Vma* area = after_prev < mm.vmas.size() ? &w.vma(mm.vmas[after_prev]) : nullptr;
  Vma* next = area;
  if (next != nullptr && end_of(w, *next) == r.end) next = next_vma(w, *next);  // Cases 6, 7, 8.
  const bool before_next = next != nullptr && start_of(w, *next) == r.end &&
                           !is_kept_source(r, next) && can_vma_merge_before(w, *next, r);

  if (prev != nullptr && end_of(w, *prev) == r.start && !is_kept_source(r, prev) &&
      can_vma_merge_after(w, *prev, r)) {
    const PageNr prev_start = start_of(w, *prev);
    const PageNr prev_pgoff = pgoff_of(w, *prev);
    const bool joins_next =
        before_next &&
        is_mergeable_anon_vma(w, prev->anon_ref(), next->anon_ref(), nullptr, nullptr);
    cover(w, joins_next ? "vma_merge/both"_site : "vma_merge/after_prev"_site);
    const PageNr end = joins_next ? end_of(w, *next) : r.end;  // Cases 1, 6; or 2, 5, 7.
    return merge_into(w, *prev, prev_start, end, prev_pgoff, r);
  }
  if (!before_next) return nullptr;
  if (prev != nullptr && r.start < end_of(w, *prev)) {
    cover(w, "vma_merge/shift_down"_site);  // Case 4.
    const PageNr prev_start = start_of(w, *prev);
    const PageNr prev_pgoff = pgoff_of(w, *prev);
    r.no_memory = vma_adjust(w, *prev, prev_start, r.start, prev_pgoff, nullptr) != kOk;
    return r.no_memory ? nullptr : next;
  }
  cover(w, "vma_merge/before_next"_site);  // Cases 3, 8.
  return merge_before(w, *area, *next, r);
}

int split_vma(World& w, Vma& vma, PageNr address, bool new_below) {
  const PageNr start = start_of(w, vma);
  const PageNr end = end_of(w, vma);
  const PageNr pgoff = pgoff_of(w, vma);
  CHECK_LT(start, address);
  CHECK_LT(address, end);
  Vma* fresh = vma_dup(w, vma, "split_vma/alloc"_site);
  if (fresh == nullptr) return kEnomem;
  cover(w, "split_vma/split"_site);
  fresh->vm_start.init(new_below ? start : address);
  fresh->vm_end.init(new_below ? address : end);
  fresh->vm_pgoff.init(new_below ? pgoff : pgoff + (address - start));
  w.oracle.range_changed(*fresh);
  const bool chains = w.kernel.anon_topology == AnonTopology::chains;
  if (chains && anon_vma_clone(w, *fresh, vma) != kOk) {
    vma_free(w, *fresh);
    return kEnomem;
  }
  // Until the range shrinks, both vmas cover the new one's pages, and a walk may see a page twice:
  // legal.
  const int error = new_below ? vma_adjust(w, vma, address, end, pgoff + (address - start), fresh)
                              : vma_adjust(w, vma, start, address, pgoff, fresh);
  CHECK_EQ(error, kOk);
  return kOk;
}

int map_anonymous(World& w, Mm& mm, PageNr start, PageNr len, bool can_write, bool grows_down,
                  Site site) {
  const uint32_t at = find_vma_position(w, mm, start);
  Vma* prev = at > 0 ? &w.vma(mm.vmas[at - 1]) : nullptr;
  MergeRequest r{.start = start,
                 .end = start + len,
                 .pgoff = start,
                 .can_write = can_write,
                 .grows_down = grows_down,
                 .accounted = can_write};
  if (vma_merge(w, mm, prev, r) != nullptr) return kOk;
  Vma* vma = vma_alloc(w, site);
  if (vma == nullptr) return kEnomem;
  vma->mm = w.id(mm);
  vma->can_write = can_write;
  vma->grows_down = grows_down;
  vma->accounted = can_write;
  vma->vm_start.init(start);
  vma->vm_end.init(start + len);
  vma->vm_pgoff.init(start);  // A private anonymous vma's pgoff is its address.
  w.oracle.range_changed(*vma);
  insert_vm_struct(w, mm, *vma, "vma_link/insert"_site);
  return kOk;
}

// Simplified: no guard gap (4.12) and no limits: they only refuse to grow. No guard page (2.6.36
// to 4.11), under which a fault at vm_start itself grows the stack, too (check_stack_guard_page()):
// in a story about such a fault of those kernels, read the address as one page higher. Since 3.8
// page_table_lock is held too, for the tree of gaps, which the model has not got.
int expand_stack(World& w, Vma& vma, PageNr address) {
  // So that locking the anon_vma is not a no-op.
  if (anon_vma_prepare(w, vma) != kOk) return kEnomem;
  const AnonVmaRef anon_vma =
      w.kernel.stack_lock == StackLock::anon_vma ? vma.anon_ref() : AnonVmaRef{};
  AnonVmaGuard lock(w, anon_vma, "expand_stack/anon_vma"_site);
  const PageNr start = vma.vm_start.load(w.at(vma), "expand_stack/recheck"_site);
  if (address >= start) return kOk;  // Somebody else's fault was faster.
  const PageNr grow = start - address;
  const PageNr pgoff = vma.vm_pgoff.load(w.at(vma), "expand_stack/recheck"_site);
  if (grow > pgoff && w.kernel.stack_pgoff == StackPgoff::checked) return kEnomem;
  cover(w, "expand_stack/grow"_site);
  w.oracle.section_begins();
  range_change_begins(w, vma, "expand_stack/vm_start"_site);
  vma.vm_start.store(w.at(vma), address, "expand_stack/vm_start"_site);
  vma.vm_pgoff.store(w.at(vma), pgoff - grow, "expand_stack/vm_pgoff"_site);
  w.oracle.range_changed(vma);
  range_change_ends(w, vma, "expand_stack/vm_pgoff"_site);
  w.oracle.took_effect();
  w.oracle.section_ends(w, vma, "expand_stack/vm_pgoff"_site);
  return kOk;
}

}  // namespace rmap
