// Progress: an exploration stops when it is asked to, and says how far it is and what is left.
// SPDX-License-Identifier: Apache-2.0
#include "repro/run/progress.h"

#include "core/program/litmus.h"
#include "tests/repro/fixture.h"

namespace rmap {
namespace {

TEST(Progress, words) {
  EXPECT_EQ(explored_words("x v3.0", 600'000, 2'000, 10'000'000, 0),
            "x v3.0: 600,000 schedules, 300,000 a second, at most 32 s left");
  // Somebody counted them.
  EXPECT_EQ(explored_words("x v3.0", 600'000, 2'000, 10'000'000, 900'000),
            "x v3.0: 600,000 schedules, 300,000 a second, about 2 s left");
  // There are more than that by now; or the bound comes first.
  EXPECT_TRUE(contains(explored_words("x", 600, 2, 1'000, 500), "at most"));
  EXPECT_TRUE(contains(explored_words("x", 600, 2, 1'000, 5'000), "at most"));
  EXPECT_EQ(explored_words("x", 0, 2'000, 1'000, 0), "x: 0 schedules, 0 a second");
}

TEST(Progress, an_exploration_stops_when_it_is_asked_to) {
  Executor executor(kernel_named("v3.0").kernel);
  const Program p = parse_litmus(kMergeProgram).litmus->program;
  std::vector<uint64_t> seen;
  const Watch watch = [&](uint64_t n) {
    seen.push_back(n);
    return seen.size() == 3;
  };
  const Exploration x = explore(executor, p, {}, RuleSet::proof(), watch);
  EXPECT_EQ(seen, (std::vector<uint64_t>{0, kWatchEvery, 2 * kWatchEvery}));
  EXPECT_EQ(x.schedules, 2 * kWatchEvery);
  EXPECT_TRUE(x.stopped);
  EXPECT_FALSE(x.exhausted);
  const Exploration whole = explore(executor, p, {});
  EXPECT_TRUE(whole.exhausted);
  EXPECT_FALSE(whole.stopped);
}

}  // namespace
}  // namespace rmap
