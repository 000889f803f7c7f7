// explain: the formats, compared with golden files, and what they have in common.
//
// To renew the golden files, from the root of the repository, and then to look at what changed:
//   RENEW_GOLDEN=1 build/bin/repro_tests --gtest_filter='*golden*' && git diff tests/golden
// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "core/program/generate.h"
#include "repro/formats/format.h"
#include "tests/repro/golden.h"

namespace rmap {
namespace {

class Explain : public CommandTest {};

// From a crash to the story of the smallest input with the same finding, in one command.
TEST_F(Explain, minimized_the_story_is_that_of_the_smallest_input) {
  const std::string file =
      write("a crash.litmus",
            "litmus crash\nsetup mmap @0 +4; write @0 +4; mremap @1 +1 @8; mmap @20 +2\n"
            "cpu1 read @20 +1; mremap @8 +1 @1; munmap @20 +1\ncpu2 migrate @8\n"
            "expect v3.0 missed_pte sometimes\nwitness v3.0 00\n");
  ASSERT_EQ(run({"litmus", file, "--update", "--preemptions", "2"}).code, 0);
  const std::string before = slurp(file);
  const Ran r = run({"explain", "--minimize", file, "--width", "1000"});
  EXPECT_EQ(r.code, 1);
  EXPECT_TRUE(contains(r.out, "setup    mmap @0 +2; write @0 +1; mremap @0 +1 @2\n")) << r.out;
  EXPECT_TRUE(contains(r.out, "SUMMARY: missed_pte v3.0")) << r.out;
  EXPECT_TRUE(contains(
      r.out, "./run rmapfuzz minimize '" + file + "' --kernel v3.0 -o '" + file + ".min'; "))
      << r.out;
  EXPECT_TRUE(contains(r.err, "; minimized from 8 operations and 2 preemptions to 5 and 2\n"))
      << r.err;
  EXPECT_EQ(slurp(file), before);
  EXPECT_EQ(run({"explain", "-m", file, "--early"}).code, 2);
  EXPECT_EQ(run({"explain", file, "-o", file, "--force"}).code, 2);  // The input stays.
  EXPECT_EQ(slurp(file), before);
  EXPECT_EQ(run({"explain", "-m", merge(), "--kernel", "v3.7"}).code,
            0);  // Without a finding: as it is.
}

TEST_F(Explain, golden_files_of_the_merge_race_in_every_format) {
  for (const Format& format : all_formats()) {
    const Ran r = run_from_root(
        {"explain", "tests/golden/mremap-merge.litmus", "--format", std::string(format.name)});
    EXPECT_EQ(r.code, 1) << r.err;
    expect_golden("mremap-merge." + std::string(format.name), r.out);
  }
}

TEST_F(Explain, columns_show_where_a_cpu_is_preempted) {
  EXPECT_TRUE(contains(run({"explain", merge()}).out, " --      preempted\n"));
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
  const std::string file = write("early.litmus", std::string(kMergeProgram) + "decisions 00\n");
  EXPECT_EQ(run({"explain", file, "--kernel", "v3.0"}).code, 0);
  const Ran r = run({"explain", file, "--kernel", "v3.0", "--early"});
  EXPECT_EQ(r.code, 1) << r.out;
  EXPECT_TRUE(contains(r.out, "SUMMARY: early_order v3.0 ")) << r.out;
  EXPECT_TRUE(contains(r.out, "which a walk visits before their source")) << r.out;
  EXPECT_TRUE(contains(r.out, "--early\n")) << r.out;
}

TEST_F(Explain, an_unknown_format_is_answered_with_the_known_ones) {
  const Ran r = run({"explain", merge(), "--format", "dot"});
  EXPECT_EQ(r.code, 2);
  EXPECT_EQ(r.err,
            "rmapfuzz explain: unknown format 'dot'; known: columns, ftrace, json, mermaid, "
            "perfetto\n");
  const Ran help = run({"explain", "--help"});
  for (const Format& format : all_formats())
    EXPECT_TRUE(contains(help.out, std::string(format.name) + ":")) << help.out;
}

TEST_F(Explain, formats_that_cannot_be_joined_take_one_file) {
  for (const char* format : {"ftrace", "mermaid", "perfetto"}) {
    const Ran r = run({"explain", merge(), merge(), "--format", format});
    EXPECT_EQ(r.code, 2);
    EXPECT_TRUE(contains(r.err, "one file at a time with --format ")) << r.err;
    EXPECT_EQ(r.out, "");
  }
  std::istringstream lines(run({"explain", merge(), merge(), "--format", "json"}).out);
  std::size_t objects = 0;
  for (std::string line; std::getline(lines, line); objects++)
    EXPECT_TRUE(nlohmann::json::accept(line)) << line;
  EXPECT_EQ(objects, 2u);
}

TEST_F(Explain, output_goes_to_a_new_file_only) {
  const std::string out = path("trace.json");
  EXPECT_EQ(run({"explain", merge(), "--format", "perfetto", "-o", out}).code, 1);
  EXPECT_TRUE(nlohmann::json::accept(slurp(out)));
  write("trace.json", "mine");
  const Ran r = run({"explain", merge(), "--format", "perfetto", "-o", out});
  EXPECT_EQ(r.code, 2);
  EXPECT_TRUE(contains(r.err, "trace.json")) << r.err;
  EXPECT_EQ(slurp(out), "mine");
  EXPECT_EQ(run({"explain", merge(), "--format", "perfetto", "-o", out, "--force"}).code, 1);
  EXPECT_TRUE(nlohmann::json::accept(slurp(out)));
}

// 300 inputs, two kernels: none crashes, and JSON is JSON. The other formats: printers_test.cc.
TEST_F(Explain, random_inputs_never_crash) {
  std::vector<std::string> files;
  for (uint64_t seed = 0; seed < 300; seed++) {
    sched::SplitMix random(seed);
    const std::vector<uint8_t> bytes = encode(generate_program(random));
    files.push_back(write(std::to_string(seed), {bytes.begin(), bytes.end()}));
  }
  for (const char* kernel : {"v3.0", "v3.7"}) {
    std::vector<std::string> args = {"explain", "--early", "--kernel", kernel};
    args.insert(args.end(), files.begin(), files.end());
    const Ran r = run(args);
    EXPECT_NE(r.code, 2) << r.err;
    std::size_t summaries = 0;
    for (std::size_t at = 0; (at = r.out.find("SUMMARY: ", at)) != std::string::npos; at++)
      summaries++;
    EXPECT_EQ(summaries, 300u);
    args.insert(args.end(), {"--format", "json"});
    std::istringstream lines(run(args).out);
    std::size_t objects = 0;
    for (std::string line; std::getline(lines, line); objects++)
      EXPECT_TRUE(nlohmann::json::accept(line));
    EXPECT_EQ(objects, 300u);
  }
}

TEST_F(Explain, no_operations_at_all) {
  for (const Format& format : all_formats()) {
    const Ran r = run(
        {"explain", write("none.litmus", "litmus none\n"), "--format", std::string(format.name)});
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_FALSE(r.out.empty());
  }
}

}  // namespace
}  // namespace rmap
