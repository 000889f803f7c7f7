// A fuzzing engine in a library, as honggfuzz and Centipede are: brings its own main() and the
// callbacks of -fsanitize-coverage=trace-pc-guard,indirect-calls,trace-cmp, and feeds random bytes.
//
//   TARGET N      runs N inputs, of which every length up to 511 is one in 512
//
// Debian has neither of the two; this shows that targets link and run by the contract of
// LIB_FUZZING_ENGINE alone. Compiled without instrumentation.
// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size);
extern "C" __attribute__((weak)) int LLVMFuzzerInitialize(int* argc, char*** argv);

namespace {
uint64_t edges = 0;  // Reached, at least once.
}

extern "C" {

void __sanitizer_cov_trace_pc_guard_init(uint32_t* start, uint32_t* stop) {
  for (uint32_t* guard = start; guard < stop; guard++) *guard = 1;
}
void __sanitizer_cov_trace_pc_guard(uint32_t* guard) {
  edges += *guard;
  *guard = 0;
}
void __sanitizer_cov_trace_pc_indir(uintptr_t) {}
void __sanitizer_cov_trace_cmp1(uint8_t, uint8_t) {}
void __sanitizer_cov_trace_cmp2(uint16_t, uint16_t) {}
void __sanitizer_cov_trace_cmp4(uint32_t, uint32_t) {}
void __sanitizer_cov_trace_cmp8(uint64_t, uint64_t) {}
void __sanitizer_cov_trace_const_cmp1(uint8_t, uint8_t) {}
void __sanitizer_cov_trace_const_cmp2(uint16_t, uint16_t) {}
void __sanitizer_cov_trace_const_cmp4(uint32_t, uint32_t) {}
void __sanitizer_cov_trace_const_cmp8(uint64_t, uint64_t) {}
void __sanitizer_cov_trace_switch(uint64_t, uint64_t*) {}

}  // extern "C"

int main(int argc, char** argv) {
  if (LLVMFuzzerInitialize != nullptr) LLVMFuzzerInitialize(&argc, &argv);
  const uint64_t runs = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1000;
  uint64_t state = 1;
  for (uint64_t i = 0; i < runs; i++) {
    const std::size_t size = i % 512;
    const auto bytes = std::make_unique<uint8_t[]>(size);
    for (std::size_t at = 0; at < size; at++) {
      state = state * 6364136223846793005u + 1442695040888963407u;  // Knuth's constants.
      bytes[at] = static_cast<uint8_t>(state >> 56);
    }
    LLVMFuzzerTestOneInput(bytes.get(), size);
  }
  std::printf("engine_stub: %llu executions, %llu edges\n", static_cast<unsigned long long>(runs),
              static_cast<unsigned long long>(edges));
}
