// read: the user's loads. See core/user_access.h.
// SPDX-License-Identifier: Apache-2.0
#include "core/ops.h"
#include "core/user_access.h"

namespace rmap {

int op_read(World& w, const Op& op) { return access_pages(w, op, false); }

}  // namespace rmap
