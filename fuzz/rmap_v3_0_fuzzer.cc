// Fuzzes kernel v3.0.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/target.h"

namespace rmap {
const char* const kTargetKernel = "v3.0";
}
