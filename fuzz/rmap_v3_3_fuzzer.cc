// Fuzzes kernel v3.3.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/target.h"

namespace rmap {
const char* const kTargetKernel = "v3.3";
}
