// Fuzzes what explains and keeps executions: see explain_claims.h. The first byte chooses a
// release, the second one a format and its options.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/tools/explain_claims.h"

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  rmap::kernel_chosen_by(0);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  rmap::Program p;
  if (!rmap::decode_chosen({data, size}, 2, p)) return 0;
  const rmap::FuzzedKernel& kernel = rmap::kernel_chosen_by(data[0]);
  rmap::hold(rmap::check_format(kernel, p, rmap::format_chosen_by(data[1]),
                                rmap::options_chosen_by(data[1])));
  rmap::hold(rmap::check_keep(kernel, p));
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(uint8_t* data, std::size_t size,
                                               std::size_t size_max, unsigned int seed) {
  return rmap::mutate_chosen(data, size, size_max, seed, 2);
}
