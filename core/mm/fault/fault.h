// Page faults. mm/memory.c, handle_mm_fault() and what it calls.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/world.h"

namespace rmap {

// Makes some progress towards mapping `address`, for writing if `write`; the access is then tried
// again. 0 or -ENOMEM. Requires: mmap_sem for read; `vma` covers the address and allows the access.
int handle_mm_fault(World& w, Vma& vma, PageNr address, bool write);

}  // namespace rmap
