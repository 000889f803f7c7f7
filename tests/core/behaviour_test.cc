// What stored decisions mean may only change together with the model version.
// SPDX-License-Identifier: Apache-2.0
#include "core/run/behaviour.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace rmap {
namespace {

// If the change is meant: bump kModelVersion in core/program/program.h and write the printed line
// into the golden file.
TEST(Behaviour, signature_changes_only_with_the_model_version) {
  std::ifstream in(RMAPFUZZ_SOURCE_DIR "/tests/golden/behaviour.txt");
  const std::string golden{std::istreambuf_iterator<char>(in), {}};
  const uint64_t signature = behaviour_signature(sample_programs(500));
  EXPECT_EQ(golden, fmt::format("model {} signature {:016x}\n", kModelVersion, signature));
}

// A change of one decision changes the trace: the signature is not blind.
TEST(Behaviour, signature_sees_a_different_schedule) {
  std::vector<Program> programs = sample_programs(20);
  const uint64_t before = behaviour_signature(programs);
  programs[7].tail = static_cast<uint8_t>(programs[7].tail + 1);
  EXPECT_NE(before, behaviour_signature(programs));
}

}  // namespace
}  // namespace rmap
