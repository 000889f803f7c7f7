// do_munmap(): zap the entries, unlink the vmas from their anon_vmas, free the page tables, in that
// order. mm/mmap.c.
//
// Property: a walk that already holds the anon_vma lock finishes before the unlink; a later one
// does not see the vma. So page tables are never freed under a walk (8f4f8c164cb4).
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/anon_vma.h"
#include "core/page.h"
#include "core/page_table.h"
#include "core/rmap.h"
#include "core/vma.h"

namespace rmap {
namespace {

using Vmas = BoundedVector<VmaId, kVmasPerMm>;

// zap_pte_range() for the part of [start, end) that one table covers.
// Simplified: the pages' references are dropped after each table; the kernel gathers them until the
// TLB is flushed, at the latest at the end of unmap_region(). Until then a migration of such a page
// fails for its count, and it is no longer mapped either way.
void zap_pte_range(World& w, Mm& mm, TableId table, PageNr start, PageNr end) {
  BoundedVector<FrameId, kPtesPerTable> gather;
  {
    Guard ptl(w.table(table).ptl, "zap_pte_range/ptl"_site);
    for (PageNr address = start; address < end; address++) {
      const PteSlot slot = pte_offset(w, table, mm, address);
      Pte pte = pte_read(w, slot, "zap_pte_range/read"_site);
      if (!pte.none()) pte = ptep_get_and_clear(w, slot, "zap_pte_range/clear"_site);
      w.oracle.address_unmapped(w.id(mm), address);
      if (pte.kind == PteKind::present) {
        page_remove_rmap(w, w.page(pte.frame), "zap_pte_range/mapcount"_site);
        gather.push_back(pte.frame);
      }
      if (pte.is_migration()) cover(w, "zap_pte_range/migration"_site);
      if (pte.token.valid()) w.oracle.died(w, pte.token);
    }
    flush_tlb_range(w, mm, start, end);
  }
  for (FrameId frame : gather) put_page(w, w.page(frame), "zap_pte_range/put"_site);
}

void unmap_vma(World& w, Mm& mm, Vma& vma) {
  const PageNr end = vma.vm_end.peek();
  for (PageNr address = vma.vm_start.peek(); address < end;) {
    const PageNr next = std::min((address / kPtesPerTable + 1) * kPtesPerTable, end);
    const TableId table = pmd_table(w, mm, address, "zap_pte_range/pmd"_site);
    if (table.valid()) zap_pte_range(w, mm, table, address, next);
    address = next;
  }
}

// Simplified: all vmas are unlinked before the first table is freed; the kernel does it run by run
// of near vmas, each run in the same order.
void free_pgtables(World& w, Mm& mm, const Vmas& vmas, PageNr floor, PageNr ceiling) {
  for (VmaId id : vmas) unlink_anon_vmas(w, w.vma(id));
  for (VmaId id : vmas) {
    const Vma& vma = w.vma(id);
    free_pgd_range(w, mm, vma.vm_start.peek(), vma.vm_end.peek(), floor, ceiling);
  }
}

}  // namespace

int do_munmap(World& w, Mm& mm, PageNr start, PageNr len) {
  CHECK(mm.mmap_sem.held_for_write());
  if (len == 0 || start >= kWindowPages || len > kWindowPages - start) return kEinval;
  const PageNr end = start + len;
  Vma* vma = find_vma(w, mm, start);
  if (vma == nullptr || vma->vm_start.peek() >= end) return kOk;

  // Split first, to save pain later.
  if (start > vma->vm_start.peek()) {
    if (end < vma->vm_end.peek() && mm.vmas.size() >= kMaxMapCount) return kEnomem;
    const int error = split_vma(w, *vma, start, false);
    if (error != kOk) return error;
  }
  Vma* last = find_vma(w, mm, end);
  if (last != nullptr && end > last->vm_start.peek()) {
    const int error = split_vma(w, *last, end, true);
    if (error != kOk) return error;
  }

  // detach_vmas_to_be_unmapped()
  Vmas detached;
  const uint32_t first = find_vma_position(w, mm, start);
  while (first < mm.vmas.size() && w.vma(mm.vmas[first]).vm_start.peek() < end) {
    w.oracle.took_effect();
    detached.push_back(mm.vmas[first]);
    mm.vmas.erase_at(first);
  }
  const PageNr floor = first > 0 ? w.vma(mm.vmas[first - 1]).vm_end.peek() : 0;
  const PageNr ceiling =
      first < mm.vmas.size() ? w.vma(mm.vmas[first]).vm_start.peek() : kWindowPages;

  // unmap_region()
  for (VmaId id : detached) unmap_vma(w, mm, w.vma(id));
  free_pgtables(w, mm, detached, floor, ceiling);
  for (VmaId id : detached) vma_free(w, w.vma(id));
  return kOk;
}

}  // namespace rmap
