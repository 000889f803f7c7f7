// SPDX-License-Identifier: Apache-2.0
#include "core/ops/ops.h"

namespace rmap {
namespace {

using OpFunction = int (*)(World&, const Op&);
constexpr OpFunction kFunctions[] = {
#define OP(name, operands, flags, involved, meaning) &op_##name,
#include "core/model/ops.def"
#undef OP
};

}  // namespace

int perform(World& w, const Op& op) {
  w.oracle.actors.op_begins(static_cast<uint8_t>(op.kind));
  return kFunctions[static_cast<uint8_t>(op.kind)](w, op);
}

}  // namespace rmap
