// SPDX-License-Identifier: Apache-2.0
#include "core/mm/vma/stack.h"

#include "core/mm/rmap/anon_vma.h"
#include "core/mm/vma/adjust.h"

namespace rmap {

// Simplified: no guard gap (4.12) and no limits: they only refuse to grow. No guard page (2.6.36
// to 4.11), under which a fault at vm_start itself grows the stack, too (check_stack_guard_page()):
// in a story about such a fault of those kernels, read the address as one page higher. Since 3.8
// page_table_lock is held too, for the tree of gaps, which the model has not got.
int expand_stack(World& w, Vma& vma, PageNr address) {
  // So that locking the anon_vma is not a no-op.
  if (anon_vma_prepare(w, vma) != kOk) return kEnomem;
  const AnonVmaRef anon_vma = locks_anon_vma(w.kernel.stack_lock) ? vma.anon_ref() : AnonVmaRef{};
  AnonVmaGuard lock(w, anon_vma, "expand_stack/anon_vma"_site);
  const PageNr start = vma.vm_start.load(w.at(vma), "expand_stack/recheck"_site);
  if (address >= start) return kOk;  // Somebody else's fault was faster.
  const PageNr grow = start - address;
  const PageNr pgoff = vma.vm_pgoff.load(w.at(vma), "expand_stack/recheck"_site);
  if (grow > pgoff && checks_pgoff(w.kernel.stack_pgoff)) return kEnomem;
  cover(w, "expand_stack/grow"_site);
  w.oracle.ranges.section_begins();
  range_change_begins(w, vma, "expand_stack/vm_start"_site);
  vma.vm_start.store(w.at(vma), address, "expand_stack/vm_start"_site);
  vma.vm_pgoff.store(w.at(vma), pgoff - grow, "expand_stack/vm_pgoff"_site);
  w.oracle.ranges.changed(vma);
  range_change_ends(w, vma, "expand_stack/vm_pgoff"_site);
  w.oracle.actors.took_effect();
  w.oracle.ranges.section_ends(w, vma, "expand_stack/vm_pgoff"_site);
  return kOk;
}

}  // namespace rmap
