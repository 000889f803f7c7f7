// A user's loads and stores: the hardware's walk of the page table, and the fault that follows when
// it finds nothing.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/op.h"
#include "core/model/world.h"

namespace rmap {

// Accesses each page of the operation's range in turn. Stops at the first error: -EFAULT or
// -ENOMEM.
int access_pages(World& w, const Op& op, bool write);

}  // namespace rmap
