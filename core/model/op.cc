// SPDX-License-Identifier: Apache-2.0
#include "core/model/op.h"

namespace rmap {
namespace {

constexpr OpInfo kOps[] = {
#define OP(name, operands, flags, involved, meaning) \
  OpInfo(#name, operands, flags, involved, meaning),
#include "core/model/ops.def"
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

}  // namespace rmap
