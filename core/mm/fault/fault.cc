// SPDX-License-Identifier: Apache-2.0
#include "core/mm/fault/fault.h"

#include "core/mm/fault/wp_fault.h"
#include "core/mm/page.h"
#include "core/mm/table/page_table.h"

namespace rmap {
namespace {

// do_anonymous_page(): the zero page for a read: it belongs to nobody, so it has no reverse map.
int map_zero_page(World& w, const PteSlot& slot) {
  Guard ptl(pte_lockptr(w, slot), "do_anonymous_page/ptl"_site);
  if (!pte_read(w, slot, "do_anonymous_page/recheck"_site).none()) return kOk;
  set_pte_at(w, slot, {.kind = PteKind::zero, .frame = {}, .writable = false, .token = {}},
             "do_anonymous_page/set"_site);
  return kOk;
}

// Waits for a migration entry with a reference on its page, at least until it sleeps.
void wait_with_reference(World& w, Page& page, bool referenced) {
  if (!referenced) {  // The page is on its way out; the access will fault again.
    sched::Scheduler::running().cpu_relax("migration_entry_wait/retry"_site);
    return;
  }
  if (holds_while_asleep(w.kernel.entry_wait)) {
    wait_on_page_locked(w, page, "migration_entry_wait/wait"_site);
    put_page(w, page, "migration_entry_wait/put"_site);
  } else {  // put_and_wait_on_page_locked()
    put_page(w, page, "migration_entry_wait/put"_site);
    wait_for_unlock(w, page, "migration_entry_wait/wait"_site);
  }
}

// migration_entry_wait(): sleeps until the page is unlocked, if the entry is still there.
// Property: whoever finds a migration entry under the page-table lock finds its page locked.
void migration_entry_wait(World& w, const PteSlot& slot) {
  const bool references = gets_page(w.kernel.entry_wait);
  FrameId frame;
  bool referenced = false;
  {
    Guard ptl(pte_lockptr(w, slot), "migration_entry_wait/ptl"_site);
    const Pte pte = pte_read(w, slot, "migration_entry_wait/read"_site);
    if (!pte.is_migration()) return;
    frame = pte.frame;
    w.oracle.tokens.entry_found(w, pte, slot.mm, slot.address, "migration_entry_wait/read"_site);
    if (references)
      referenced = get_page_unless_zero(w, w.page(frame), "migration_entry_wait/get"_site);
  }
  Page& page = w.page(frame);
  if (references) return wait_with_reference(w, page, referenced);
  wait_for_unlock(w, page, "migration_entry_wait/wait"_site);  // migration_entry_wait_on_locked()
}

}  // namespace

int handle_mm_fault(World& w, Vma& vma, PageNr address, bool write) {
  Mm& mm = w.mm_of(vma);
  CHECK(mm.mmap_sem.held_for_read());
  if (!pte_alloc(w, mm, address)) return kEnomem;
  const TableId table = pmd_table(w, mm, address, "handle_mm_fault/pmd"_site);
  // Gone again, although mmap_sem is held: the entry is in the frame at physical address 0.
  if (!table.valid()) {
    w.oracle.lives.freed_table_used(w, pmd_object(vma.mm, pmd_index(address)));
    return kOk;
  }
  const PteSlot slot = pte_offset(w, table, mm, address);
  const Pte entry = pte_read(w, slot, "handle_pte_fault/peek"_site);
  if (entry.none()) return write ? map_new_page(w, vma, slot, entry, {}) : map_zero_page(w, slot);
  if (entry.is_migration()) {
    migration_entry_wait(w, slot);
    return kOk;
  }
  // Present: somebody else's fault was faster, or this is a write to a read-only entry.
  if (write && !entry.writable) return do_wp_page(w, vma, slot, entry);
  return kOk;
}

}  // namespace rmap
