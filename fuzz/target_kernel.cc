// The kernel that a target fuzzes unless --kernel names another one; CMakeLists.txt has the list.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/target.h"

namespace rmap {
const char* const kTargetKernel = RMAPFUZZ_TARGET_KERNEL;
}
