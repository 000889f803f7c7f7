// Fuzzes the minimizer: see minimize_claims.h. The first byte chooses a release and the effort.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/tools/minimize_claims.h"

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  rmap::kernel_chosen_by(0);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  rmap::Program p;
  if (rmap::decode_chosen({data, size}, 1, p))
    rmap::hold(
        rmap::check_minimize(rmap::kernel_chosen_by(data[0]), p, rmap::effort_chosen_by(data[0])));
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(uint8_t* data, std::size_t size,
                                               std::size_t size_max, unsigned int seed) {
  return rmap::mutate_chosen(data, size, size_max, seed, 1);
}
