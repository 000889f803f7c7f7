// Generated programs: they do something.
// SPDX-License-Identifier: Apache-2.0
#include "core/program/generate.h"

#include "tests/core/vm_fixture.h"

namespace rmap {
namespace {

using namespace fixture;

// A generator of nonsense would make every kernel look clean. 10,000 programs, seeds 0 to 9,999:
// the share is the same on every machine.
TEST(Generate, at_least_half_of_the_operations_take_effect) {
  for (std::string_view kernel : releases()) {
    uint32_t ran = 0;
    uint32_t took_effect = 0;
    for (uint64_t seed = 0; seed < 10'000; seed++) {
      sched::SplitMix random(seed);
      const Program p = generate_program(random);
      const Result& r = executor(kernel).run(p);
      for (uint32_t i = 0; i < p.ops.size(); i++) {
        ran += r.ops[i].ran;
        took_effect += r.ops[i].took_effect;
      }
    }
    EXPECT_GE(2 * took_effect, ran) << kernel << ": " << took_effect << " of " << ran;
  }
}

}  // namespace
}  // namespace rmap
