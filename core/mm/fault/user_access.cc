// SPDX-License-Identifier: Apache-2.0
#include "core/mm/fault/user_access.h"

#include "core/mm/fault/fault.h"
#include "core/mm/table/page_table.h"
#include "core/mm/vma/stack.h"
#include "core/mm/vma/vma.h"

namespace rmap {
namespace {

// One load or store as the processor does it. True when the entry allowed it.
//
// Simplified: the processor's walk takes no lock, yet it is no racy reader of the pte class. All
// that it could see inside a critical section and not before or after it is "none" (or a migration
// entry), which makes it fault, as it would have before or after; so one point, here, reaches every
// outcome.
bool hardware_access(World& w, Mm& mm, PageNr address, bool write) {
  constexpr Site site = "user_access/access"_site;
  sched::Scheduler& s = sched::Scheduler::running();
  const sched::AccessMode mode = write ? sched::AccessMode::write : sched::AccessMode::read;
  s.before_access(field(kFieldContents), mode, 0, site);
  const uint8_t table = mm.pmd[pmd_index(address)].peek();
  const Pte pte = table != 0 ? w.tables[table - 1].pte[address % kPtesPerTable] : Pte{};
  const bool allowed = pte.present() && (!write || pte.writable);
  if (allowed && write) {
    w.page(pte.frame).contents.init(w.next_tag);
    w.oracle.contents.wrote(w.id(mm), address, w.next_tag++);
  }
  if (allowed) w.oracle.actors.took_effect();
  const uint16_t value = pte.kind == PteKind::present ? w.page(pte.frame).contents.peek() : 0;
  s.access_done(field(kFieldContents), mode, site, pte_object(w.id(mm), address),
                allowed ? value : pte.word());
  if (allowed && !write) w.oracle.contents.read(w, w.id(mm), address, value, site);
  return allowed;
}

// Grows a stack under mmap_sem for write (6.5), after the fault let go of it; the access is tried
// again. Simplified: the kernel tries to upgrade first, and downgrades afterwards.
int expand_stack_for_write(World& w, Mm& mm, PageNr address) {
  WriteGuard mmap_sem(mm.mmap_sem, "expand_stack/mmap_sem"_site);
  Vma* vma = find_vma(w, mm, address);
  if (vma == nullptr) return kEfault;
  if (vma->vm_start.peek() <= address) return kOk;
  return vma->grows_down && expand_stack(w, *vma, address) == kOk ? kOk : kEfault;
}

// Simplified: mmap_sem for read, always. Since 6.4 a fault takes the lock of its vma instead where
// it can, so that it runs beside a writer of another vma: schedules that are missing here.
//
// do_page_fault(). 0 when the access is worth another try.
int page_fault(World& w, Mm& mm, PageNr address, bool write) {
  {
    ReadGuard mmap_sem(mm.mmap_sem, "do_page_fault/mmap_sem"_site);
    Vma* vma = find_vma(w, mm, address);
    if (vma == nullptr) return kEfault;
    bool covers = vma->vm_start.load(w.at(*vma), "find_vma/range"_site) <= address;
    if (!covers && !vma->grows_down) return kEfault;
    if (!covers && grows_under_read(w.kernel.stack_mmap)) {
      if (expand_stack(w, *vma, address) != kOk) return kEfault;
      covers = true;
    }
    if (covers) {
      if (write && !vma->can_write) return kEfault;
      return handle_mm_fault(w, *vma, address, write);
    }
  }
  return expand_stack_for_write(w, mm, address);
}

int access_page(World& w, Mm& mm, PageNr address, bool write) {
  while (!hardware_access(w, mm, address, write)) {
    const int error = page_fault(w, mm, address, write);
    if (error != kOk) return error;
  }
  return kOk;
}

}  // namespace

int access_pages(World& w, const Op& op, bool write) {
  for (PageNr i = 0; i < op.length; i++) {
    const PageNr address = op.address + i;
    if (address >= kWindowPages) return kEfault;
    const int error = access_page(w, w.mms[op.mm], address, write);
    if (error != kOk) return error;
  }
  return kOk;
}

}  // namespace rmap
