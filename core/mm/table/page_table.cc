// SPDX-License-Identifier: Apache-2.0
#include "core/mm/table/page_table.h"

#include <algorithm>

namespace rmap {
namespace {

// The entry that the slot points to. A slot of a table that was freed meanwhile is a finding.
Pte& entry(World& w, const PteSlot& slot) {
  Table& table = w.table(slot.table);
  if (!table.allocated || table.generation != slot.generation) {
    w.oracle.lives.freed_table_used(w, pte_object(slot.mm, slot.address));
  }
  return table.pte[slot.index];
}

// Where the table hangs that the slot is in, as an address of the slot's entry. It may have moved
// as a whole since the slot was found; none while it is in the mover's hands.
struct Hanging {
  bool hangs;
  MmId mm;
  PageNr address;
};
Hanging hanging(const World& w, const PteSlot& slot) {
  const auto is_it = [&](const auto& pmd) { return pmd.peek() == slot.table.value + 1; };
  if (is_it(w.mms[slot.mm.value].pmd[pmd_index(slot.address)]))
    return {true, slot.mm, slot.address};
  for (uint8_t mm = 0; mm < kMmsMax; mm++) {
    for (PageNr i = 0; i < kTablesPerMm; i++) {
      if (is_it(w.mms[mm].pmd[i])) return {true, MmId{mm}, i * kPtesPerTable + slot.index};
    }
  }
  return {false, slot.mm, slot.address};
}

TableId alloc_table(World& w) {
  if (w.allocation_fails("pte_alloc/alloc"_site)) return {};
  for (Table& table : w.tables) {
    if (table.allocated) continue;
    table.allocated = true;
    table.generation++;
    for (Pte& pte : table.pte) pte = {};
    return w.id(table);
  }
  return {};
}

// Whatever a freed table maps is lost, and is still counted as mapped.
void check_empty(World& w, TableId id, sched::Object pmd) {
  for (const Pte& pte : w.table(id).pte) {
    if (!pte.none()) w.oracle.lives.freed_table_used(w, pmd);
  }
}

void free_table(World& w, TableId id) {
  w.table(id).allocated = false;
  w.oracle.lives.table_freed(w);
}

}  // namespace

TableId pmd_table(World& w, Mm& mm, PageNr address, Site site) {
  const uint32_t i = pmd_index(address);
  return TableId{static_cast<uint8_t>(mm.pmd[i].load(w.at_pmd(w.id(mm), i), site) - 1)};
}

bool pte_alloc(World& w, Mm& mm, PageNr address) {
  if (pmd_table(w, mm, address, "pte_alloc/pmd"_site).valid()) return true;
  const TableId fresh = alloc_table(w);
  if (!fresh.valid()) return false;
  const uint32_t i = pmd_index(address);
  bool used = false;
  {
    Guard ptl(mm.page_table_lock, "pte_alloc/page_table_lock"_site);
    if (mm.pmd[i].load(w.at_pmd(w.id(mm), i), "pte_alloc/recheck"_site) == 0) {
      mm.pmd[i].store(w.at_pmd(w.id(mm), i), static_cast<uint8_t>(fresh.value + 1),
                      "pte_alloc/populate"_site);
      used = true;
    }
  }
  if (!used) free_table(w, fresh);
  return true;
}

PteSlot pte_offset(World& w, TableId table, Mm& mm, PageNr address) {
  return {table, static_cast<uint8_t>(address % kPtesPerTable), w.table(table).generation, w.id(mm),
          address};
}

SpinLock& pte_lockptr(World& w, const PteSlot& slot) { return w.table(slot.table).ptl; }

Pte pte_read(World& w, const PteSlot& slot, Site site) {
  const Subject s = w.at_pte(slot);
  sched::Scheduler& scheduler = sched::Scheduler::running();
  scheduler.before_access(field(kFieldPte), sched::AccessMode::read, s.held, site);
  const Pte pte = entry(w, slot);
  scheduler.access_done(field(kFieldPte), sched::AccessMode::read, site, s.object, pte.word());
  return pte;
}

Pte ptep_get_and_clear(World& w, const PteSlot& slot, Site site) {
  const Subject s = w.at_pte(slot);
  sched::Scheduler& scheduler = sched::Scheduler::running();
  scheduler.before_access(field(kFieldPte), sched::AccessMode::write, s.held, site);
  Pte& place = entry(w, slot);
  const Pte pte = place;
  place = {};
  if (pte.token.valid()) w.oracle.tokens.taken(w, pte.token);
  scheduler.access_done(field(kFieldPte), sched::AccessMode::write, site, s.object, 0);
  return pte;
}

void set_pte_at(World& w, const PteSlot& slot, const Pte& pte, Site site) {
  const Subject s = w.at_pte(slot);
  sched::Scheduler& scheduler = sched::Scheduler::running();
  scheduler.before_access(field(kFieldPte), sched::AccessMode::write, s.held, site);
  Pte& place = entry(w, slot);
  // Whatever an overwritten entry mapped is lost; the oracle then has a token that is in no pte.
  if (place.token.valid() && !(place.token == pte.token)) w.oracle.tokens.taken(w, place.token);
  place = pte;
  w.oracle.actors.took_effect();
  if (pte.token.valid()) {
    const Hanging at = hanging(w, slot);
    at.hangs ? w.oracle.tokens.placed(w, pte, at.mm, at.address)
             : w.oracle.tokens.changed_in_transit(pte);
  }
  scheduler.access_done(field(kFieldPte), sched::AccessMode::write, site, s.object, pte.word());
}

void assert_counted_locked(World& w, const Pte& pte, MmId mm, PageNr address, Site site) {
  if (pte.is_migration() && asserts_everywhere(w.kernel.entry_asserts))
    w.oracle.tokens.entry_found(w, pte, mm, address, site);
}

void free_pgd_range(World& w, Mm& mm, PageNr start, PageNr end, PageNr floor, PageNr ceiling) {
  for (uint32_t i = pmd_index(start); i <= pmd_index(end - 1); i++) {
    if (i * kPtesPerTable < floor || (i + 1) * kPtesPerTable > ceiling) continue;
    const Subject s = w.at_pmd(w.id(mm), i);
    const uint8_t table = mm.pmd[i].load(s, "free_pgtables/pmd"_site);
    if (table == 0) continue;
    mm.pmd[i].store(s, 0, "free_pgtables/clear"_site);
    check_empty(w, TableId{static_cast<uint8_t>(table - 1)}, s.object);
    free_table(w, TableId{static_cast<uint8_t>(table - 1)});
  }
}

}  // namespace rmap
