// Moving the entries of a vma to another one. mm/mremap.c.
//
// The property that everything here is about: page migration, which does not hold mmap_sem, must
// find every migration entry of its page, at its old or at its new address, while this moves it.
// Either the walk is locked out while entries move, or it looks under the page-table locks and
// visits the source before the destination. Which of the two, and whether it is so at all, is up to
// the kernel's MoveLocks, MergeOrder, RollbackOrder and RmapIndex.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/world.h"

namespace rmap {

// Moves `len` pages of entries, chunk by chunk. Returns how many it got done before an allocation
// failed.
PageNr move_page_tables(World& w, Vma& vma, PageNr old_addr, Vma& new_vma, PageNr new_addr,
                        PageNr len, bool need_rmap_locks);

}  // namespace rmap
