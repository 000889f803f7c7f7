// SPDX-License-Identifier: Apache-2.0
#include "core/mm/vma/adjust.h"

#include "core/mm/rmap/anon_vma.h"
#include "core/mm/vma/vma.h"

namespace rmap {
namespace {

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
    if (a.swallow_another && imports_up_front(w.kernel.swallow_import) && !a.next->anon().valid())
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

// Easily overlooked: a vma that gets pages has to be linked to their anon_vmas.
int import_anon_vma(World& w, const Adjustment& a) {
  if (!has_chains(w.kernel.anon_topology) || a.exporter == nullptr) return kOk;
  if (!a.exporter->anon().valid() || a.importer->anon().valid()) return kOk;
  cover(w, "vma_adjust/imported"_site);
  const auto publish = [&](uint16_t anon_vma) {
    a.importer->anon_vma.store(w.at_link(*a.importer), anon_vma, "vma_adjust/import"_site);
  };
  Vma& source = clones_exporter(w.kernel.import_source) ? *a.exporter : *a.vma;
  switch (w.kernel.import_order) {
    case ImportOrder::clone_first: {
      const int error = anon_vma_clone(w, *a.importer, source);
      if (error == kOk) publish(a.exporter->anon_vma.peek());
      return error;
    }
    case ImportOrder::publish_first: {
      publish(a.exporter->anon_vma.peek());
      const int error = anon_vma_clone(w, *a.importer, source);
      if (error != kOk && leaves_it_to_the_caller(w.kernel.clone_unwind)) publish(0);
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

void set_ranges(World& w, const Adjustment& a) {
  Vma& vma = *a.vma;
  Vma* shifted = a.adjust_next != 0 ? a.next : nullptr;
  range_change_begins(w, vma, "vma_adjust/vm_start"_site);
  if (shifted != nullptr) range_change_begins(w, *shifted, "vma_adjust/next_start"_site);
  vma.vm_start.store(w.at(vma), a.start, "vma_adjust/vm_start"_site);
  vma.vm_end.store(w.at(vma), a.end, "vma_adjust/vm_end"_site);
  vma.vm_pgoff.store(w.at(vma), a.pgoff, "vma_adjust/vm_pgoff"_site);
  w.oracle.ranges.changed(vma);
  if (shifted != nullptr) {
    shifted->vm_start.store(w.at(*shifted), shifted->vm_start.peek() + a.adjust_next,
                            "vma_adjust/next_start"_site);
    shifted->vm_pgoff.store(w.at(*shifted), shifted->vm_pgoff.peek() + a.adjust_next,
                            "vma_adjust/next_pgoff"_site);
    w.oracle.ranges.changed(*shifted);
  }
  range_change_ends(w, vma, "vma_adjust/vm_pgoff"_site);
  if (shifted != nullptr) range_change_ends(w, *shifted, "vma_adjust/next_pgoff"_site);
}

// One round of vma_adjust(), under the anon_vma lock if the kernel takes it.
void adjust(World& w, Mm& mm, const Adjustment& a) {
  const bool single = !has_chains(w.kernel.anon_topology);
  const AnonVmaRef locked = anon_vma_to_lock(w, a);
  AnonVmaGuard lock(w, locked, "vma_adjust/anon_vma"_site);
  w.oracle.ranges.section_begins();
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
  w.oracle.actors.took_effect();
  w.oracle.ranges.section_ends(w, *a.vma, "vma_adjust/vm_pgoff"_site);
}

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

}  // namespace

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

void range_change_begins(World& w, Vma& vma, Site site) {
  if (is_tree(w.kernel.rmap_index)) anon_vma_interval_tree_pre_update_vma(w, vma, site);
  w.oracle.ranges.changes(w, vma, site);
}
void range_change_ends(World& w, Vma& vma, Site site) {
  if (is_tree(w.kernel.rmap_index)) anon_vma_interval_tree_post_update_vma(w, vma, site);
}

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
    const bool imports = first || !imports_up_front(w.kernel.swallow_import);
    const int error = import_and_adjust(w, a, imports, r);
    if (error != kOk || !a.swallow_another) return error;
  }
}

int vma_adjust(World& w, Vma& vma, PageNr start, PageNr end, PageNr pgoff, Vma* insert) {
  return adjust_for_merge(w, vma, start, end, pgoff, insert, {});
}

}  // namespace rmap
