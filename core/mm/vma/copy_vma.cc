// SPDX-License-Identifier: Apache-2.0
#include "core/mm/vma/copy_vma.h"

#include "core/mm/rmap/anon_vma.h"
#include "core/mm/vma/merge.h"
#include "core/mm/vma/vma.h"

namespace rmap {

namespace {

// The order of a merged destination and its source, for the walks to come.
void order_merged(World& w, Vma& new_vma) {
  switch (w.kernel.merge_order) {
    case MergeOrder::as_found: break;
    case MergeOrder::move_to_tail: anon_vma_moveto_tail(w, new_vma); break;
  }
}

// A fresh vma at [addr, addr + len), linked to the anon_vmas of `src`; null when an allocation
// fails.
Vma* fresh_copy(World& w, Vma& src, PageNr addr, PageNr len, PageNr pgoff) {
  Vma* fresh = vma_dup(w, src, "copy_vma/alloc"_site);
  if (fresh == nullptr) return nullptr;
  cover(w, "copy_vma/fresh"_site);
  const auto set_range = [&] {
    w.oracle.ranges.changes(w, *fresh, "copy_vma/vm_start"_site);
    fresh->vm_start.store(w.at(*fresh), addr, "copy_vma/vm_start"_site);
    fresh->vm_end.store(w.at(*fresh), addr + len, "copy_vma/vm_end"_site);
    fresh->vm_pgoff.store(w.at(*fresh), pgoff, "copy_vma/vm_pgoff"_site);
    w.oracle.ranges.changed(*fresh);
  };
  if (!has_chains(w.kernel.anon_topology)) {  // vma_link()
    set_range();
    AnonVmaGuard anon_vma(w, fresh->anon_ref(), "anon_vma_link/lock"_site);
    insert_vm_struct(w, w.mm_of(src), *fresh, "copy_vma/insert"_site);
    __anon_vma_link(w, *fresh);
    return fresh;
  }
  bool linked = false;
  switch (w.kernel.copy_link) {
    case CopyLink::clone_then_range:  // A walk may meet it with the source's range, or half of it.
      linked = anon_vma_clone(w, *fresh, src) == kOk;
      if (linked) set_range();
      break;
    case CopyLink::range_then_clone:
      set_range();
      linked = anon_vma_clone(w, *fresh, src) == kOk;
      break;
  }
  if (!linked) {
    vma_free(w, *fresh);
    return nullptr;
  }
  // Until 5e549e989f94 vma_link() held the vma's own anon_vma lock, for nothing. It went days after
  // that lock became the root's.
  const bool locks = !locks_root(w.kernel.lock_scope);
  AnonVmaGuard anon_vma(w, locks ? fresh->anon_ref() : AnonVmaRef{}, "anon_vma_link/lock"_site);
  insert_vm_struct(w, w.mm_of(src), *fresh, "copy_vma/insert"_site);
  return fresh;
}

}  // namespace

Copy copy_vma(World& w, Vma*& src, PageNr addr, PageNr len, PageNr pgoff, bool keep_source) {
  Mm& mm = w.mm_of(*src);
  const PageNr src_start = src->vm_start.peek();
  const bool faulted_in_anon_vma = src->anon().valid();
  // No page is there to be found at its old pgoff: take the one that makes merging likely.
  if (!faulted_in_anon_vma) pgoff = addr;

  const uint32_t at = find_vma_position(w, mm, addr);
  Vma* prev = at > 0 ? &w.vma(mm.vmas[at - 1]) : nullptr;
  Copy copy;
  const bool may_merge_with_source =
      !keep_source || faulted_in_anon_vma || may_merge_with_itself(w.kernel.keep_source);
  MergeRequest r = request_like(*src, addr, addr + len, pgoff);
  r.moves_from = src;
  r.may_merge_with_source = may_merge_with_source;
  copy.vma = vma_merge(w, mm, prev, r);
  if (copy.vma == nullptr) {
    copy.vma = fresh_copy(w, *src, addr, len, pgoff);
    return copy;
  }
  const bool self = src_start >= copy.vma->vm_start.peek() && src_start < copy.vma->vm_end.peek();
  cover(w, self ? "copy_vma/self_merged"_site : "copy_vma/merged"_site);
  if (self) {
    w.oracle.judges(Rule::self_merge);
    if (faulted_in_anon_vma)
      w.oracle.finding(Rule::self_merge, Manner::none, vma_object(w.id(*src)), {},
                       "copy_vma/self_merged"_site);
    src = copy.vma;
  } else {
    order_merged(w, *copy.vma);
  }
  // In a tree the lower pgoff is visited first; a source that is not strictly lower is locked.
  copy.need_rmap_locks = copy.vma->vm_pgoff.peek() <= src->vm_pgoff.peek();
  return copy;
}

}  // namespace rmap
