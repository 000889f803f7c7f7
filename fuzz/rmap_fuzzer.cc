// Fuzzes kernel newest, which must be clean.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/target.h"

namespace rmap {
const char* const kTargetKernel = "newest";
}
