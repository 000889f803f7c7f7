// The lines of a failure: one word for each bug, in the place and of the letters that a farm of
// fuzzers keeps.
// SPDX-License-Identifier: Apache-2.0
#include "scheduler/failure.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/model/oracle_rules.h"
#include "core/model/sites.h"
#include "scheduler/check.h"

namespace rmap {
namespace {

using sched::bug_word;
using sched::failure_lines;

constexpr std::string_view kBegin = "\nASSERTION FAILED: FuzzerHash=";
constexpr std::size_t kColumnsKept = 80;  // By ClusterFuzz, of each line's text.

// As the other end reads it: the letters behind the `=`, up to the next space.
std::string letters_in(const std::string& lines) {
  EXPECT_TRUE(lines.starts_with(kBegin)) << lines;
  return lines.substr(kBegin.size(), lines.find(' ', kBegin.size()) - kBegin.size());
}

TEST(Failure, every_signature_has_a_word_of_its_own) {
  std::map<std::string, std::string> seen;  // Word and signature.
  for (const RuleInfo& rule : all_rules()) {
    for (std::string_view site : kSites) {
      for (const char* operations : {"migrate+mremap", "migrate+mprotect", "migrate"}) {
        const std::string signature = fmt::format("{}--any--{}--{}", rule.name, operations, site);
        const auto [at, is_new] = seen.emplace(bug_word(signature), signature);
        EXPECT_TRUE(is_new) << at->second << " and " << signature << " are " << at->first;
        EXPECT_EQ(bug_word(signature), at->first);
      }
    }
  }
  EXPECT_GT(seen.size(), 1000u);
}

TEST(Failure, the_word_is_letters_and_survives_the_cut) {
  std::set<char> letters;
  for (int i = 0; i < 100; i++) {
    const std::string token = fmt::format("rule--{}", i);
    const std::string lines = failure_lines(std::string(500, 'x'), token);
    const std::string word = letters_in(lines);
    EXPECT_EQ(word.size(), 16u);
    EXPECT_LT(lines.find(word) + word.size(), kColumnsKept);
    EXPECT_EQ("FuzzerHash=" + word, bug_word(token));
    letters.insert(word.begin(), word.end());
  }
  EXPECT_EQ(std::string(letters.begin(), letters.end()), "abcdefghijklmnop");
}

// Issues that are open on a farm go by this word: it must be the same for ever.
TEST(Failure, the_word_hangs_on_the_signature_alone) {
  EXPECT_EQ(failure_lines("it holds", "a-token"),
            "\nASSERTION FAILED: FuzzerHash=edgpiijmonjnhklj it holds\nDEDUP_TOKEN: a-token\n");
  EXPECT_EQ(letters_in(failure_lines("what", "a-token")), letters_in(failure_lines("", "a-token")));
}

// Its line and its values are not in the two lines: they may change while the bug stays.
TEST(Failure, a_check_that_fails_is_told_apart_as_well) {
  EXPECT_DEATH(CHECK_EQ(1, 2),
               "failure_test.cc:[0-9]+: CHECK failed: 1 == 2 \\(1, 2\\)\n"
               "\nASSERTION FAILED: FuzzerHash=[a-p]+ CHECK in failure_test.cc: 1 == 2\n"
               "DEDUP_TOKEN: check--failure_test.cc--1 == 2\n");
}

}  // namespace
}  // namespace rmap
