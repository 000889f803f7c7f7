// exit: a process ends, and with it all that it has mapped. mm/mmap.c, exit_mmap().
// SPDX-License-Identifier: Apache-2.0
#include "core/mm/vma/munmap.h"
#include "core/ops/ops.h"

namespace rmap {

// Simplified: exit_mmap() runs when the last thread has gone, without mmap_sem; here it takes it
// for write, which keeps the other tasks' operations in this mm out for as long.
int op_exit(World& w, const Op& op) {
  Mm& mm = w.mms[op.mm];
  WriteGuard mmap_sem(mm.mmap_sem, "exit/mmap_sem"_site);
  exit_mmap(w, mm);
  return kOk;
}

}  // namespace rmap
