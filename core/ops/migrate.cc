// migrate: moves a page to another frame while it stays mapped. mm/migrate.c, unmap_and_move().
//
// Does not hold mmap_sem: memory hot-remove and compaction, which pick pages by frame, never did.
// The page lock, held from before the first entry is replaced until after the last one is restored,
// is what those who meet an entry wait for.
// SPDX-License-Identifier: Apache-2.0
#include "core/mm/page.h"
#include "core/mm/rmap/page_anon_vma.h"
#include "core/mm/rmap/rmap.h"
#include "core/mm/table/page_table.h"
#include "core/ops/ops.h"

namespace rmap {
namespace {

// migrate_page_move_mapping() and migrate_page_copy() for an anonymous page: nobody else may have a
// reference.
int migrate_page(World& w, Page& newpage, Page& page) {
  if (page.refcount.load(w.at(page), "migrate_page/refcount"_site) != 1) return kEagain;
  check_alive(w, page, "migrate_page/copy"_site);
  newpage.contents.init(page.contents.load(w.at(page), "migrate_page/copy"_site));
  return kOk;
}

// Simplified: page->mapping is cleared at the end in every kernel; until 3.3 it was before the
// entries are restored, since 4.8 never. Nobody can look: the page is locked, isolated and
// unmapped.
//
// `mapped`: there are entries to restore.
int move_to_new_page(World& w, Page& newpage, Page& page, bool mapped) {
  CHECK(trylock_page(w, newpage, "move_to_new_page/trylock"_site));  // Nobody else knows it yet.
  newpage.index = page.index;
  newpage.mapping.init(page.mapping.load(w.at(page), "move_to_new_page/mapping"_site));
  const int error = migrate_page(w, newpage, page);
  if (error != kOk) {
    newpage.mapping.init(0);
  } else {
    if (mapped) remove_migration_ptes(w, page, newpage);
    page.mapping.store(w.at(page), 0, "move_to_new_page/clear"_site);
  }
  unlock_page(w, newpage, "move_to_new_page/unlock"_site);
  return error;
}

// Since 3.19 a page that is not mapped has no entries to replace and to restore.
bool has_entries(World& w, const Page& page) {
  return walks_unmapped(w.kernel.unmapped_page) ||
         page_mapped(w, page, "unmap_and_move/mapped"_site);
}

// move_to_new_page(), as often as the kernel tries it while the entries are replaced.
int try_to_move(World& w, Page& newpage, Page& page, bool mapped) {
  const bool again = retries_move(w.kernel.move_retry);
  const uint32_t tries = again ? kMigratePasses : 1;
  int result = kEagain;
  for (uint32_t i = 0; i < tries && result == kEagain; i++)
    result = move_to_new_page(w, newpage, page, mapped);
  return result;
}

// The part under the page lock.
int unmap_and_move_locked(World& w, Page& newpage, Page& page) {
  const MigrationPin pin = pin_for_migration(w, page);
  if (!pin.go_on) return kEagain;
  const bool mapped = has_entries(w, page);
  if (mapped) try_to_unmap(w, page);
  int result = kEagain;
  if (!page_mapped(w, page, "unmap_and_move/mapped"_site))
    result = try_to_move(w, newpage, page, mapped);
  if (result != kOk && mapped) remove_migration_ptes(w, page, page);
  unpin_after_migration(w, pin);
  return result;
}

// Simplified: the new page comes onto the LRU at the end; since 5.18 before its entries are
// restored, and since 6.3 it loses its first reference there. Whoever isolates it waits for its
// lock.
//
// Tries once, and gives the page back unless another try may help (-EAGAIN).
int unmap_and_move(World& w, Page& page, bool force) {
  const FrameId fresh = alloc_page(w, "unmap_and_move/alloc"_site);
  if (!fresh.valid()) {
    putback_lru_page(w, page, "unmap_and_move/putback"_site);
    return kEnomem;
  }
  Page& newpage = w.page(fresh);
  int result = kEagain;
  if (page.refcount.load(w.at(page), "unmap_and_move/refcount"_site) == 1) {
    cover(w, "unmap_and_move/freed"_site);  // Freed from under us: nothing to migrate.
    result = kOk;
  } else {
    bool locked = trylock_page(w, page, "unmap_and_move/trylock"_site);
    if (!locked && force) {
      lock_page(w, page, "unmap_and_move/lock"_site);
      locked = true;
    }
    if (locked) {
      result = unmap_and_move_locked(w, newpage, page);
      unlock_page(w, page, "unmap_and_move/unlock"_site);
    }
  }
  if (result != kEagain) putback_lru_page(w, page, "unmap_and_move/putback"_site);
  putback_lru_page(w, newpage, "unmap_and_move/putback_new"_site);
  return result;
}

}  // namespace

// Simplified: the page is named by where it is mapped, and picked in the same instant as it is
// isolated, without mmap_sem; compaction picks a frame and would find the same page.
//
// Simplified: kMigratePasses passes instead of ten; from the second on they wait for the page lock.
int op_migrate(World& w, const Op& op) {
  Mm& mm = w.mms[op.mm];
  sched::Scheduler& s = sched::Scheduler::running();
  s.point("isolate_lru_page/lru"_site);
  const uint8_t table = mm.pmd[pmd_index(op.address)].peek();
  const Pte pte = table != 0 ? w.tables[table - 1].pte[op.address % kPtesPerTable] : Pte{};
  const bool isolated = pte.kind == PteKind::present && isolate_lru_page(w, w.page(pte.frame));
  s.happened(sched::EventKind::write, "isolate_lru_page/lru"_site,
             sched::make_object(kPageObject, pte.frame.value), isolated);
  if (!isolated) return pte.is_migration() || pte.kind == PteKind::present ? kEbusy : kEnoent;

  Page& page = w.page(pte.frame);
  int result = kEagain;
  for (uint32_t pass = 0; pass < kMigratePasses && result == kEagain; pass++) {
    result = unmap_and_move(w, page, pass > 0);
  }
  if (result == kEagain) putback_lru_page(w, page, "migrate_pages/putback"_site);
  return result;
}

}  // namespace rmap
