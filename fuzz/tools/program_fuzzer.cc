// Fuzzes what reads the bytes of a program, and files in general: see program_claims.h.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/tools/program_claims.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  rmap::hold(rmap::check_program_bytes({data, size}));
  return 0;
}
