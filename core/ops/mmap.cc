// mmap(): fresh anonymous memory at a fixed address. mm/mmap.c, mmap_region().
// SPDX-License-Identifier: Apache-2.0
#include "core/mm/vma/merge.h"
#include "core/mm/vma/munmap.h"
#include "core/ops/ops.h"

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

  return map_anonymous(w, mm, start, op.length, op.flags != kMmapReadOnly,
                       op.flags == kMmapGrowsDown, "mmap/alloc"_site);
}

}  // namespace rmap
