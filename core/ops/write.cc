// write: the user's stores. See core/user_access.h.
// SPDX-License-Identifier: Apache-2.0
#include "core/ops.h"
#include "core/user_access.h"

namespace rmap {

int op_write(World& w, const Op& op) { return access_pages(w, op, true); }

}  // namespace rmap
