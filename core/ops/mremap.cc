// mremap(): moves, grows and shrinks a mapping. mm/mremap.c, and copy_vma() of mm/mmap.c.
//
// The property that everything here is about: page migration, which does not hold mmap_sem, must
// find every migration entry of its page, at its old or at its new address, while this moves it.
// Either the walk is locked out while entries move, or it looks under the page-table locks and
// visits the source before the destination. Which of the two, and whether it is so at all, is up to
// the kernel's MoveLocks, MergeOrder, RollbackOrder and RmapIndex.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/mm/rmap/anon_vma.h"
#include "core/mm/table/page_table.h"
#include "core/mm/vma/adjust.h"
#include "core/mm/vma/merge.h"
#include "core/mm/vma/munmap.h"
#include "core/mm/vma/vma.h"
#include "core/ops/ops.h"

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
  if (w.kernel.table_move == TableMove::never || extent != kPtesPerTable) return WholeTable::no;
  if (old_addr % kPtesPerTable != 0 || new_addr % kPtesPerTable != 0) return WholeTable::no;
  if (pmd_table(w, mm, new_addr, "move_page_tables/new_pmd"_site).valid()) return WholeTable::no;
  const bool locked = w.kernel.table_move == TableMove::locks_always || need_rmap_locks;
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
  if (w.kernel.move_start == MoveStart::exact || offset == 0) return 0;
  if (new_addr % kPtesPerTable != offset || len < kPtesPerTable - offset) return 0;
  const auto is_alone = [&](const Vma& v, PageNr address) {
    const Vma* before = prev_vma(w, v);
    const bool hole = before == nullptr || before->vm_end.peek() <= address - offset;
    return v.vm_start.peek() == address && hole;
  };
  return is_alone(vma, old_addr) && is_alone(new_vma, new_addr) ? offset : 0;
}

// Moves `len` pages of entries, chunk by chunk. Returns how many it got done before an allocation
// failed.
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

struct Copy {
  Vma* vma = nullptr;
  bool need_rmap_locks = false;
};

// The order of a merged destination and its source, for the walks to come.
void order_merged(World& w, Vma& new_vma) {
  switch (w.kernel.merge_order) {
    case MergeOrder::as_found: break;
    case MergeOrder::move_to_tail: anon_vma_moveto_tail(w, new_vma); break;
  }
}

// A fresh vma at [addr, addr + len), linked to the anon_vmas of `src`; null when an allocation
// fails.
Vma* fresh_copy(World& w, Vma& src, PageNr addr, PageNr len, PageNr pgoff) {
  Vma* fresh = vma_dup(w, src, "copy_vma/alloc"_site);
  if (fresh == nullptr) return nullptr;
  cover(w, "copy_vma/fresh"_site);
  const auto set_range = [&] {
    w.oracle.ranges.changes(w, *fresh, "copy_vma/vm_start"_site);
    fresh->vm_start.store(w.at(*fresh), addr, "copy_vma/vm_start"_site);
    fresh->vm_end.store(w.at(*fresh), addr + len, "copy_vma/vm_end"_site);
    fresh->vm_pgoff.store(w.at(*fresh), pgoff, "copy_vma/vm_pgoff"_site);
    w.oracle.ranges.changed(*fresh);
  };
  if (w.kernel.anon_topology == AnonTopology::single) {  // vma_link()
    set_range();
    AnonVmaGuard anon_vma(w, fresh->anon_ref(), "anon_vma_link/lock"_site);
    insert_vm_struct(w, w.mm_of(src), *fresh, "copy_vma/insert"_site);
    __anon_vma_link(w, *fresh);
    return fresh;
  }
  bool linked = false;
  switch (w.kernel.copy_link) {
    case CopyLink::clone_then_range:  // A walk may meet it with the source's range, or half of it.
      linked = anon_vma_clone(w, *fresh, src) == kOk;
      if (linked) set_range();
      break;
    case CopyLink::range_then_clone:
      set_range();
      linked = anon_vma_clone(w, *fresh, src) == kOk;
      break;
  }
  if (!linked) {
    vma_free(w, *fresh);
    return nullptr;
  }
  // Until 5e549e989f94 vma_link() held the vma's own anon_vma lock, for nothing. It went days after
  // that lock became the root's.
  const bool locks = w.kernel.lock_scope == LockScope::own;
  AnonVmaGuard anon_vma(w, locks ? fresh->anon_ref() : AnonVmaRef{}, "anon_vma_link/lock"_site);
  insert_vm_struct(w, w.mm_of(src), *fresh, "copy_vma/insert"_site);
  return fresh;
}

// A vma for [addr, addr + len) that can take over the entries of `src`: a neighbour that grows over
// it, or a fresh one, linked to the same anon_vmas. May fold `src` itself into it, if nothing was
// ever faulted in; `src` follows.
Copy copy_vma(World& w, Vma*& src, PageNr addr, PageNr len, PageNr pgoff, bool keep_source) {
  Mm& mm = w.mm_of(*src);
  const PageNr src_start = src->vm_start.peek();
  const bool faulted_in_anon_vma = src->anon().valid();
  // No page is there to be found at its old pgoff: take the one that makes merging likely.
  if (!faulted_in_anon_vma) pgoff = addr;

  const uint32_t at = find_vma_position(w, mm, addr);
  Vma* prev = at > 0 ? &w.vma(mm.vmas[at - 1]) : nullptr;
  Copy copy;
  const bool may_merge_with_source =
      !keep_source || faulted_in_anon_vma || w.kernel.keep_source == KeepSource::may_merge;
  MergeRequest r = request_like(*src, addr, addr + len, pgoff);
  r.moves_from = src;
  r.may_merge_with_source = may_merge_with_source;
  copy.vma = vma_merge(w, mm, prev, r);
  if (copy.vma == nullptr) {
    copy.vma = fresh_copy(w, *src, addr, len, pgoff);
    return copy;
  }
  const bool self = src_start >= copy.vma->vm_start.peek() && src_start < copy.vma->vm_end.peek();
  cover(w, self ? "copy_vma/self_merged"_site : "copy_vma/merged"_site);
  if (self) {
    w.oracle.judges(Rule::self_merge);
    if (faulted_in_anon_vma)
      w.oracle.finding(Rule::self_merge, Manner::none, vma_object(w.id(*src)), {},
                       "copy_vma/self_merged"_site);
    src = copy.vma;
  } else {
    order_merged(w, *copy.vma);
  }
  // In a tree the lower pgoff is visited first; a source that is not strictly lower is locked.
  copy.need_rmap_locks = copy.vma->vm_pgoff.peek() <= src->vm_pgoff.peek();
  return copy;
}

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
  if (w.kernel.dontunmap != DontUnmap::unlinks_chain || &vma == &new_vma || !whole) return;
  cover(w, "move_vma/unlinked"_site);
  unlink_anon_vmas(w, vma);
  if (w.kernel.dontunmap_pgoff == DontUnmapPgoff::reset) {
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
  if (dont_unmap && (w.kernel.dontunmap == DontUnmap::unknown || old_len != new_len))
    return kEinval;
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
    if (w.kernel.mremap_span == MremapSpan::many && op.length == new_len)
      return remap_move(w, mm, op.address, op.length, op.address2, dont_unmap);
    return mremap_to(w, mm, op.address, op.length, op.address2, new_len, dont_unmap);
  }
  return do_mremap(w, mm, op.address, op.length, new_len, op.flags == kMremapMayMove);
}

}  // namespace rmap
