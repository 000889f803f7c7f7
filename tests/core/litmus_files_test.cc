// The litmus files in tests/litmus/: what the enumeration itself does not check.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "core/program/litmus.h"
#include "tests/files.h"

namespace rmap {
namespace {

template <typename Visit>
void for_each_litmus_file(Visit visit) {
  for (const auto& entry :
       std::filesystem::directory_iterator(RMAPFUZZ_SOURCE_DIR "/tests/litmus")) {
    if (entry.path().extension() != ".litmus") continue;
    SCOPED_TRACE(entry.path().string());
    const LitmusResult parsed = parse_litmus(slurp(entry.path()));
    ASSERT_TRUE(parsed.litmus.has_value()) << parsed.error.message;
    visit(entry.path(), *parsed.litmus);
  }
}

// A program whose tasks never meet "never" fails, too; so a never says what its schedules reached.
TEST(LitmusFiles, every_never_names_the_sites_that_its_schedules_reach) {
  for_each_litmus_file([](const std::filesystem::path&, const Litmus& l) {
    for (const Expectation& e : l.expectations) {
      if (e.verdict != Verdict::never) continue;
      EXPECT_TRUE(std::any_of(l.reaches.begin(), l.reaches.end(),
                              [&](const Reach& r) { return r.kernel == e.kernel; }))
          << "never under " << e.kernel << " without a reach line";
      EXPECT_TRUE(e.complete || e.preemptions >= 3) << e.kernel;
    }
  });
}

TEST(LitmusFiles, every_sometimes_is_counted_with_two_preemptions_at_least) {
  for_each_litmus_file([](const std::filesystem::path&, const Litmus& l) {
    for (const Expectation& e : l.expectations) {
      EXPECT_TRUE(e.counted) << e.kernel;
      if (e.verdict == Verdict::sometimes) EXPECT_TRUE(e.complete || e.preemptions >= 2);
    }
  });
}

}  // namespace
}  // namespace rmap
