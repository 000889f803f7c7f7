// brk(): moves the end of the heap, which begins at a fixed place. mm/mmap.c.
// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "core/mm/vma/merge.h"
#include "core/mm/vma/munmap.h"
#include "core/mm/vma/vma.h"
#include "core/ops/ops.h"

namespace rmap {
namespace {

// Grows the heap from `old_end` to `new_end`: nothing may be in the way.
int do_brk(World& w, Mm& mm, PageNr old_end, PageNr new_end) {
  const Vma* above = find_vma(w, mm, old_end);
  if (above != nullptr && above->vm_start.peek() < new_end + 1) return kEnomem;
  if (mm.vmas.size() > kMaxMapCount) return kEnomem;
  return map_anonymous(w, mm, old_end, new_end - old_end, true, false, "do_brk/alloc"_site);
}

}  // namespace

// Simplified: since 6.1 the heap does not merge with a vma that ends where it begins, and does not
// shrink where nothing is mapped.
int op_brk(World& w, const Op& op) {
  Mm& mm = w.mms[op.mm];
  const PageNr end = op.address;
  WriteGuard mmap_sem(mm.mmap_sem, "brk/mmap_sem"_site);
  if (end < kBrkStart) return kEnomem;
  const PageNr old_end = std::exchange(mm.brk, end);
  int error = kOk;
  if (end < old_end) error = do_munmap(w, mm, end, old_end - end, Downgrade::allowed);
  if (end > old_end) error = do_brk(w, mm, old_end, end);
  if (error != kOk) mm.brk = old_end;
  return error;
}

}  // namespace rmap
