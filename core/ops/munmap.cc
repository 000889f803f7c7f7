// munmap(). The work is in core/mm/vma/munmap.cc, which mremap and mmap use too.
// SPDX-License-Identifier: Apache-2.0
#include "core/mm/vma/munmap.h"

#include "core/ops/ops.h"

namespace rmap {

int op_munmap(World& w, const Op& op) {
  Mm& mm = w.mms[op.mm];
  WriteGuard mmap_sem(mm.mmap_sem, "munmap/mmap_sem"_site);
  return do_munmap(w, mm, op.address, op.length, Downgrade::allowed);
}

}  // namespace rmap
