// A libFuzzer target: one kernel, any input. See target.cc for what it does and which arguments it
// takes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace rmap {

// Each target defines it: the kernel that it fuzzes unless --kernel=EXPR says otherwise.
extern const char* const kTargetKernel;

}  // namespace rmap
