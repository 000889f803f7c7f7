// explain: the columns and the story, compared with a golden file.
//
// To regenerate, from the root of the repository:
//   ./run rmapfuzz explain tests/golden/mremap-merge.litmus > tests/golden/mremap-merge.explain
// SPDX-License-Identifier: Apache-2.0
#include "core/generate.h"
#include "tests/repro/fixture.h"

namespace rmap {
namespace {

class Explain : public CommandTest {};

TEST_F(Explain, the_merge_race_under_v3_0) {
  const std::string root = std::string(RMAPFUZZ_SOURCE_DIR) + "/";
  Ran r = run({"explain", root + "tests/golden/mremap-merge.litmus"});
  EXPECT_EQ(r.code, 1);
  for (std::size_t at; (at = r.out.find(root)) != std::string::npos;) r.out.erase(at, root.size());
  EXPECT_EQ(r.out, slurp(root + "tests/golden/mremap-merge.explain"));
}

TEST_F(Explain, two_columns_fit_into_100_characters) {
  std::istringstream lines(run({"explain", merge()}).out);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("replay:")) continue;  // Has a file's name in it.
    EXPECT_LE(line.size(), 100u) << line;
  }
}

TEST_F(Explain, a_clean_run_says_what_the_operations_returned) {
  const Ran r = run({"explain", merge(), "--kernel", "v3.7"});
  EXPECT_EQ(r.code, 0);
  EXPECT_TRUE(contains(r.out, "No rule was broken")) << r.out;
  EXPECT_TRUE(contains(r.out, "cpu1's mremap: ok;")) << r.out;
  EXPECT_TRUE(contains(r.out, "SUMMARY: finished v3.7")) << r.out;
}

TEST_F(Explain, all_shows_the_set_up_and_every_event) {
  const Ran r = run({"explain", merge(), "--all"});
  EXPECT_TRUE(contains(r.out, "step  setup: mmap @0 +2")) << r.out;
  EXPECT_TRUE(contains(r.out, "vma_address/vm_start")) << r.out;
}

// Entries that a mover holds in a register, seen by a walk of v3.0 that takes no lock to look.
TEST_F(Explain, an_entry_in_a_register_is_said_to_be_in_no_page_table) {
  const std::string file =
      write("fresh.litmus",
            "litmus fresh\nsetup mmap @0 +1; write @0 +1\ncpu1 mremap @0 +1 @8\ncpu2 migrate @0\n"
            "expect v3.0 missed_pte sometimes\nwitness v3.0 00\n");
  ASSERT_EQ(run({"litmus", file, "--update", "--preemptions", "2"}).code, 0);
  const Ran r = run({"explain", file});
  EXPECT_EQ(r.code, 1);
  EXPECT_TRUE(contains(r.out, "it is in a register, and in no")) << r.out;
}

// Two movers that take the same locks in the same order, and both get them.
TEST_F(Explain, movers_that_never_block_each_other) {
  const std::string file =
      write("movers.litmus",
            "litmus movers\nsetup mmap @0 +2; write @0 +2\ncpu1 mremap @0 +1 @8\n"
            "cpu2 mremap @1 +1 @16\n");
  const Ran r = run({"explain", file, "--kernel", "v3.7"});
  EXPECT_EQ(r.code, 0);
  EXPECT_TRUE(contains(r.out, "cpu1's mremap: ok;\ncpu2's mremap: ok.")) << r.out;
  EXPECT_TRUE(contains(r.out, "SUMMARY: finished v3.7")) << r.out;
  EXPECT_FALSE(contains(r.out, "deadlock")) << r.out;
  EXPECT_FALSE(contains(r.out, "A kernel shows")) << r.out;
}

// The merged vma comes first in the list, so a walk looks at the new place before the old one.
TEST_F(Explain, an_early_sign_is_a_finding_if_asked_for) {
  const std::string file = write("early.litmus", std::string(kMergeProgram) + "witness v3.0 00\n");
  EXPECT_EQ(run({"explain", file, "--kernel", "v3.0"}).code, 0);
  const Ran r = run({"explain", file, "--kernel", "v3.0", "--early"});
  EXPECT_EQ(r.code, 1) << r.out;
  EXPECT_TRUE(contains(r.out, "SUMMARY: early_order v3.0 ")) << r.out;
  EXPECT_TRUE(contains(r.out, "which a walk visits before their source")) << r.out;
  EXPECT_TRUE(contains(r.out, "--early\n")) << r.out;
}

TEST_F(Explain, random_inputs_never_crash) {
  std::vector<std::string> args = {"explain", "--early"};
  for (uint64_t seed = 0; seed < 300; seed++) {
    sched::SplitMix random(seed);
    const std::vector<uint8_t> bytes = encode(generate_program(random));
    args.push_back(write(std::to_string(seed), {bytes.begin(), bytes.end()}));
  }
  for (const char* kernel : {"v3.0", "v3.7"}) {
    args.insert(args.end(), {"--kernel", kernel});
    const Ran r = run(args);
    EXPECT_NE(r.code, 2) << r.err;
    std::size_t summaries = 0;
    for (std::size_t at = 0; (at = r.out.find("SUMMARY: ", at)) != std::string::npos; at++) {
      summaries++;
    }
    EXPECT_EQ(summaries, 300u);
    args.resize(args.size() - 2);
  }
}

TEST_F(Explain, no_operations_at_all) {
  const Ran r = run({"explain", write("none.litmus", "litmus none\n")});
  EXPECT_EQ(r.code, 0) << r.err;
}

}  // namespace
}  // namespace rmap
