// Shapes: what the anon_vmas and vmas that an execution leaves behind look like, as marks for a
// fuzzer's feedback.
//
// Races need a schedule, which sites and interleaving pairs measure; bugs of topology need a long
// sequence of operations that a single task could carry out, and nothing but the shape of the
// chains shows how far along one is. Nothing here knows of any particular bug.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "core/model/world.h"

namespace rmap {

inline constexpr uint32_t kShapes = 128;

// Sets the mark of each shape that is there. `marks` has kShapes bytes.
void mark_shapes(const World& w, std::span<uint8_t> marks);

}  // namespace rmap
