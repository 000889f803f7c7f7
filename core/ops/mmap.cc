// mmap(): fresh anonymous memory at a fixed address. mm/mmap.c, mmap_region().
// SPDX-License-Identifier: Apache-2.0
#include "core/ops.h"
#include "core/vma.h"

namespace rmap {

// Simplified: MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS only, so that an operation names its place.
int op_mmap(World& w, const Op& op) {
  Mm& mm = w.mms[op.mm];
  const PageNr start = op.address;
  const PageNr end = start + op.length;
  if (end > kWindowPages) return kEnomem;
  WriteGuard mmap_sem(mm.mmap_sem, "mmap/mmap_sem"_site);
  if (mm.vmas.size() > kMaxMapCount)
    return kEnomem;  // do_mmap_pgoff() looks first, and lets one more in.
  const int error = do_munmap(w, mm, start, op.length);
  if (error != kOk) return error;

  const uint32_t at = find_vma_position(w, mm, start);
  Vma* prev = at > 0 ? &w.vma(mm.vmas[at - 1]) : nullptr;
  const bool can_write = op.flags != kMmapReadOnly;
  if (vma_merge(w, mm, prev, {start, end, start, can_write, {}}) != nullptr) return kOk;

  Vma* vma = vma_alloc(w, "mmap/alloc"_site);
  if (vma == nullptr) return kEnomem;
  vma->mm = w.id(mm);
  vma->can_write = can_write;
  vma->vm_start.init(start);
  vma->vm_end.init(end);
  vma->vm_pgoff.init(start);  // A private anonymous vma's pgoff is its address.
  insert_vm_struct(w, mm, *vma);
  return kOk;
}

}  // namespace rmap
