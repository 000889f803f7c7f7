// Vacuity: a never that could not have been anything else is told from one that could.
// SPDX-License-Identifier: Apache-2.0
#include "core/run/vacuity.h"

#include "tests/core/vm_fixture.h"

namespace rmap {
namespace {

using namespace fixture;

Never never(std::string_view kernel, std::string_view lines, Rule rule = Rule::none) {
  return {program(lines), kernel_named(kernel), rule, 2};
}
Vacuity told(const Never& n) { return vacuity(executor(n.kernel.name), n); }

constexpr const char* kWrites = "setup mmap @0 +1; write @0 +1; fork to mm1\ncpu1 write @0 +1";
constexpr const char* kReads = "setup mmap @0 +1\ncpu1 read @0 +1\ncpu2 migrate @0";

TEST(Vacuity, nothing_takes_effect) {
  EXPECT_EQ(told(never("v3.0", "cpu1 read @9 +1")), Vacuity::no_effect);
  EXPECT_EQ(told(never("v3.0", "setup mmap @9 +1\ncpu1 read @9 +1")), Vacuity::none);
}

// minimize leaves nothing to the cpus where one task alone shows the finding.
TEST(Vacuity, a_program_that_is_all_set_up_asks_about_that) {
  const Never nothing = never("v3.0", "setup read @9 +1");
  EXPECT_EQ(told(nothing), Vacuity::no_effect);
  EXPECT_EQ(vacuity_words(Vacuity::no_effect, nothing), "no operation took effect in any schedule");
  EXPECT_EQ(told(never("v3.0", "setup mmap @9 +1; write @9 +1")), Vacuity::none);
  EXPECT_EQ(told(never("v3.0", "setup mmap @9 +1; write @9 +1\ncpu1 read @0 +1")),
            Vacuity::no_effect);
}

TEST(Vacuity, the_rule_that_sets_a_kernel_apart_decides_nothing) {
  const Never reads = never("newest{wp_reuse=mapcount}", kReads);
  EXPECT_EQ(told(reads), Vacuity::as_release);
  EXPECT_EQ(vacuity_words(Vacuity::as_release, reads),
            "no schedule runs otherwise than under newest, so nothing here depends on "
            "wp_reuse=mapcount");
  EXPECT_EQ(told(never("newest{wp_reuse=mapcount}", kWrites)), Vacuity::none);
  EXPECT_EQ(told(never("newest", kReads)), Vacuity::none);
}

// A commit, and half of one.
TEST(Vacuity, commits_set_a_kernel_apart_as_rules_do) {
  EXPECT_EQ(told(never("v3.1+948f017b093a", kReads)), Vacuity::as_release);
  EXPECT_EQ(told(never("v3.3-948f017b093a.rollback", kReads)), Vacuity::as_release);
  constexpr const char* kMerges =
      "setup mmap @0 +2; write @0 +2; mremap @1 +1 @8\ncpu1 mremap @8 +1 @1";
  EXPECT_EQ(told(never("v3.1+948f017b093a", kMerges)), Vacuity::none);
  EXPECT_EQ(told(never("v3.3-948f017b093a.rollback", kMerges)), Vacuity::as_release);
}

TEST(Vacuity, nothing_is_held_against_the_rule) {
  const Never n = never("v3.0", kWrites, Rule::missed_pte);
  EXPECT_EQ(told(n), Vacuity::not_judged);
  EXPECT_EQ(vacuity_words(Vacuity::not_judged, n),
            "no schedule had anything that missed_pte could be held against");
  constexpr const char* kMigrates = "setup mmap @0 +1; write @0 +1\ncpu1 migrate @0";
  EXPECT_EQ(told(never("v3.0", kMigrates, Rule::missed_pte)), Vacuity::none);
}

TEST(Vacuity, whoever_watches_may_stop_it) {
  const Never n = never("newest{wp_reuse=mapcount}", kReads);
  EXPECT_EQ(vacuity(executor(n.kernel.name), n, [](uint64_t) { return true; }), Vacuity::stopped);
}

}  // namespace
}  // namespace rmap
