// litmus: checks pass and fail as they should, and --update rewrites counts but no verdict.
// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "tests/repro/fixture.h"

namespace rmap {
namespace {

class LitmusWord : public CommandTest {
 protected:
  std::string with(const std::string& lines) const {
    return write("x.litmus", kMergeProgram + lines);
  }
};

TEST_F(LitmusWord, verdicts_and_counts_that_hold) {
  const Ran r =
      run({"litmus", with("expect v3.0 missed_pte sometimes; v3.3 never\n"), "--preemptions", "2"});
  EXPECT_EQ(r.code, 0) << r.out;
  EXPECT_TRUE(contains(r.out, "ok   expect v3.3 never: 0/")) << r.out;
}

TEST_F(LitmusWord, a_wrong_verdict_fails) {
  EXPECT_EQ(run({"litmus", with("expect v3.0 never 0/1 @2\n")}).code, 1);
  EXPECT_EQ(run({"litmus", with("expect v3.0 missed_pte always 1/1 @2\n")}).code, 1);
  EXPECT_EQ(run({"litmus", with("expect v3.3 missed_pte sometimes 1/2 @2\n")}).code, 1);
}

TEST_F(LitmusWord, wrong_counts_fail) {
  const Ran r = run({"litmus", with("expect v3.3 never 0/7 @2\n")});
  EXPECT_EQ(r.code, 1);
  EXPECT_TRUE(contains(r.out, "FAIL expect v3.3 never 0/7 @2: the counts are 0/")) << r.out;
}

TEST_F(LitmusWord, a_site_that_is_never_reached_fails) {
  EXPECT_EQ(run({"litmus", with("expect v3.3 never 0/1 @1\nreach v3.3 move_vma/rollback\n"),
                 "--preemptions", "1"})
                .code,
            1);
  EXPECT_EQ(
      run({"litmus", with("expect v3.3 never\nreach v3.3 copy_vma/merged\n"), "--preemptions", "1"})
          .code,
      0);
}

TEST_F(LitmusWord, a_witness_must_show_the_expected_rule) {
  EXPECT_EQ(
      run({"litmus", with("expect v3.0 missed_pte sometimes\n" + std::string(kMergeWitness))}).code,
      0);
  EXPECT_EQ(run({"litmus", with("expect v3.0 missed_pte sometimes\nwitness v3.0 00\n")}).code, 1);
}

TEST_F(LitmusWord, json_is_one_object_for_each_file_with_its_checks) {
  const std::string file = with("expect v3.0 never; v3.3 never\n");
  const Ran r = run({"litmus", file, file, "--json", "--preemptions", "2"});
  EXPECT_EQ(r.code, 1);
  EXPECT_EQ(std::count(r.out.begin(), r.out.end(), '\n'), 2) << r.out;
  const auto j = nlohmann::json::parse(r.out.substr(0, r.out.find('\n')));
  EXPECT_EQ(j["file"], file);
  EXPECT_EQ(j["state"], "FAIL");
  ASSERT_EQ(j["checks"].size(), 2u);
  EXPECT_EQ(j["checks"][0]["state"], "FAIL");
  EXPECT_EQ(j["checks"][1]["ok"], true);
}

TEST_F(LitmusWord, only_one_kernel_if_asked) {
  const Ran r = run({"litmus", with("expect v3.0 never; v3.3 never\n"), "--kernel", "v3.3",
                     "--preemptions", "1"});
  EXPECT_EQ(r.code, 0) << r.out;
}

TEST_F(LitmusWord, update_writes_counts_and_witnesses_and_keeps_the_rest) {
  const std::string file =
      with("# why\nexpect   v3.0 missed_pte sometimes 1/2 @2\nwitness  v3.0 00 01\n# end\n");
  ASSERT_EQ(run({"litmus", file, "--update", "--preemptions", "2"}).code, 0);
  const std::string text = slurp(file);
  EXPECT_TRUE(text.starts_with(kMergeProgram)) << text;
  EXPECT_TRUE(contains(text, "\n# why\nexpect   v3.0 missed_pte sometimes ")) << text;
  EXPECT_FALSE(contains(text, " 1/2 @2")) << text;
  EXPECT_TRUE(contains(text, "\nwitness  v3.0 00 ")) << text;
  EXPECT_TRUE(text.ends_with("\n# end\n")) << text;
  EXPECT_EQ(run({"litmus", file}).code, 0);
}

TEST_F(LitmusWord, update_refuses_to_change_a_verdict) {
  const std::string file = with("expect v3.0 never; v3.3 never 0/1 @1\n");
  const std::string before = slurp(file);
  EXPECT_EQ(run({"litmus", file, "--update", "--preemptions", "2"}).code, 1);
  EXPECT_EQ(slurp(file), before);
}

TEST_F(LitmusWord, a_small_tree_is_enumerated_completely) {
  const std::string file =
      write("small.litmus", "litmus small\nsetup mmap @0 +1\ncpu1 read @0 +1\nexpect v3.7 never\n");
  ASSERT_EQ(run({"litmus", file, "--update"}).code, 0);
  EXPECT_TRUE(contains(slurp(file), "expect   v3.7 never 0/1 complete\n")) << slurp(file);
  EXPECT_EQ(run({"litmus", file}).code, 0);
}

TEST_F(LitmusWord, a_file_that_expects_nothing_is_bad_input) {
  EXPECT_EQ(run({"litmus", with("")}).code, 2);
}

}  // namespace
}  // namespace rmap
