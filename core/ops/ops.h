// Carrying operations out: system calls, faults of user accesses, and kernel threads. One file
// each.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/op.h"
#include "core/model/world.h"

namespace rmap {

// Carries `op` out in the current task. 0 or a negative errno.
int perform(World& w, const Op& op);

// One per row of ops.def, in ops/NAME.cc.
#define OP(name, operands, flags, involved, meaning) int op_##name(World& w, const Op& op);
#include "core/model/ops.def"
#undef OP

}  // namespace rmap
