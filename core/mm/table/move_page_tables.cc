// SPDX-License-Identifier: Apache-2.0
#include "core/mm/table/move_page_tables.h"

#include <algorithm>

#include "core/mm/rmap/anon_vma_lock.h"
#include "core/mm/table/page_table.h"
#include "core/mm/vma/vma.h"

namespace rmap {

namespace {

bool takes_rmap_lock(const World& w, bool need_rmap_locks) {
  switch (w.kernel.move_locks) {
    case MoveLocks::none: return false;
    case MoveLocks::if_needed: return need_rmap_locks;
    case MoveLocks::always: return true;
  }
  return true;
}

// Moves the entries of [from, to) of `vma` to `new_addr` in `new_vma`. Each range lies in one
// table.
//
// Requires: mmap_sem for write, which makes the order of the two page-table locks safe; an empty
// destination.
void move_ptes(World& w, Vma& vma, TableId old_table, PageNr from, PageNr to, Vma& new_vma,
               TableId new_table, PageNr new_addr, bool need_rmap_locks) {
  Mm& mm = w.mm_of(vma);
  const bool locked_out = takes_rmap_lock(w, need_rmap_locks);
  AnonVmaGuard rmap(w, locked_out ? vma.anon_ref() : AnonVmaRef{}, "move_ptes/anon_vma"_site);
  Guard old_ptl(w.table(old_table).ptl, "move_ptes/old_ptl"_site);
  const bool two_tables = !(new_table == old_table);
  if (two_tables) w.table(new_table).ptl.lock("move_ptes/new_ptl"_site, 1);
  w.oracle.ranges.section_begins();
  if (!locked_out) w.oracle.ranges.chunk_moves(w, vma, from, to, new_vma, "move_ptes/old_ptl"_site);
  for (PageNr address = from; address < to; address++, new_addr++) {
    const PteSlot old_pte = pte_offset(w, old_table, mm, address);
    const PteSlot new_pte = pte_offset(w, new_table, mm, new_addr);
    Pte pte = pte_read(w, old_pte, "move_ptes/read"_site);
    if (!pte.none()) pte = ptep_get_and_clear(w, old_pte, "move_ptes/clear"_site);
    w.oracle.contents.moved(w.id(mm), address, new_addr);
    if (pte.none()) continue;
    flush_tlb_page(w, mm, address);  // ptep_clear_flush() before 3.2.
    set_pte_at(w, new_pte, pte, "move_ptes/set"_site);
  }
  w.oracle.ranges.section_ends(w, new_vma, "move_ptes/set"_site);
  if (two_tables) w.table(new_table).ptl.unlock("move_ptes/new_ptl"_site);
}

// move_normal_pmd(): hands a whole page table over. Its entries do not change and its lock is not
// taken, so that a walk that is inside goes on working there, with the old address in its hand.
//
// Requires: mmap_sem for write; both addresses begin a table, and there is none at the new one.
void move_normal_pmd(World& w, Vma& vma, PageNr old_addr, Vma& new_vma, PageNr new_addr,
                     bool locked_out) {
  Mm& mm = w.mm_of(vma);
  const uint32_t from = pmd_index(old_addr);
  const uint32_t to = pmd_index(new_addr);
  AnonVmaGuard rmap(w, locked_out ? vma.anon_ref() : AnonVmaRef{}, "move_normal_pmd/anon_vma"_site);
  Guard page_table_lock(mm.page_table_lock, "move_normal_pmd/page_table_lock"_site);
  w.oracle.ranges.section_begins();
  if (!locked_out) {
    w.oracle.ranges.chunk_moves(w, vma, old_addr, old_addr + kPtesPerTable, new_vma,
                                "move_normal_pmd/page_table_lock"_site);
  }
  cover(w, "move_normal_pmd/move"_site);
  const uint8_t table = mm.pmd[from].load(w.at_pmd(w.id(mm), from), "move_normal_pmd/clear"_site);
  mm.pmd[from].store(w.at_pmd(w.id(mm), from), 0, "move_normal_pmd/clear"_site);
  w.oracle.tokens.table_taken(w, w.tables[table - 1]);
  mm.pmd[to].store(w.at_pmd(w.id(mm), to), table, "move_normal_pmd/set"_site);
  w.oracle.tokens.table_placed(w, w.tables[table - 1], w.id(mm), old_addr, new_addr);
  flush_tlb_range(w, mm, old_addr, old_addr + kPtesPerTable);
  w.oracle.ranges.section_ends(w, new_vma, "move_normal_pmd/set"_site);
}

// Whether the kernel moves the table at `old_addr` as a whole, and under the anon_vma lock or not.
enum class WholeTable : uint8_t { no, unlocked, locked };
WholeTable moves_whole_table(World& w, Mm& mm, PageNr old_addr, PageNr new_addr, PageNr extent,
                             bool need_rmap_locks) {
  if (!moves_tables(w.kernel.table_move) || extent != kPtesPerTable) return WholeTable::no;
  if (old_addr % kPtesPerTable != 0 || new_addr % kPtesPerTable != 0) return WholeTable::no;
  if (pmd_table(w, mm, new_addr, "move_page_tables/new_pmd"_site).valid()) return WholeTable::no;
  const bool locked = always_locks(w.kernel.table_move) || need_rmap_locks;
  return locked ? WholeTable::locked : WholeTable::unlocked;
}

PageNr chunk_limit(const World& w) {
  switch (w.kernel.move_chunk) {
    case MoveChunk::latency_limit: return kLatencyLimit;
    case MoveChunk::table: return kPtesPerTable;
  }
  return kPtesPerTable;
}

// try_realign_addr(): how far below both addresses their tables begin, if nothing but the range is
// in these; the first table moves as a whole then.
PageNr realigned_by(World& w, const Vma& vma, PageNr old_addr, const Vma& new_vma, PageNr new_addr,
                    PageNr len) {
  const PageNr offset = old_addr % kPtesPerTable;
  if (begins_exactly(w.kernel.move_start) || offset == 0) return 0;
  if (new_addr % kPtesPerTable != offset || len < kPtesPerTable - offset) return 0;
  const auto is_alone = [&](const Vma& v, PageNr address) {
    const Vma* before = prev_vma(w, v);
    const bool hole = before == nullptr || before->vm_end.peek() <= address - offset;
    return v.vm_start.peek() == address && hole;
  };
  return is_alone(vma, old_addr) && is_alone(new_vma, new_addr) ? offset : 0;
}

}  // namespace

PageNr move_page_tables(World& w, Vma& vma, PageNr old_addr, Vma& new_vma, PageNr new_addr,
                        PageNr len, bool need_rmap_locks) {
  Mm& mm = w.mm_of(vma);
  const PageNr old_end = old_addr + len;
  const PageNr below = realigned_by(w, vma, old_addr, new_vma, new_addr, len);
  old_addr -= below;
  new_addr -= below;
  PageNr extent = 0;
  for (; old_addr < old_end; old_addr += extent, new_addr += extent) {
    extent = pmd_addr_end(old_addr, old_end) - old_addr;
    const TableId old_table = pmd_table(w, mm, old_addr, "move_page_tables/old_pmd"_site);
    if (!old_table.valid()) continue;
    const WholeTable whole = moves_whole_table(w, mm, old_addr, new_addr, extent, need_rmap_locks);
    if (whole != WholeTable::no) {
      move_normal_pmd(w, vma, old_addr, new_vma, new_addr, whole == WholeTable::locked);
      continue;
    }
    if (!pte_alloc(w, mm, new_addr)) break;
    extent = std::min(pmd_addr_end(new_addr, new_addr + extent) - new_addr, chunk_limit(w));
    const TableId new_table = pmd_table(w, mm, new_addr, "move_page_tables/new_pmd"_site);
    move_ptes(w, vma, old_table, old_addr, old_addr + extent, new_vma, new_table, new_addr,
              need_rmap_locks);
  }
  const PageNr left = old_end - old_addr;
  return left > len ? 0 : len - left;
}

}  // namespace rmap
