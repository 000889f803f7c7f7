// Stacks, which grow at a fault. mm/mmap.c.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/world.h"

namespace rmap {

// expand_stack(): grows a vma that grows down, so that it covers `address`. 0 or -ENOMEM.
// Requires: mmap_sem, for read is enough; the address is above the vma before it.
int expand_stack(World& w, Vma& vma, PageNr address);

}  // namespace rmap
