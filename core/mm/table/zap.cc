// SPDX-License-Identifier: Apache-2.0
#include "core/mm/table/zap.h"

#include "core/mm/page.h"
#include "core/mm/rmap/rmap.h"
#include "core/mm/table/page_table.h"

namespace rmap {
namespace {

// zap_pte_range() for the part of [start, end) that one table covers.
// Simplified: the pages' references are dropped after each table; the kernel gathers them until the
// TLB is flushed, at the latest at the end of unmap_region(), after the anon_vmas. A migration that
// begins in between fails for the page's count; in 2.6.33 and 2.6.34 it trusts page->mapping
// before, which makes the use after free of exit+migrate likelier there than here.
//
// Simplified: the page-table lock is held for the whole part; until 2.6.39 and since 6.14 it is
// dropped in the middle when others want to run. Each entry is looked at alone.
void zap_pte_range(World& w, Mm& mm, TableId table, PageNr start, PageNr end) {
  BoundedVector<FrameId, kPtesPerTable> gather;
  {
    Guard ptl(w.table(table).ptl, "zap_pte_range/ptl"_site);
    for (PageNr address = start; address < end; address++) {
      const PteSlot slot = pte_offset(w, table, mm, address);
      Pte pte = pte_read(w, slot, "zap_pte_range/read"_site);
      if (!pte.none()) pte = ptep_get_and_clear(w, slot, "zap_pte_range/clear"_site);
      w.oracle.contents.unmapped(w.id(mm), address);
      if (!pte.none()) w.oracle.actors.took_effect();
      if (pte.kind == PteKind::present) {
        page_remove_rmap(w, w.page(pte.frame), "zap_pte_range/mapcount"_site);
        gather.push_back(pte.frame);
      }
      if (pte.is_migration()) cover(w, "zap_pte_range/migration"_site);
      assert_counted_locked(w, pte, w.id(mm), address, "zap_pte_range/migration"_site);
      if (pte.token.valid()) w.oracle.tokens.died(w, pte.token);
    }
    flush_tlb_range(w, mm, start, end);
  }
  for (FrameId frame : gather) put_page(w, w.page(frame), "zap_pte_range/put"_site);
}

}  // namespace

void zap_page_range(World& w, Vma& vma, PageNr start, PageNr end) {
  Mm& mm = w.mm_of(vma);
  for (PageNr address = start; address < end;) {
    const PageNr next = pmd_addr_end(address, end);
    const TableId table = pmd_table(w, mm, address, "zap_pte_range/pmd"_site);
    if (table.valid()) zap_pte_range(w, mm, table, address, next);
    address = next;
  }
}

}  // namespace rmap
