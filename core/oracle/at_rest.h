// At rest: what must hold once every task has finished.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/world.h"

namespace rmap {

// Holds the world against that rule alone, or one of its kind.
void check_at_rest(World& w, Rule rule);

}  // namespace rmap
