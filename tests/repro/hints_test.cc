// Hints: they call the tool as the user did, and name files so that it finds them.
// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cstdlib>

#include "core/text/hint.h"
#include "repro/cli/called.h"
#include "tests/repro/fixture.h"

namespace rmap {
namespace {

class Hints : public CommandTest {
 protected:
  void SetUp() override {
    CommandTest::SetUp();
    ::unsetenv("RMAPFUZZ_RUN");
  }
  void TearDown() override {
    ::unsetenv("RMAPFUZZ_RUN");
    set_hint_style({});
    CommandTest::TearDown();
  }
  const std::string here_ = std::filesystem::current_path().string() + "/";
};

TEST_F(Hints, by_a_relative_path_files_are_relative_too) {
  hint_as_called("bin/rmapfuzz");
  EXPECT_EQ(tool(), "bin/rmapfuzz");
  EXPECT_EQ(hinted("a b"), "'a b'");
  EXPECT_EQ(hinted("-x"), "./-x");
  EXPECT_EQ(hinted("-"), "-");
  hint_as_called("rmapfuzz");
  EXPECT_EQ(tool(), "rmapfuzz");
}

TEST_F(Hints, by_an_absolute_path_files_are_absolute_too) {
  hint_as_called("/my bin/rmapfuzz");
  EXPECT_EQ(tool(), "'/my bin/rmapfuzz'");
  EXPECT_EQ(hinted("x"), here_ + "x");
  EXPECT_EQ(hinted("/x"), "/x");
}

TEST_F(Hints, for_anybody_everything_is_absolute) {
  hint_as_called("bin/rmapfuzz", Readers::anybody);
  EXPECT_EQ(tool(), here_ + "bin/rmapfuzz");
  EXPECT_EQ(hinted("x"), here_ + "x");
  ::setenv("RMAPFUZZ_RUN", "./run", 1);
  hint_as_called("build/bin/rmapfuzz", Readers::anybody);
  EXPECT_EQ(tool(), here_ + "run rmapfuzz");
}

TEST_F(Hints, the_script_that_called_counts) {
  ::setenv("RMAPFUZZ_RUN", "/r/run", 1);
  hint_as_called("build/bin/rmapfuzz");
  EXPECT_EQ(tool(), "/r/run rmapfuzz");
  EXPECT_EQ(hinted("x"), here_ + "x");
}

TEST_F(Hints, words_follow_them) {
  set_hint_style({"/bin/rmapfuzz", "/there/"});
  EXPECT_TRUE(contains(run({"explain", merge()}).out, "\nreplay: /bin/rmapfuzz replay /"));
  EXPECT_TRUE(contains(run({"replay", merge(), "--kernel", "v9"}).err, "`/bin/rmapfuzz kernels`"));
  const std::string bad = write("bad.litmus", "litmus x\nreach v3.0 nowhere\n");
  EXPECT_TRUE(contains(run({"show", bad}).err, "`/bin/rmapfuzz sites` lists them"));
}

}  // namespace
}  // namespace rmap
