// write: the user's stores. See core/mm/fault/user_access.h.
// SPDX-License-Identifier: Apache-2.0
#include "core/mm/fault/user_access.h"
#include "core/ops/ops.h"

namespace rmap {

int op_write(World& w, const Op& op) { return access_pages(w, op, true); }

}  // namespace rmap
