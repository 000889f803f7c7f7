// madvise(MADV_DONTNEED): throws pages away, and keeps the vma. mm/madvise.c.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/mm/table/zap.h"
#include "core/mm/vma/vma.h"
#include "core/ops/ops.h"

namespace rmap {

// Simplified: since 6.14 a page table that this empties is freed, under mmap_lock for read, and
// whoever has found it checks the pmd again. No table goes here, so that class of races is missing.
int op_madvise(World& w, const Op& op) {
  Mm& mm = w.mms[op.mm];
  const PageNr end = op.address + op.length;
  int result = kOk;
  PageNr start = op.address;
  ReadGuard mmap_sem(mm.mmap_sem, "madvise/mmap_sem"_site);
  while (start < end) {
    Vma* vma = find_vma(w, mm, start);
    if (vma == nullptr) return kEnomem;
    const PageNr vm_start = vma->vm_start.load(w.at(*vma), "find_vma/range"_site);
    if (start < vm_start) {  // Holes are passed over, and reported at the end.
      result = kEnomem;
      start = vm_start;
      continue;
    }
    const PageNr part_end = std::min(vma->vm_end.load(w.at(*vma), "find_vma/range"_site), end);
    zap_page_range(w, *vma, start, part_end);
    start = part_end;
  }
  return result;
}

}  // namespace rmap
