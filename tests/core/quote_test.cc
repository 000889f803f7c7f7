// Printed commands survive being pasted.
// SPDX-License-Identifier: Apache-2.0
#include "core/quote.h"

#include <gtest/gtest.h>

namespace rmap {
namespace {

TEST(ShellQuoted, only_what_needs_it) {
  EXPECT_EQ(shell_quoted("build/x-1"), "build/x-1");
  EXPECT_EQ(shell_quoted("v3.0{a=b}"), "'v3.0{a=b}'");
  EXPECT_EQ(shell_quoted("it's"), "'it'\\''s'");
}

}  // namespace
}  // namespace rmap
