// Patterns: they pick the findings that they name, and a name that does not exist is refused.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/pattern.h"

#include <gtest/gtest.h>

namespace rmap {
namespace {

const Finding kRollback = {.rule = "missed_pte",
                           .manner = "in_transit",
                           .operations = "migrate+mremap",
                           .sites = "rmap_walk/walk+move_vma/rollback",
                           .signature = {},
                           .hash8 = {},
                           .sentence = {}};

bool fits(std::string_view text) {
  const PatternResult result = parse_pattern(text);
  EXPECT_TRUE(result.pattern.has_value()) << result.error;
  return result.pattern && matches(*result.pattern, kRollback);
}

TEST(Pattern, parts_that_are_empty_or_left_out_fit_every_finding) {
  EXPECT_TRUE(fits("missed_pte"));
  EXPECT_TRUE(fits("missed_pte:migrate+mremap"));
  EXPECT_TRUE(fits(":migrate+mremap"));
  EXPECT_TRUE(fits("::move_vma/rollback"));
  EXPECT_TRUE(fits("::move_vma"));
  EXPECT_TRUE(fits(":::in_transit"));
  EXPECT_TRUE(fits("missed_pte:migrate+mremap:rmap_walk/walk:in_transit"));
}

TEST(Pattern, every_part_that_is_given_must_fit) {
  EXPECT_FALSE(fits("deadlock"));
  EXPECT_FALSE(fits("stale_entry:migrate+mremap"));
  EXPECT_FALSE(fits("missed_pte:migrate+munmap"));
  EXPECT_FALSE(fits("missed_pte:migrate+mremap:move_vma/move"));
  EXPECT_FALSE(fits("missed_pte:::moved_behind"));
}

// "These and no others": a migration that meets itself is another bug.
TEST(Pattern, operations_are_all_of_them_in_any_order) {
  EXPECT_TRUE(fits(":mremap+migrate"));
  EXPECT_FALSE(fits(":migrate"));
  EXPECT_FALSE(fits(":migrate+mremap+munmap"));
}

TEST(Pattern, what_no_finding_can_have_is_refused) {
  const struct {
    const char* text;
    const char* error;
  } cases[] = {
      {"", "write it as RULE:OPERATION+OPERATION:SITE:MANNER"},
      {"a:b:c:d:e", "write it as RULE:"},
      {"missing_pte",
       "no rule is called 'missing_pte' (did you mean missed_pte?); known: deadlock, livelock"},
      {"missing", "no rule is called 'missing'; known: deadlock, livelock, lock_order"},
      {"early_order", "no rule is called 'early_order'"},
      {"missed_pte:write", "no operation is called 'write'; known: mmap, fault"},
      {"missed_pte:migrat", "'migrat' (did you mean migrate?); known: mmap"},
      {"missed_pte::move_ptes/anonvma", "'move_ptes/anonvma' (did you mean move_ptes/anon_vma?); "},
      {"missed_pte:::in_transt", "'in_transt' (did you mean in_transit?); known: cycle"},
      {"missed_pte:jump", "no operation is called 'jump'; known: mmap, fault, munmap"},
      {"missed_pte::copy_vma/nowhere",
       "no site is called 'copy_vma/nowhere'; `./run rmapfuzz sites`"},
      {"missed_pte:::behind", "no manner is called 'behind'; known: cycle, any, in_transit"},
  };
  for (const auto& c : cases) {
    const PatternResult result = parse_pattern(c.text);
    EXPECT_FALSE(result.pattern.has_value()) << c.text;
    EXPECT_NE(result.error.find(c.error), std::string::npos) << result.error;
  }
}

}  // namespace
}  // namespace rmap
