// Cutting a vma in two. mm/mmap.c.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/world.h"

namespace rmap {

// Cuts `vma` in two at `address`; the new vma is the lower part or the upper one. 0 or -ENOMEM.
int split_vma(World& w, Vma& vma, PageNr address, bool new_below);

}  // namespace rmap
