// Verdicts: what exploring says of a kernel, and how far it is explored.
// SPDX-License-Identifier: Apache-2.0
#include "repro/compare/verdicts.h"

#include <fmt/format.h>

#include <iostream>

#include "tests/repro/fixture.h"

namespace rmap {
namespace {

class VerdictsTest : public CommandTest {
 protected:
  Io io_{std::cout, std::cerr};
  Executors executors_;
  Progress progress_{io_};
};

TEST_F(VerdictsTest, one_kernel_with_two_names_is_explored_once) {
  const Input input = *load(merge(), io_);
  Verdicts verdicts(input, {}, executors_, progress_);
  EXPECT_EQ(verdicts.explored("v3.3", {}), verdicts.explored("v3.1+948f017b093a+9f9f1acd713d", {}));
  EXPECT_EQ(verdicts.answer("v9", {}).has, Has::refused);
  EXPECT_TRUE(verdicts.answer("v9", {}).why.starts_with("no release is called 'v9'"));
}

TEST_F(VerdictsTest, a_never_is_tried_with_one_preemption_more_if_that_is_cheap) {
  const Input input = *load(merge(), io_);
  const auto answer = [&](uint64_t schedules_max, const std::string& kernel) {
    Verdicts verdicts(input, {2, schedules_max}, executors_, progress_);
    const Answer a = verdicts.answer(kernel, {});
    return fmt::format("{} {}/{} @{}", a.verdict, a.failing, a.total, a.preemptions);
  };
  EXPECT_EQ(answer(1'000'000, "v3.3"), "never 0/15665 @3");
  EXPECT_EQ(answer(10'000, "v3.3"), "never 0/1125 @2");
  EXPECT_EQ(answer(1'000, "v3.3"), "unknown 0/1000 @2");
  EXPECT_EQ(answer(1'000, "v3.1"), "sometimes 75/1000 @2");
}

// A rule that is not the question's plays no part.
TEST_F(VerdictsTest, a_question_is_about_one_rule) {
  const Input input = *load(merge(), io_);
  Verdicts verdicts(input, {1, 1'000'000}, executors_, progress_);
  EXPECT_EQ(verdicts.answer("v3.0", *AskedRule::named("stale_entry")).has, Has::no);
  EXPECT_EQ(verdicts.answer("v3.0", *AskedRule::named("wrong_data")).has, Has::vacuous);
  EXPECT_EQ(verdicts.answer("v3.0", *AskedRule::named("missed_pte")).has, Has::yes);
  EXPECT_EQ(AskedRule::named("deadlock")->name(), "deadlock");
  EXPECT_FALSE(AskedRule::named("early_order"));
  EXPECT_FALSE(AskedRule::named(""));
}

}  // namespace
}  // namespace rmap
