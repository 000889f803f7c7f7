// The command as a whole: words, help, and exit codes.
// SPDX-License-Identifier: Apache-2.0
#include "tests/repro/fixture.h"

namespace rmap {
namespace {

class Command : public CommandTest {};

TEST_F(Command, the_worst_exit_code_counts) {
  EXPECT_EQ(worse(0, 3), 3);
  EXPECT_EQ(worse(3, 1), 1);
  EXPECT_EQ(worse(2, 1), 2);
  EXPECT_EQ(run({"replay", merge()}).code, 1);
  EXPECT_EQ(run({"replay", merge(), "--kernel", "v3.7"}).code, 0);
  EXPECT_EQ(run({"replay", path("none"), merge()}).code, 2);
}

TEST_F(Command, usage_errors_exit_with_2) {
  for (const auto& args :
       std::vector<std::vector<std::string>>{{},
                                             {"fly"},
                                             {"replay"},
                                             {"replay", "--fly"},
                                             {"minimize", "x"},
                                             {"rules", "x"},
                                             {"litmus", "x", "--preemptions", "-1"}}) {
    const Ran r = run(args);
    EXPECT_EQ(r.code, 2);
    EXPECT_TRUE(contains(r.err, "--help")) << r.err;
    EXPECT_EQ(r.out, "");
  }
}

TEST_F(Command, an_unknown_word_is_named_and_the_words_are_listed) {
  const Ran r = run({"foo"});
  EXPECT_EQ(r.code, 2);
  EXPECT_TRUE(contains(r.err, "unknown word 'foo'")) << r.err;
  EXPECT_TRUE(contains(r.err, "replay, explain, ")) << r.err;
}

TEST_F(Command, an_empty_kernel_is_not_the_default) {
  for (const char* word : {"replay", "explain", "assemble", "litmus"}) {
    const Ran r = run({word, merge(), "--kernel", ""});
    EXPECT_EQ(r.code, 2) << word;
    EXPECT_TRUE(contains(r.err, "a kernel expression is wanted")) << r.err;
    EXPECT_EQ(r.out, "");
  }
  for (const auto& args : std::vector<std::vector<std::string>>{
           {"points", "--kernel", ""}, {"kernels", ""}, {"replay", merge(), "--kernel="}}) {
    EXPECT_EQ(run(args).code, 2) << args[0];
  }
}

TEST_F(Command, help_shows_an_example_of_each_word) {
  EXPECT_EQ(run({"--help"}).code, 0);
  for (const char* word : {"replay", "explain", "show", "assemble", "litmus", "matrix", "minimize",
                           "kernels", "rules", "ops", "sites", "points"}) {
    const Ran r = run({word, "--help"});
    EXPECT_EQ(r.code, 0);
    EXPECT_TRUE(contains(r.out, std::string("./run rmapfuzz ") + word)) << r.out;
  }
}

TEST_F(Command, version_names_the_model_version) {
  const Ran r = run({"--version"});
  EXPECT_EQ(r.code, 0);
  EXPECT_TRUE(contains(r.out, "model version 1")) << r.out;
}

TEST_F(Command, tables_have_a_row_for_each_thing) {
  EXPECT_TRUE(contains(run({"rules"}).out, "missed_pte"));
  EXPECT_TRUE(contains(run({"ops"}).out, "mremap @PAGE +PAGES [@TO]"));
  EXPECT_TRUE(contains(run({"sites"}).out, "\nmove_ptes/old_ptl\n"));
  EXPECT_TRUE(contains(run({"points", "--kernel", "v3.0"}).out, "racy"));
  EXPECT_TRUE(contains(run({"kernels"}).out, "never landed\n  hugh-anon-vma-lock"));
}

TEST_F(Command, json_is_one_object_with_sorted_keys_per_line) {
  for (const char* word : {"rules", "ops", "sites", "kernels", "points"}) {
    const Ran r = run({word, "--json"});
    EXPECT_EQ(r.code, 0);
    EXPECT_TRUE(r.out.starts_with("{\"")) << r.out;
    EXPECT_TRUE(r.out.ends_with("}\n")) << r.out;
  }
}

TEST_F(Command, a_kernel_expression_is_explained) {
  const Ran r = run({"kernels", "v3.0+486cf46f3f9b"});
  EXPECT_EQ(r.code, 0);
  EXPECT_TRUE(contains(r.out, "differs from v3.0: migration_peek=locked (there: unlocked)"))
      << r.out;
  EXPECT_TRUE(contains(r.out, "is v3.1\n")) << r.out;
}

}  // namespace
}  // namespace rmap
