// Fuzzes what reads litmus text, kept regressions included: see litmus_claims.h.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/tools/litmus_claims.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  // Some steps take the square of the number of lines; people do not write longer texts.
  size = size < 65536 ? size : 65536;
  rmap::hold(rmap::check_litmus_text({reinterpret_cast<const char*>(data), size}));
  return 0;
}
