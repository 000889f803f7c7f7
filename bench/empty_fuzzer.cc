// A target that does nothing: what libFuzzer itself costs, to compare the real targets with.
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t*, std::size_t) { return 0; }
