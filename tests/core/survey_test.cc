// Tests of surveys: what a few programs are known to reach, and that sums add up.
// SPDX-License-Identifier: Apache-2.0
#include "core/run/survey.h"

#include <cstring>

#include "core/program/generate.h"
#include "tests/core/vm_fixture.h"

namespace rmap {
namespace {

using namespace fixture;

const Reached& survey_of(Survey& survey, std::string_view kernel, std::string_view lines) {
  const Program p = program(lines);
  survey.add(p, executor(kernel).run(p, {.coverage = &survey.coverage}));
  return survey.reached();
}

TEST(Survey, tells_operations_that_met_from_those_that_did_not) {
  Survey survey;
  const char* const lines =
      "setup mmap @0 +4\nsetup write @0 +4\ncpu1 mremap @0 +2 @8\ncpu2 munmap @2 +2\n";
  const Reached& apart = survey_of(survey, "newest", lines);  // cpu1 to its end, then cpu2.
  EXPECT_EQ(apart.executions, 1u);
  EXPECT_EQ(apart.operations, 4u);
  EXPECT_EQ(apart.effective, 4u);
  EXPECT_TRUE(apart.has_site("move_vma/move"_site));
  EXPECT_FALSE(apart.has_site("move_vma/rollback"_site));
  EXPECT_FALSE(apart.overlapped(OpKind::mremap, OpKind::munmap));
  EXPECT_FALSE(apart.overlapped(OpKind::mmap, OpKind::write)) << "the set-up runs alone";
}

TEST(Survey, names_the_rules_that_something_was_held_against) {
  const auto judged = [](const Reached& r, Rule rule) {
    return (r.judged >> static_cast<uint32_t>(rule) & 1) != 0;
  };
  Survey survey;
  const Reached& none = survey_of(survey, "newest", "setup mmap @0 +1\n");
  EXPECT_FALSE(judged(none, Rule::missed_pte));
  EXPECT_FALSE(judged(none, Rule::unreachable));
  EXPECT_TRUE(judged(none, Rule::leak));
  EXPECT_TRUE(judged(none, Rule::unfaulted_pgoff));
  const Reached& migrated =
      survey_of(survey, "newest", "setup mmap @0 +1\nsetup write @0 +1\ncpu1 migrate @0\n");
  EXPECT_TRUE(judged(migrated, Rule::missed_pte));
  EXPECT_TRUE(judged(migrated, Rule::unreachable));
  EXPECT_FALSE(judged(migrated, Rule::self_merge));
  EXPECT_EQ(migrated.broken, 0u);
}

// Over all programs that a fuzzer would begin with: no execution of the newest kernel breaks a
// rule, and those that are broken by older kernels have been judged there.
TEST(Survey, what_is_broken_was_judged) {
  for (std::string_view kernel : {"v3.0", "newest"}) {
    Survey survey;
    for (uint64_t seed = 0; seed < 20'000; seed++) {
      sched::SplitMix random(seed);
      const Program p = generate_program(random);
      survey.add(p, executor(kernel).run(p, {.coverage = &survey.coverage}));
    }
    const Reached& r = survey.reached();
    EXPECT_EQ(r.executions, 20'000u);
    EXPECT_EQ(r.broken & ~r.judged, 0u) << kernel;
    EXPECT_EQ(r.broken != 0, kernel == "v3.0");
    EXPECT_EQ(r.findings != 0, kernel == "v3.0");
    EXPECT_GT(r.pairs.size(), 300u);
    EXPECT_TRUE(r.overlapped(OpKind::mremap, OpKind::migrate));
    EXPECT_TRUE(r.overlapped(OpKind::migrate, OpKind::mremap));
  }
}

TEST(Survey, adds_up) {
  Survey a;
  Survey b;
  const Reached& x = survey_of(a, "newest", "setup mmap @0 +1\n");
  const Reached& y =
      survey_of(b, "newest", "setup mmap @0 +1\nsetup write @0 +1\ncpu1 migrate @0\n");
  Reached sum = x;
  sum.add(y);
  EXPECT_EQ(sum.executions, 2u);
  EXPECT_EQ(sum.operations, x.operations + y.operations);
  EXPECT_EQ(sum.site_count(), y.site_count());
  Reached again = sum;
  again.add({});
  EXPECT_EQ(std::memcmp(&again, &sum, sizeof sum), 0);
}

}  // namespace
}  // namespace rmap
