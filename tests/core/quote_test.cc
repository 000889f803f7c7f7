// Printed commands survive being pasted, words are repeated harmlessly, and slips are recognised.
// SPDX-License-Identifier: Apache-2.0
#include "core/text/quote.h"

#include <gtest/gtest.h>

#include "core/text/nearest.h"

namespace rmap {
namespace {

TEST(ShellQuoted, only_what_needs_it) {
  EXPECT_EQ(shell_quoted("build/x-1"), "build/x-1");
  EXPECT_EQ(shell_quoted("v3.0{a=b}"), "'v3.0{a=b}'");
  EXPECT_EQ(shell_quoted("it's"), "'it'\\''s'");
}

TEST(Printable, says_nothing_to_a_terminal_and_is_one_short_line) {
  EXPECT_EQ(printable("v3.0 'x' \xc3\xa4"), "v3.0 'x' \xc3\xa4");
  EXPECT_EQ(printable(std::string("\033[2J\n\0\x7f", 7)), "\\x1b[2J\\x0a\\x00\\x7f");
  EXPECT_EQ(printable(std::string(1000, 'a')), std::string(200, 'a') + "...");
  const std::string line = "x\n" + std::string(5'000, 'a') + ": check the name";
  EXPECT_TRUE(printable_line(line).starts_with("x\\x0aaaa"));
  EXPECT_TRUE(printable_line(line).ends_with("aaa: check the name"));
  EXPECT_LT(printable_line(line).size(), 4'100u);
  EXPECT_EQ(printable_line(line.substr(0, 4'000)), printable(line.substr(0, 4'000), 4'000));
}

TEST(Nearest, is_the_first_of_those_with_the_fewest_slips) {
  constexpr std::string_view kNames[] = {"replay", "rebase", "regress", "ops", "", "show"};
  EXPECT_EQ(nearest("repaly", kNames), "replay");
  EXPECT_EQ(nearest("REPLAY", kNames), "replay");
  EXPECT_EQ(nearest("rebse", kNames), "rebase");
  EXPECT_EQ(nearest("regres", kNames), "regress");
  EXPECT_EQ(nearest("op", kNames), "ops");
  EXPECT_EQ(nearest("shwo", kNames), "show");
  for (const char* far : {"", "x", "fly", "explain", "replayreplay"})
    EXPECT_EQ(nearest(far, kNames), "");
  EXPECT_EQ(nearest(std::string(100'000, 'r'), kNames), "");
  constexpr std::string_view kTwo[] = {"ab1", "ab2"};
  EXPECT_EQ(nearest("ab3", kTwo), "ab1");
  EXPECT_EQ(did_you_mean("shwo", kNames), " (did you mean show?)");
  EXPECT_EQ(did_you_mean("fly", kNames), "");
}

}  // namespace
}  // namespace rmap
