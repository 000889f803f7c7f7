// Taking entries out of page tables: munmap, exit, madvise(MADV_DONTNEED). mm/memory.c.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/world.h"

namespace rmap {

// Clears the entries of [start, end), a part of `vma`, and lets go of what they map.
// Requires: mmap_sem, for read is enough.
void zap_page_range(World& w, Vma& vma, PageNr start, PageNr end);
// All of them. Requires: mmap_sem for write.
inline void zap_page_range(World& w, Vma& vma) {
  zap_page_range(w, vma, vma.vm_start.peek(), vma.vm_end.peek());
}

}  // namespace rmap
