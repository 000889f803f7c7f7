// SPDX-License-Identifier: Apache-2.0
#include "core/ops.h"

namespace rmap {
namespace {

constexpr OpInfo kOps[] = {
#define OP(name, operands, flags, meaning) OpInfo(#name, operands, flags, meaning),
#include "core/ops.def"
#undef OP
};

using OpFunction = int (*)(World&, const Op&);
constexpr OpFunction kFunctions[] = {
#define OP(name, operands, flags, meaning) &op_##name,
#include "core/ops.def"
#undef OP
};

}  // namespace

std::span<const OpInfo> op_table() { return kOps; }
const OpInfo& op_info(OpKind kind) { return kOps[static_cast<uint8_t>(kind)]; }

std::string_view OpInfo::flag_name(uint32_t number) const {
  std::string_view rest = flags;
  for (uint32_t i = 1; i < number; i++) rest.remove_prefix(rest.find(' ') + 1);
  return rest.substr(0, rest.find_first_of(" @"));
}

int perform(World& w, const Op& op) {
  w.oracle.op_begins(static_cast<uint8_t>(op.kind));
  return kFunctions[static_cast<uint8_t>(op.kind)](w, op);
}

}  // namespace rmap
