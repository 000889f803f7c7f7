// mremap(): moves, grows and shrinks a mapping. mm/mremap.c. Read next: move_page_tables.h.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/mm/rmap/anon_vma.h"
#include "core/mm/table/move_page_tables.h"
#include "core/mm/vma/adjust.h"
#include "core/mm/vma/copy_vma.h"
#include "core/mm/vma/merge.h"
#include "core/mm/vma/munmap.h"
#include "core/mm/vma/vma.h"
#include "core/ops/ops.h"

namespace rmap {
namespace {

// The source's place in the lists before entries move back to it: now it is the destination.
void order_rollback(World& w, Vma& src) {
  switch (w.kernel.rollback_order) {
    case RollbackOrder::as_found: break;
    case RollbackOrder::move_to_tail: anon_vma_moveto_tail(w, src); break;
  }
}

// MREMAP_DONTUNMAP: what becomes of the source, which is empty now and stays.
void keep_source_mapped(World& w, Vma& vma, const Vma& new_vma, PageNr old_addr, PageNr old_len) {
  const bool whole = vma.vm_start.peek() == old_addr && vma.vm_end.peek() == old_addr + old_len;
  if (!unlinks_source(w.kernel.dontunmap) || &vma == &new_vma || !whole) return;
  cover(w, "move_vma/unlinked"_site);
  unlink_anon_vmas(w, vma);
  if (resets_pgoff(w.kernel.dontunmap_pgoff)) {
    vma.vm_pgoff.store(w.at(vma), vma.vm_start.peek(), "move_vma/vm_pgoff"_site);
    w.oracle.ranges.changed(vma);
  }
}

int move_vma(World& w, Vma* vma, PageNr old_addr, PageNr old_len, PageNr new_len, PageNr new_addr,
             bool dont_unmap) {
  Mm& mm = w.mm_of(*vma);
  // do_munmap() below may split one vma into three.
  if (mm.vmas.size() >= kMaxMapCount - 3) return kEnomem;
  const PageNr new_pgoff = vma->vm_pgoff.peek() + (old_addr - vma->vm_start.peek());
  const Copy copy = copy_vma(w, vma, new_addr, new_len, new_pgoff, dont_unmap);
  if (copy.vma == nullptr) return kEnomem;

  cover(w, "move_vma/move"_site);
  int result = kOk;
  const PageNr moved =
      move_page_tables(w, *vma, old_addr, *copy.vma, new_addr, old_len, copy.need_rmap_locks);
  if (moved < old_len) {
    // Move the entries back, which cannot fail as the tables are there, and unmap the new area
    // instead of the old.
    cover(w, "move_vma/rollback"_site);
    order_rollback(w, *vma);
    move_page_tables(w, *copy.vma, new_addr, *vma, old_addr, moved, true);
    old_addr = new_addr;
    old_len = new_len;
    result = kEnomem;
  } else if (dont_unmap) {
    keep_source_mapped(w, *vma, *copy.vma, old_addr, old_len);
    return kOk;
  }
  // A failure to split leaves the old mapping in place, empty.
  (void)do_munmap(w, mm, old_addr, old_len);
  return result;
}

// The vma that is to grow, or an error: a remap cannot cross vmas.
int vma_to_resize(World& w, Mm& mm, PageNr addr, PageNr old_len, Vma*& vma) {
  vma = find_vma(w, mm, addr);
  if (vma == nullptr || vma->vm_start.peek() > addr) return kEfault;
  return old_len > vma->vm_end.peek() - addr ? kEfault : kOk;
}

bool vma_expandable(World& w, const Vma& vma, PageNr delta) {
  const PageNr end = vma.vm_end.peek() + delta;
  if (end > kWindowPages) return false;
  const Vma* next = next_vma(w, vma);
  return next == nullptr || next->vm_start.peek() >= end;
}

// The vma grows up to `end`, into a hole; since ca3d76b0aa80 over a mergeable neighbour behind
// that.
int expand_in_place(World& w, Mm& mm, Vma& vma, PageNr end) {
  switch (w.kernel.expand_merge) {
    case ExpandMerge::never:
      return vma_adjust(w, vma, vma.vm_start.peek(), end, vma.vm_pgoff.peek(), nullptr);
    case ExpandMerge::with_next: break;
  }
  MergeRequest r = request_like(vma, vma.vm_end.peek(), end, vma.vm_pgoff.peek() + vma_pages(vma));
  return vma_merge(w, mm, &vma, r) != nullptr ? kOk : kEnomem;
}

// get_unmapped_area(): the lowest hole of `len` pages, or none.
// Simplified: bottom-up first fit; the real layout decides nothing here.
bool get_unmapped_area(World& w, const Mm& mm, PageNr len, PageNr& address) {
  address = 0;
  for (VmaId id : mm.vmas) {
    const Vma& vma = w.vma(id);
    if (vma.vm_start.peek() - address >= len) return true;
    address = vma.vm_end.peek();
  }
  return kWindowPages - address >= len;
}

// MREMAP_FIXED | MREMAP_MAYMOVE, and perhaps MREMAP_DONTUNMAP: what is wrong with such a request.
int check_mremap_to(const World& w, PageNr addr, PageNr old_len, PageNr new_addr, PageNr new_len,
                    bool dont_unmap) {
  if (dont_unmap && (!knows_dontunmap(w.kernel.dontunmap) || old_len != new_len)) return kEinval;
  if (new_len > kWindowPages || new_addr > kWindowPages - new_len) return kEinval;
  if (new_addr <= addr && new_addr + new_len > addr) return kEinval;
  return addr <= new_addr && addr + old_len > new_addr ? kEinval : kOk;
}

// Simplified: the source is looked at after the destination is unmapped, in every kernel; 5.15 and
// 6.15 look first. A request that fails then leaves another hole, and moves nothing either way.
int mremap_to(World& w, Mm& mm, PageNr addr, PageNr old_len, PageNr new_addr, PageNr new_len,
              bool dont_unmap) {
  int error = do_munmap(w, mm, new_addr, new_len);
  if (error != kOk) return error;
  if (old_len >= new_len) {
    error = do_munmap(w, mm, addr + new_len, old_len - new_len);
    if (error != kOk && old_len != new_len) return error;
    old_len = new_len;
  }
  Vma* vma = nullptr;
  error = vma_to_resize(w, mm, addr, old_len, vma);
  if (error != kOk) return error;
  return move_vma(w, vma, addr, old_len, new_len, new_addr, dont_unmap);
}

// remap_move() of 6.17: each vma of [addr, addr + len), and the gaps between them; none before the
// first. An error leaves what was moved before it moved.
int remap_move(World& w, Mm& mm, PageNr addr, PageNr len, PageNr new_addr, bool dont_unmap) {
  const PageNr end = addr + len;
  PageNr at = addr;
  while (at < end) {
    const Vma* vma = find_vma(w, mm, at);
    const PageNr vm_start = vma == nullptr ? end : vma->vm_start.peek();
    if (vm_start > addr && at == addr) return kEfault;
    if (vm_start >= end) return kOk;
    const PageNr from = std::max(vm_start, at);
    at = std::min(end, vma->vm_end.peek());
    const PageNr part = at - from;
    const int error = mremap_to(w, mm, from, part, new_addr + (from - addr), part, dont_unmap);
    if (error != kOk) return error;
  }
  return kOk;
}

int do_mremap(World& w, Mm& mm, PageNr addr, PageNr old_len, PageNr new_len, bool may_move) {
  if (old_len >= new_len) {
    const int error = do_munmap(w, mm, addr + new_len, old_len - new_len, Downgrade::allowed);
    return old_len != new_len ? error : kOk;
  }
  Vma* vma = nullptr;
  const int error = vma_to_resize(w, mm, addr, old_len, vma);
  if (error != kOk) return error;
  if (old_len == vma->vm_end.peek() - addr && vma_expandable(w, *vma, new_len - old_len)) {
    cover(w, "do_mremap/expand"_site);
    return expand_in_place(w, mm, *vma, addr + new_len);
  }
  PageNr new_addr = 0;
  if (!may_move || !get_unmapped_area(w, mm, new_len, new_addr)) return kEnomem;
  return move_vma(w, vma, addr, old_len, new_len, new_addr, false);
}

}  // namespace

int op_mremap(World& w, const Op& op) {
  Mm& mm = w.mms[op.mm];
  const PageNr new_len = op.length2 != 0 ? op.length2 : op.length;
  WriteGuard mmap_sem(mm.mmap_sem, "mremap/mmap_sem"_site);
  if (op.flags == kMremapFixed || op.flags == kMremapDontUnmap) {
    const bool dont_unmap = op.flags == kMremapDontUnmap;
    const int error = check_mremap_to(w, op.address, op.length, op.address2, new_len, dont_unmap);
    if (error != kOk) return error;
    if (moves_many(w.kernel.mremap_span) && op.length == new_len)
      return remap_move(w, mm, op.address, op.length, op.address2, dont_unmap);
    return mremap_to(w, mm, op.address, op.length, op.address2, new_len, dont_unmap);
  }
  return do_mremap(w, mm, op.address, op.length, new_len, op.flags == kMremapMayMove);
}

}  // namespace rmap
