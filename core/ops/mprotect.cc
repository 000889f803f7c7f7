// mprotect(): makes pages writable or read-only. mm/mprotect.c.
//
// What it does to the vmas is what matters here: it splits them, and it is the only one that merges
// vmas that are mapped already (cases 4 to 8 of vma_merge()).
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/mm/table/page_table.h"
#include "core/mm/vma/merge.h"
#include "core/mm/vma/split.h"
#include "core/mm/vma/vma.h"
#include "core/ops/ops.h"

namespace rmap {
namespace {

// can_change_pte_writable(): nobody else ever had the page.
bool may_be_writable(World& w, const Pte& pte) {
  return makes_exclusive_writable(w.kernel.mprotect_write) && pte.kind == PteKind::present &&
         w.page(pte.frame).anon_exclusive;
}

// One entry. A private page's entry is not made writable here: the next write faults, and may find
// that the page is shared; unless that is known not to be so. A migration entry loses its write
// permission too.
void change_pte(World& w, const PteSlot& slot, bool can_write) {
  Pte pte = pte_read(w, slot, "change_pte_range/read"_site);
  if (pte.present()) {
    pte = ptep_get_and_clear(w, slot, "change_pte_range/clear"_site);  // ptep_modify_prot_start()
    pte.writable = can_write && may_be_writable(w, pte);
    set_pte_at(w, slot, pte, "change_pte_range/set"_site);
  } else if (pte.is_migration() && pte.writable) {
    pte.writable = false;
    pte.exclusive = reuses_exclusive(w.kernel.exclusive);
    set_pte_at(w, slot, pte, "change_pte_range/set"_site);
  }
}

void change_protection(World& w, Mm& mm, PageNr start, PageNr end, bool can_write) {
  for (PageNr address = start; address < end;) {
    const PageNr next = pmd_addr_end(address, end);
    const TableId table = pmd_table(w, mm, address, "change_pte_range/pmd"_site);
    if (table.valid()) {
      Guard ptl(w.table(table).ptl, "change_pte_range/ptl"_site);
      for (PageNr a = address; a < next; a++) change_pte(w, pte_offset(w, table, mm, a), can_write);
    }
    address = next;
  }
  flush_tlb_range(w, mm, start, end);
}

// split_vma(), which looks at the number of vmas first.
int split(World& w, Vma& vma, PageNr address, bool new_below) {
  if (w.mm_of(vma).vmas.size() >= kMaxMapCount) return kEnomem;
  return split_vma(w, vma, address, new_below);
}

// VM_ACCOUNT: what was writable once may have pages of its own.
bool stays_accounted(const World& w, const Vma& vma, bool can_write) {
  if (can_write) return true;
  return vma.accounted && (!unaccounts_unfaulted(w.kernel.unaccount) || vma.anon().valid());
}

// [start, end) of one vma. `prev` is the vma before it, or the vma itself where it begins earlier;
// afterwards, the vma that covers the range.
int mprotect_fixup(World& w, Vma& vma, Vma*& prev, PageNr start, PageNr end, bool can_write) {
  Mm& mm = w.mm_of(vma);
  const VmaPointer remembered(vma);
  Vma* changed = &vma;
  if (vma.can_write == can_write) {
    prev = &vma;
    return kOk;
  }
  const PageNr pgoff = vma.vm_pgoff.peek() + (start - vma.vm_start.peek());
  MergeRequest r = request_like(vma, start, end, pgoff);
  r.can_write = can_write;
  r.accounted = stays_accounted(w, vma, can_write);
  r.existing = &vma;
  prev = vma_merge(w, mm, prev, r);
  if (prev != nullptr) {
    changed = prev;
  } else if (r.no_memory && fails_without_memory(w.kernel.merge_oom)) {
    return kEnomem;
  } else {
    // True to the era: a merge that failed half-way may have freed it.
    prev = &remembered.get(w, "mprotect_fixup/vma"_site);
    int error = kOk;
    if (start != vma.vm_start.peek()) error = split(w, vma, start, true);
    if (error == kOk && end != vma.vm_end.peek()) error = split(w, vma, end, false);
    if (error != kOk) return error;
  }
  changed->can_write = can_write;
  changed->accounted = r.accounted;
  w.oracle.actors.took_effect();
  change_protection(w, mm, start, end, can_write);
  return kOk;
}

}  // namespace

int op_mprotect(World& w, const Op& op) {
  Mm& mm = w.mms[op.mm];
  const PageNr start = op.address;
  const PageNr end = start + op.length;
  WriteGuard mmap_sem(mm.mmap_sem, "mprotect/mmap_sem"_site);
  Vma* vma = find_vma(w, mm, start);
  if (vma == nullptr || vma->vm_start.peek() > start) return kEnomem;
  Vma* prev = start > vma->vm_start.peek() ? vma : prev_vma(w, *vma);
  for (PageNr at = start;;) {
    const PageNr part_end = std::min(vma->vm_end.peek(), end);
    const int error = mprotect_fixup(w, *vma, prev, at, part_end, op.flags != kMprotectReadOnly);
    if (error != kOk) return error;
    at = std::max(part_end, prev->vm_end.peek());
    if (at >= end) return kOk;
    vma = next_vma(w, *prev);
    if (vma == nullptr || vma->vm_start.peek() != at) return kEnomem;
  }
}

}  // namespace rmap
