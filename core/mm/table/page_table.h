// Page tables: the two levels, their locks, and the accessors through which every entry is read and
// written.
//
// Each accessor is one shared access and tells the oracle where the entry's token went.
// mm/memory.c, include/asm-generic/pgtable.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/world.h"

namespace rmap {

inline uint32_t pmd_index(PageNr address) { return address / kPtesPerTable; }
// pmd_addr_end(): where the table that covers `address` ends, or `end` if that comes first.
inline PageNr pmd_addr_end(PageNr address, PageNr end) {
  const PageNr boundary = (pmd_index(address) + 1) * kPtesPerTable;
  return boundary < end ? boundary : end;
}

// The table that covers `address`, read from its pmd without a lock; none if there is none.
TableId pmd_table(World& w, Mm& mm, PageNr address, Site site);

// __pte_alloc(): makes sure that there is one. False when the allocation fails.
// Requires: mmap_sem.
bool pte_alloc(World& w, Mm& mm, PageNr address);

// pte_offset_map(): the place of the entry for `address` in `table`.
PteSlot pte_offset(World& w, TableId table, Mm& mm, PageNr address);
// The lock of the slot's table (pte_lockptr).
SpinLock& pte_lockptr(World& w, const PteSlot& slot);

Pte pte_read(World& w, const PteSlot& slot, Site site);
// ptep_get_and_clear(): the entry is in the caller's hands, in no table, until it is set again or
// dies.
Pte ptep_get_and_clear(World& w, const PteSlot& slot, Site site);
// set_pte_at()
void set_pte_at(World& w, const PteSlot& slot, const Pte& pte, Site site);

// BUG_ON(!PageLocked), where fork and zap count a migration entry (9f9f1acd713d).
void assert_counted_locked(World& w, const Pte& pte, MmId mm, PageNr address, Site site);

// Frees the tables that lie wholly inside [floor, ceiling) and cover a page of [start, end).
// Requires: mmap_sem, for write until the vmas were out of the mm; no vma there, and no walk that
// can reach the vmas that were there.
void free_pgd_range(World& w, Mm& mm, PageNr start, PageNr end, PageNr floor, PageNr ceiling);

// Simplified: no TLB yet. The calls stand where the kernel's stand, so that a later model can give
// them a meaning.
inline void flush_tlb_range(World&, Mm&, PageNr, PageNr) {}
inline void flush_tlb_page(World&, Mm&, PageNr) {}

}  // namespace rmap
