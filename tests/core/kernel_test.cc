// Kernel expressions: what they name, and what is said of those that name nothing.
// SPDX-License-Identifier: Apache-2.0
#include "core/kernel.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

namespace rmap {
namespace {

Kernel named(std::string_view expression) {
  const KernelResult result = parse_kernel(expression);
  EXPECT_TRUE(result.kernel.has_value()) << result.error;
  return result.kernel ? result.kernel->kernel : Kernel{};
}

std::string error_of(std::string_view expression) {
  const KernelResult result = parse_kernel(expression);
  EXPECT_FALSE(result.kernel.has_value()) << expression;
  return result.error;
}

TEST(KernelExpression, every_release_has_a_name) {
  for (std::string_view release : releases()) {
    EXPECT_EQ(parse_kernel(release).kernel->name, release);
  }
  EXPECT_EQ(named("v3.0"), Kernel{});
  EXPECT_EQ(named("newest"), named(releases().back()));
  EXPECT_EQ(parse_kernel("newest").kernel->name, kNewest);
}

TEST(KernelExpression, no_two_releases_are_the_same) {
  for (std::string_view a : releases()) {
    for (std::string_view b : releases()) EXPECT_EQ(named(a) == named(b), a == b);
  }
}

// Written out, because it is what all results are about. In the order of struct Kernel.
TEST(KernelExpression, the_releases_are_these) {
  const auto rules = [](std::string_view k) {
    return fmt::format("{}", fmt::join(describe(named(k)), " "));
  };
  EXPECT_EQ(rules("v3.0"),
            "migration_peek=unlocked merge_order=as_found rollback_order=as_found move_locks=none "
            "rmap_index=list "
            "adjust_lock=start_or_import copy_link=clone_then_range");
  EXPECT_EQ(rules("v3.1"),
            "migration_peek=locked merge_order=as_found rollback_order=as_found move_locks=none "
            "rmap_index=list "
            "adjust_lock=start_or_import copy_link=clone_then_range");
  EXPECT_EQ(
      rules("v3.3"),
      "migration_peek=locked merge_order=move_to_tail rollback_order=move_to_tail move_locks=none "
      "rmap_index=list adjust_lock=start_or_import copy_link=clone_then_range");
  EXPECT_EQ(
      rules("v3.7"),
      "migration_peek=locked merge_order=as_found rollback_order=as_found move_locks=if_needed "
      "rmap_index=interval_tree adjust_lock=always copy_link=range_then_clone");
}

TEST(KernelExpression, the_commits_up_to_a_release_make_that_release) {
  EXPECT_EQ(named("v3.0+486cf46f3f9b"), named("v3.1"));
  EXPECT_EQ(named("v3.0+486cf46f3f9b+948f017b093a"), named("v3.3"));
  EXPECT_EQ(named("v3.0+948f017b093a+486cf46f3f9b"), named("v3.3"));
}

TEST(KernelExpression, taking_them_away_leads_back) {
  EXPECT_EQ(named("v3.3-948f017b093a"), named("v3.1"));
  EXPECT_EQ(named("v3.3-486cf46f3f9b-948f017b093a"), named("v3.0"));
  EXPECT_EQ(named("v3.3-948f017b093a+948f017b093a"), named("v3.3"));
}

TEST(KernelExpression, a_commit_has_halves) {
  EXPECT_EQ(named("v3.1+948f017b093a.merge+948f017b093a.rollback"), named("v3.3"));
  EXPECT_EQ(named("v3.3-948f017b093a.merge"), named("v3.1+948f017b093a.rollback"));
  EXPECT_NE(named("v3.3-948f017b093a.merge"), named("v3.3-948f017b093a.rollback"));
  EXPECT_EQ(named("v3.3-948f017b093a.merge").merge_order, MergeOrder::as_found);
  EXPECT_EQ(named("v3.3-948f017b093a.merge").rollback_order, RollbackOrder::move_to_tail);
}

// A commit's name may have dashes in it.
TEST(KernelExpression, a_patch_that_never_landed_can_be_added) {
  Kernel k = named("v3.0");
  k.move_locks = MoveLocks::always;
  EXPECT_EQ(named("v3.0+hugh-anon-vma-lock"), k);
  EXPECT_EQ(named("v3.0+hugh-anon-vma-lock-hugh-anon-vma-lock"), named("v3.0"));
  EXPECT_EQ(named("v3.0+hugh-anon-vma-lock+486cf46f3f9b").migration_peek, MigrationPeek::locked);
}

TEST(KernelExpression, every_commit_can_be_added_to_or_taken_from_some_release) {
  for (const Change& c : changes()) {
    bool used = false;
    for (std::string_view release : releases()) {
      for (char sign : {'+', '-'})
        used |= parse_kernel(fmt::format("{}{}{}", release, sign, c.commit)).kernel.has_value();
    }
    EXPECT_TRUE(used) << c.commit;
  }
}

TEST(KernelExpression, rules_can_be_set_one_by_one) {
  EXPECT_EQ(named("v3.0{migration_peek=locked}"), named("v3.1"));
  EXPECT_EQ(
      named("v3.0{migration_peek=locked,merge_order=move_to_tail,rollback_order=move_to_tail}"),
      named("v3.3"));
  EXPECT_EQ(named("v3.3-948f017b093a{migration_peek=unlocked}"), named("v3.0"));
  EXPECT_EQ(named("v3.0{}"), named("v3.0"));
}

// Each value of each rule, as its name is printed, is accepted under some release.
TEST(KernelExpression, no_value_of_a_rule_is_out_of_reach) {
  std::set<std::string> wanted = {"migration_peek=unlocked",
                                  "migration_peek=locked",
                                  "merge_order=as_found",
                                  "merge_order=move_to_tail",
                                  "rollback_order=as_found",
                                  "rollback_order=move_to_tail",
                                  "move_locks=none",
                                  "move_locks=if_needed",
                                  "move_locks=always",
                                  "rmap_index=list",
                                  "rmap_index=interval_tree",
                                  "adjust_lock=always",
                                  "copy_link=clone_then_range",
                                  "copy_link=range_then_clone",
                                  "adjust_lock=start_or_import"};
  for (const std::string& value : wanted) {
    bool reached = false;
    for (std::string_view release : releases()) {
      const KernelResult r = parse_kernel(fmt::format("{}{{{}}}", release, value));
      if (!r.kernel) continue;
      const auto rules = describe(r.kernel->kernel);
      reached |= std::find(rules.begin(), rules.end(), value) != rules.end();
    }
    EXPECT_TRUE(reached) << value;
  }
}

TEST(KernelExpression, a_changes_table_row_says_what_it_does) {
  for (const Change& c : changes()) {
    EXPECT_FALSE(c.commit.empty());
    EXPECT_NE(c.before, c.after) << c.commit;
    EXPECT_TRUE(parse_kernel(fmt::format("v3.7{{{}={}}}", c.rule, c.after)).kernel ||
                parse_kernel(fmt::format("v3.0{{{}={}}}", c.rule, c.after)).kernel)
        << c.rule << "=" << c.after;
  }
}

// Each message repeats the expression, says what is wrong and what would be right.
TEST(KernelExpression, errors_say_what_would_be_right) {
  const struct {
    const char* expression;
    const char* message;
  } cases[] = {
      {"", "kernel '': no release is called ''; known: v3.0, v3.1, v3.3, v3.7, newest"},
      {"v2.6", "kernel 'v2.6': no release is called 'v2.6'; known: v3.0, v3.1, v3.3, v3.7, newest"},
      {"+486cf46f3f9b",
       "kernel '+486cf46f3f9b': no release is called ''; known: v3.0, v3.1, v3.3, v3.7, newest"},
      {"v3.0+abc",
       "kernel 'v3.0+abc': no commit is called 'abc'; known: 486cf46f3f9b, 948f017b093a, "
       "108d6642ad81, "
       "bf181b9f9d8d, "
       "523d4e2008fd, 38a76013ad80, hugh-anon-vma-lock"},
      {"v3.0+948f017b093a.middle",
       "kernel 'v3.0+948f017b093a.middle': no commit is called '948f017b093a.middle'; known: "
       "486cf46f3f9b, "
       "948f017b093a, 108d6642ad81, bf181b9f9d8d, 523d4e2008fd, 38a76013ad80, hugh-anon-vma-lock"},
      {"v3.1+486cf46f3f9b",
       "kernel 'v3.1+486cf46f3f9b': '486cf46f3f9b' is already there, so adding it changes nothing; "
       "remove it "
       "from the "
       "expression"},
      {"v3.0-486cf46f3f9b",
       "kernel 'v3.0-486cf46f3f9b': '486cf46f3f9b' is not there, so taking it changes nothing; "
       "remove it "
       "from the "
       "expression"},
      {"v3.0{peek=locked}",
       "kernel 'v3.0{peek=locked}': no rule is called 'peek'; known: migration_peek, merge_order, "
       "rollback_order, "
       "move_locks, rmap_index, adjust_lock, copy_link"},
      {"v3.0{migration_peek=maybe}",
       "kernel 'v3.0{migration_peek=maybe}': rule migration_peek has no value 'maybe'; it can be: "
       "unlocked, "
       "locked"},
      {"v3.0{migration_peek}",
       "kernel 'v3.0{migration_peek}': rule migration_peek has no value ''; it can be: unlocked, "
       "locked"},
      {"v3.0{migration_peek=locked",
       "kernel 'v3.0{migration_peek=locked': '{' is not closed; write {rule=value,...}"},
      {"v3.7{merge_order=move_to_tail}",
       "kernel 'v3.7{merge_order=move_to_tail}': an interval tree is sorted by pgoff, so nothing "
       "can be "
       "moved to its "
       "tail; use move_locks instead of move_to_tail"},
      {"v3.7+948f017b093a",
       "kernel 'v3.7+948f017b093a': an interval tree is sorted by pgoff, so nothing can be moved "
       "to its "
       "tail; use "
       "move_locks instead of move_to_tail"},
      {"v3.0{move_locks=if_needed}",
       "kernel 'v3.0{move_locks=if_needed}': move_locks=if_needed compares pgoffs, which says "
       "nothing about "
       "the order "
       "of a list; use always, or rmap_index=interval_tree"},
  };
  for (const auto& c : cases) EXPECT_EQ(error_of(c.expression), c.message);
}

// Not a line of it may be reachable by a crash.
TEST(KernelExpression, odd_texts_are_refused_quietly) {
  for (const char* text :
       {"{", "}", "{}", "+", "-", "v3.0+", "v3.0-", "v3.0+-", "v3.0{=}", "v3.0{,}", "v3.0{{}",
        "v3.0.", "v3.0+486cf46f3f9b.", "v3.0+486cf46f3f9b.x", "v3.0+hugh-anon", "newest+",
        "v3.0{}x", " v3.0"}) {
    EXPECT_FALSE(error_of(text).empty()) << text;
  }
}

}  // namespace
}  // namespace rmap
