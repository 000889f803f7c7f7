// fork(): a copy of an address space, whose pages are shared until one side writes. kernel/fork.c,
// dup_mmap(), and mm/memory.c, copy_page_range().
//
// Property: entries are copied from parent to child under both page-table locks, but without the
// anon_vma lock. A walk that must not miss an entry finds the copy because it visits the parent
// first: the child's vma is behind the parent's in each list.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/mm/page.h"
#include "core/mm/rmap/anon_vma.h"
#include "core/mm/rmap/rmap.h"
#include "core/mm/table/page_table.h"
#include "core/mm/vma/munmap.h"
#include "core/mm/vma/vma.h"
#include "core/ops/ops.h"

namespace rmap {
namespace {

// copy_one_pte()
void copy_one_pte(World& w, const PteSlot& dst, const PteSlot& src) {
  Pte pte = pte_read(w, src, "copy_one_pte/read"_site);
  assert_counted_locked(w, pte, src.mm, src.address, "copy_one_pte/read"_site);
  if (pte.writable || pte.exclusive) {  // Copy on write, on both sides from now on.
    pte.writable = pte.exclusive = false;
    set_pte_at(w, src, pte, "copy_one_pte/wrprotect"_site);
  }
  w.oracle.contents.copied(src.mm, dst.mm, src.address);
  if (pte.none()) return;
  if (pte.kind == PteKind::present) {
    w.page(pte.frame).anon_exclusive = false;
    get_page(w, w.page(pte.frame), "copy_one_pte/get"_site);
    page_dup_rmap(w, w.page(pte.frame), "copy_one_pte/mapcount"_site);
  }
  if (pte.token.valid()) pte.token = w.oracle.tokens.duplicated(w, pte.token, dst.mm, dst.address);
  set_pte_at(w, dst, pte, "copy_one_pte/set"_site);
}

// copy_pte_range() for [start, end), which one table covers in either mm. Both page-table locks are
// dropped after a few entries.
int copy_pte_range(World& w, Mm& dst_mm, Mm& src_mm, Vma& src, Vma& dst, TableId src_table,
                   PageNr start, PageNr end) {
  for (PageNr address = start; address < end;) {
    if (!pte_alloc(w, dst_mm, address)) return kEnomem;
    const TableId dst_table = pmd_table(w, dst_mm, address, "copy_pte_range/dst_pmd"_site);
    const PageNr batch_end = std::min(address + kCopyBatch, end);
    Guard dst_ptl(w.table(dst_table).ptl, "copy_pte_range/dst_ptl"_site);
    Guard src_ptl(w.table(src_table).ptl, "copy_pte_range/src_ptl"_site, 1);
    w.oracle.ranges.chunk_moves(w, src, address, batch_end, dst, "copy_pte_range/src_ptl"_site);
    for (; address < batch_end; address++) {
      copy_one_pte(w, pte_offset(w, dst_table, dst_mm, address),
                   pte_offset(w, src_table, src_mm, address));
    }
  }
  return kOk;
}

// copy_page_range(): what a fault would fill in just as well is not copied.
int copy_page_range(World& w, Vma& dst, Vma& src) {
  if (!src.anon().valid()) return kOk;
  Mm& dst_mm = w.mm_of(dst);
  Mm& src_mm = w.mm_of(src);
  const PageNr end = src.vm_end.peek();
  for (PageNr address = src.vm_start.peek(); address < end;) {
    const PageNr next = pmd_addr_end(address, end);
    const TableId table = pmd_table(w, src_mm, address, "copy_pte_range/src_pmd"_site);
    if (table.valid()) {
      const int error = copy_pte_range(w, dst_mm, src_mm, src, dst, table, address, next);
      if (error != kOk) return error;
    }
    address = next;
  }
  return kOk;
}

// One vma of dup_mmap()'s loop.
//
// Simplified: 2.6.34 and 2.6.35 set vm_mm after the vma is linked (a247c3a97a02 mends it). A walk
// in between looks at the parent's entries twice, and the child has none yet.
int dup_vma(World& w, Mm& mm, Vma& mpnt) {
  Vma* tmp = vma_dup(w, mpnt, "dup_mmap/alloc"_site);
  if (tmp == nullptr) return kEnomem;
  tmp->mm = w.id(mm);
  if (anon_vma_fork(w, *tmp, mpnt) != kOk) {
    vma_free(w, *tmp);
    return kEnomem;
  }
  insert_vm_struct(w, mm, *tmp, "dup_mmap/insert"_site);
  return copy_page_range(w, *tmp, mpnt);
}

int dup_mmap(World& w, Mm& mm, Mm& oldmm) {
  for (VmaId id : oldmm.vmas) {
    const int error = dup_vma(w, mm, w.vma(id));
    if (error != kOk) return error;
  }
  mm.brk = oldmm.brk;
  flush_tlb_range(w, oldmm, 0, kWindowPages);
  return kOk;
}

// The mmap_sems of parent and child, for write.
//
// Simplified: taken in the order of their numbers, and not the parent's first, because two forks of
// a program may name each other's parents as their children.
class TwoMmapSems {
 public:
  TwoMmapSems(Mm& a, Mm& b) : first_(&a < &b ? a : b), second_(&a < &b ? b : a) {
    first_.mmap_sem.down_write("fork/mmap_sem"_site);
    second_.mmap_sem.down_write("fork/mmap_sem"_site, 1);
  }
  ~TwoMmapSems() {
    unlock(second_);
    unlock(first_);
  }
  void unlock(Mm& mm) {
    if (mm.mmap_sem.held_for_write()) mm.mmap_sem.up_write("fork/mmap_sem"_site);
  }
  TwoMmapSems(const TwoMmapSems&) = delete;
  TwoMmapSems& operator=(const TwoMmapSems&) = delete;

 private:
  Mm& first_;
  Mm& second_;
};

}  // namespace

// Simplified: the child gets an mm that the program names, which must have nothing mapped (EAGAIN).
// A child whose copy failed is torn down under its mmap_sem, because a program can name its mm.
int op_fork(World& w, const Op& op) {
  Mm& oldmm = w.mms[op.mm];
  Mm& mm = w.mms[op.address2 % kMmsMax];
  if (&mm == &oldmm) return kEinval;
  TwoMmapSems sems(oldmm, mm);
  if (!mm.vmas.empty()) return kEagain;
  const int error = dup_mmap(w, mm, oldmm);
  if (error == kOk) {
    w.oracle.actors.took_effect();
  } else {
    sems.unlock(oldmm);
    exit_mmap(w, mm);  // mmput()
  }
  return error;
}

}  // namespace rmap
