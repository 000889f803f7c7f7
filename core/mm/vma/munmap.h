// do_munmap() and exit_mmap(): zap the entries, unlink the vmas from their anon_vmas, free the page
// tables, in that order. mm/mmap.c.
//
// Property: a walk that already holds the anon_vma lock finishes before the unlink; a later one
// does not see the vma. So page tables are never freed under a walk (8f4f8c164cb4).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/world.h"

namespace rmap {

// Unmaps [start, start + len). 0, -EINVAL or -ENOMEM.
// Requires: mmap_sem for write; where that may be downgraded, it is held for read afterwards.
enum class Downgrade : uint8_t { no, allowed };
int do_munmap(World& w, Mm& mm, PageNr start, PageNr len, Downgrade downgrade = Downgrade::no);
// Unmaps everything that a process has.
// Requires: mmap_sem for write, which stands for "nobody else uses the mm".
void exit_mmap(World& w, Mm& mm);

}  // namespace rmap
