// matrix: one row per kernel, by exploring the program; the raw replay is a column of its own.
// SPDX-License-Identifier: Apache-2.0
#include "tests/repro/fixture.h"

namespace rmap {
namespace {

class Matrix : public CommandTest {};

TEST_F(Matrix, repaired_kernels_never_fail) {
  const Ran r = run({"matrix", merge(), "--json"});
  EXPECT_EQ(r.code, 0);
  std::istringstream lines(r.out);
  int never = 0;
  for (std::string line; std::getline(lines, line);) {
    const bool repaired =
        contains(line, "\"v3.3\"") || contains(line, "\"v3.7\"") || contains(line, "hugh");
    if (repaired) never += contains(line, "\"verdict\":\"never\"");
    if (contains(line, "\"v3.0\"") || contains(line, "\"v3.0+948f017b093a\"")) {
      EXPECT_TRUE(contains(line, "\"verdict\":\"sometimes\"")) << line;
    }
  }
  EXPECT_EQ(never, 3) << r.out;
}

TEST_F(Matrix, the_raw_replay_is_labelled) {
  EXPECT_TRUE(contains(run({"matrix", merge()}).out, "raw replay"));
}

}  // namespace
}  // namespace rmap
