// SPDX-License-Identifier: Apache-2.0
#include "core/mm/rmap/rmap.h"

#include <utility>

#include "core/mm/page.h"
#include "core/mm/rmap/anon_vma_chain.h"
#include "core/mm/rmap/page_anon_vma.h"
#include "core/mm/table/page_table.h"

namespace rmap {
namespace {

// Simplified: with a tree, 86c2ad19956f (3.7) made it a BUG that the vma does not cover the page,
// and without CONFIG_DEBUG_VM 3.7 to 5.12 looked at the address all the same. Nobody who changes
// the range of a linked vma without the lock is in a release since 3.7.
//
// vma_address(): where `vma` maps the page at `pgoff`, or nothing. The three words are read one by
// one, and only the anon_vma lock is held.
struct VmaAddress {
  PageNr address;
  bool inside;
};
VmaAddress vma_address(World& w, const Vma& vma, PageNr pgoff) {
  const PageNr vm_start = vma.vm_start.load(w.at(vma), "vma_address/vm_start"_site);
  const PageNr vm_pgoff = vma.vm_pgoff.load(w.at(vma), "vma_address/vm_pgoff"_site);
  const PageNr address = vm_start + (pgoff - vm_pgoff);
  const PageNr vm_end = vma.vm_end.load(w.at(vma), "vma_address/vm_end"_site);
  const bool inside = address >= vm_start && address < vm_end;
  w.oracle.walks.reads(vma, w.id(vma), {vm_start, vm_end, vm_pgoff});
  if (!inside) w.oracle.walks.skips(w, w.id(vma), address, "vma_address/vm_end"_site);
  return {address, inside};
}

constexpr Site kVisit = "vma_address/vm_start"_site;  // Outside of the template: clang 14 insists.

// Visits the vmas of a locked anon_vma for the page at `pgoff`, in the order of the kernel's index.
// `visit(vma, address)` returns false to stop.
template <typename Visit>
void for_each_vma(World& w, AnonVmaId anon_vma, PageNr pgoff, Visit visit) {
  for (AvcId avc = rmap_first(w, w.anon_vma(anon_vma), pgoff); avc.valid();
       avc = rmap_next(w, avc, pgoff)) {
    Vma& vma = w.vma(w.avc(avc).vma);
    if (!w.avc(avc).allocated) {
      w.oracle.lives.freed_object_used(w, Manner::chain, anon_vma_object(anon_vma), kVisit);
    }
    if (!vma.allocated || vma.life != w.avc(avc).vma_life) {
      w.oracle.lives.freed_object_used(
          w, Manner::vma, sched::make_object(kVmaObject, w.avc(avc).vma.value), kVisit);
    }
    const VmaAddress at = vma_address(w, vma, pgoff);
    if (at.inside && !visit(vma, at.address)) return;
  }
}

// map_pte() of 4.11 reads the pmd three times: to see whether there is a table, in pte_offset_map()
// and in pte_lockptr(). Since 5.0 a table may move meanwhile; 5.14 moves it under the rmap locks.
//
// Simplified: elsewhere one read stands for all of them: a walk keeps the table that it found where
// it is.
bool rereads_pmd(const World& w) { return may_move_unlocked(w.kernel.table_move); }

// pte_offset_map() for `address`; a slot without a table where the upper level is empty.
PteSlot map_pte(World& w, const Vma& vma, PageNr address, Site site) {
  Mm& mm = w.mm_of(vma);
  // The window ends here; the kernel's page tables go on, empty.
  if (address >= kWindowPages) return {};
  TableId table = pmd_table(w, mm, address, site);
  if (table.valid() && rereads_pmd(w)) {
    table = pmd_table(w, mm, address, "map_pte/offset"_site);
    // It became empty in between: the kernel looks at the frame at physical address 0.
    if (!table.valid()) {
      w.oracle.lives.freed_object_used(w, Manner::table, pmd_object(vma.mm, pmd_index(address)),
                                       "map_pte/offset"_site);
    }
  }
  return table.valid() ? pte_offset(w, table, mm, address) : PteSlot{};
}

// pte_lockptr() and the lock: of the table that hangs there now, which may not be the slot's any
// more, or of none.
class [[nodiscard]] PteLock {
 public:
  PteLock(World& w, const PteSlot& slot, Site site) : site_(site) {
    TableId table = slot.table;
    if (rereads_pmd(w)) table = pmd_table(w, w.mm(slot.mm), slot.address, "map_pte/lockptr"_site);
    if (!table.valid()) return;
    lock_ = &w.table(table).ptl;
    lock_->lock(site_);
  }
  ~PteLock() {
    if (lock_ != nullptr) lock_->unlock(site_);
  }
  PteLock(const PteLock&) = delete;
  PteLock& operator=(const PteLock&) = delete;

 private:
  SpinLock* lock_ = nullptr;
  Site site_;
};

// Tells the oracle that the walk looked at a place, and what it found there.
void look(World& w, const Vma& vma, PageNr address, const Pte& pte, Site site) {
  w.oracle.walks.looks(w, vma.mm, address, pte, w.id(vma), site);
}

// try_to_unmap_one() with TTU_MIGRATION. The quick check before taking the lock is
// page_check_address()'s: a page that is missed here stays mapped, and the caller notices.
void try_to_unmap_one(World& w, Page& page, Vma& vma, PageNr address) {
  const PteSlot slot = map_pte(w, vma, address, "page_check_address/pmd"_site);
  if (!slot.table.valid()) return look(w, vma, address, {}, "page_check_address/pmd"_site);
  const Pte quick = pte_read(w, slot, "page_check_address/peek"_site);
  if (!quick.present()) return look(w, vma, address, quick, "page_check_address/peek"_site);
  PteLock ptl(w, slot, "page_check_address/ptl"_site);
  const Pte pte = pte_read(w, slot, "page_check_address/read"_site);
  look(w, vma, address, pte, "page_check_address/read"_site);
  if (!pte.maps(w.id(page))) return;
  w.oracle.walks.sees(pte);
  Pte entry = ptep_get_and_clear(w, slot, "try_to_unmap_one/clear"_site);
  flush_tlb_page(w, w.mm_of(vma), address);
  entry.kind = PteKind::migration;
  entry.exclusive = std::exchange(page.anon_exclusive, false) && !entry.writable &&
                    reuses_exclusive(w.kernel.exclusive);
  set_pte_at(w, slot, entry, "try_to_unmap_one/set"_site);
  page_remove_rmap(w, page, "try_to_unmap_one/mapcount"_site);
  put_page(w, page, "try_to_unmap_one/put"_site);
}

// remove_migration_pte(): an entry that is missed here is lost for ever.
void remove_migration_pte(World& w, Page& old_page, Page& new_page, Vma& vma, PageNr address) {
  const PteSlot slot = map_pte(w, vma, address, "remove_migration_pte/pmd"_site);
  if (!slot.table.valid()) return look(w, vma, address, {}, "remove_migration_pte/pmd"_site);
  switch (w.kernel.migration_peek) {
    case MigrationPeek::unlocked: {
      const Pte quick = pte_read(w, slot, "remove_migration_pte/peek"_site);
      if (!quick.is_migration())
        return look(w, vma, address, quick, "remove_migration_pte/peek"_site);
      break;
    }
    case MigrationPeek::locked:  // mremap's move_ptes() may have the entry in its hands, without
                                 // the anon_vma lock.
      break;
  }
  PteLock ptl(w, slot, "remove_migration_pte/ptl"_site);
  Pte pte = pte_read(w, slot, "remove_migration_pte/read"_site);
  look(w, vma, address, pte, "remove_migration_pte/read"_site);
  if (!pte.is_migration()) return;
  if (asserts_each_entry(w.kernel.walk_asserts))
    w.oracle.tokens.entry_found(w, pte, vma.mm, address, "remove_migration_pte/read"_site);
  if (pte.frame != w.id(old_page)) return;
  w.oracle.walks.sees(pte);
  get_page(w, new_page, "remove_migration_pte/get"_site);
  pte.kind = PteKind::present;
  pte.frame = w.id(new_page);
  if (pte.writable || pte.exclusive) new_page.anon_exclusive = true;
  pte.exclusive = false;
  set_pte_at(w, slot, pte, "remove_migration_pte/set"_site);
  page_add_anon_rmap(w, new_page, vma, address);
}

}  // namespace

void try_to_unmap(World& w, Page& page) {
  CHECK(page.lock.held());
  const PageAnonVmaLock lock = page_lock_anon_vma(w, page);
  if (!lock.valid()) return;
  w.oracle.walks.begins(w, w.id(page), false, "try_to_unmap/walk"_site);
  for_each_vma(w, lock.locked.anon_vma.id, page.index, [&](Vma& vma, PageNr address) {
    try_to_unmap_one(w, page, vma, address);
    return page_mapped(w, page, "try_to_unmap/mapped"_site);
  });
  w.oracle.walks.ends(w, "try_to_unmap/walk"_site);
  page_unlock_anon_vma(w, lock);
}

void remove_migration_ptes(World& w, Page& old_page, Page& new_page) {
  CHECK(old_page.lock.held());
  const AnonVmaRef anon_vma = page_anon_vma(w, new_page, "rmap_walk/mapping"_site);
  if (!anon_vma.valid()) return;
  AnonVmaGuard lock(w, anon_vma, "rmap_walk/anon_vma"_site, AnonVmaAccess::read);
  w.oracle.walks.begins(w, w.id(old_page), true, "rmap_walk/walk"_site);
  for_each_vma(w, anon_vma.id, new_page.index, [&](Vma& vma, PageNr address) {
    remove_migration_pte(w, old_page, new_page, vma, address);
    return true;
  });
  w.oracle.walks.ends(w, "rmap_walk/walk"_site);
}

namespace {

constexpr Site kIndex = "page_add_anon_rmap/range"_site;

// The two words are read one after the other, perhaps without the anon_vma lock.
PageNr linear_page_index(World& w, const Vma& vma, PageNr address) {
  const PageNr pages = address - vma.vm_start.load(w.at(vma), kIndex);
  return pages + vma.vm_pgoff.load(w.at(vma), kIndex);
}

// VM_BUG_ON(address < vma->vm_start || address >= vma->vm_end)
void check_inside(World& w, const Vma& vma, PageNr address) {
  const bool below = address < vma.vm_start.load(w.at(vma), kIndex);
  if (below || address >= vma.vm_end.load(w.at(vma), kIndex))
    w.oracle.finding(Rule::outside_vma, Manner::none, vma_object(w.id(vma)), {}, kIndex);
}

// __page_set_anon_rmap()
void set_anon_rmap(World& w, Page& page, const Vma& vma, PageNr address) {
  const bool oldest = takes_oldest(w.kernel.add_rmap) && vma.chain_tail.valid();
  const AnonVmaRef a = oldest ? w.avc(vma.chain_tail).anon_vma : vma.anon_ref();
  page.mapping.store(w.at(page), a.word(), "page_add_anon_rmap/mapping"_site);
  page.index = linear_page_index(w, vma, address);
  cover(w, "page_add_anon_rmap/index"_site);
}

}  // namespace

void page_add_new_anon_rmap(World& w, Page& page, const Vma& vma, PageNr address) {
  page.mapcount.init(1);
  page.anon_exclusive = true;
  page.mapping.init(vma.anon_vma.peek());
  page.index = linear_page_index(w, vma, address);
  page.lru = true;  // lru_cache_add_lru()
}

void page_add_anon_rmap(World& w, Page& page, const Vma& vma, PageNr address) {
  constexpr Site site = "page_add_anon_rmap/mapcount"_site;
  bool first = false;
  if (keeps_mapping(w.kernel.add_rmap)) {  // Nobody asks whether it is.
    page_dup_rmap(w, page, site);
  } else {
    check_alive(w, page, site);
    first = page.mapcount.add_return(w.at(page), +1, site) == 1;
  }
  if (insists_on_inside(w.kernel.add_rmap_check)) check_inside(w, vma, address);
  if (first) set_anon_rmap(w, page, vma, address);
}
void page_dup_rmap(World& w, Page& page, Site site) {
  check_alive(w, page, site);
  page.mapcount.add(w.at(page), +1, site);
}
void page_move_anon_rmap(World& w, Page& page, const Vma& vma, Site site) {
  CHECK(page.lock.held());
  page.mapping.store(w.at(page), vma.anon_vma.peek(), site);
}
void page_remove_rmap(World& w, Page& page, Site site) {
  check_alive(w, page, site);
  page.mapcount.add(w.at(page), -1, site);
}

}  // namespace rmap
