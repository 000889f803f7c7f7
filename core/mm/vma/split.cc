// SPDX-License-Identifier: Apache-2.0
#include "core/mm/vma/split.h"

#include "core/mm/rmap/anon_vma.h"
#include "core/mm/vma/adjust.h"
#include "core/mm/vma/vma.h"

namespace rmap {

int split_vma(World& w, Vma& vma, PageNr address, bool new_below) {
  const PageNr start = start_of(w, vma);
  const PageNr end = end_of(w, vma);
  const PageNr pgoff = pgoff_of(w, vma);
  CHECK_LT(start, address);
  CHECK_LT(address, end);
  Vma* fresh = vma_dup(w, vma, "split_vma/alloc"_site);
  if (fresh == nullptr) return kEnomem;
  cover(w, "split_vma/split"_site);
  fresh->vm_start.init(new_below ? start : address);
  fresh->vm_end.init(new_below ? address : end);
  fresh->vm_pgoff.init(new_below ? pgoff : pgoff + (address - start));
  w.oracle.ranges.changed(*fresh);
  const bool chains = has_chains(w.kernel.anon_topology);
  if (chains && anon_vma_clone(w, *fresh, vma) != kOk) {
    vma_free(w, *fresh);
    return kEnomem;
  }
  // Until the range shrinks, both vmas cover the new one's pages, and a walk may see a page twice:
  // legal.
  const int error = new_below ? vma_adjust(w, vma, address, end, pgoff + (address - start), fresh)
                              : vma_adjust(w, vma, start, address, pgoff, fresh);
  CHECK_EQ(error, kOk);
  return kOk;
}

}  // namespace rmap
