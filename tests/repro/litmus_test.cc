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

// --- Nevers that say nothing ---------------------------------------------------------------------
constexpr const char* kReadsNothing = "litmus x\ncpu1 read @9 +1\n";
constexpr const char* kNeverWrites =
    "litmus x\nsetup mmap @0 +1\ncpu1 read @0 +1\ncpu2 migrate @0\n";

TEST_F(LitmusWord, a_never_of_a_program_that_does_nothing_is_none) {
  const std::string file =
      write("x.litmus", std::string(kReadsNothing) + "expect   v3.0 never 0/1 complete\n");
  const Ran r = run({"litmus", file});
  EXPECT_EQ(r.code, 3);
  EXPECT_EQ(r.out, file +
                       ":3: inconclusive expect v3.0 never 0/1 complete: vacuous: no operation of "
                       "a cpu took effect in any schedule; change the program, or write `never "
                       "vacuous`\n");
  const std::string before = slurp(file);
  EXPECT_EQ(run({"litmus", file, "--update"}).code, 3);
  EXPECT_EQ(slurp(file), before);
}

TEST_F(LitmusWord, a_never_that_its_release_says_as_well_is_none) {
  const std::string file = write("x.litmus", std::string(kNeverWrites) +
                                                 "expect newest never\n"
                                                 "expect newest{wp_reuse=mapcount} never\n");
  const Ran r = run({"litmus", file});
  EXPECT_EQ(r.code, 3);
  EXPECT_TRUE(contains(r.out, ":5: ok   expect newest never: 0/")) << r.out;
  EXPECT_TRUE(contains(r.out,
                       ": vacuous: no schedule runs otherwise than under newest, so nothing "
                       "here depends on wp_reuse=mapcount; "))
      << r.out;
  const auto j = nlohmann::json::parse(run({"litmus", file, "--json"}).out);
  EXPECT_EQ(j["state"], "inconclusive");
  EXPECT_EQ(j["checks"][1]["state"], "inconclusive");
}

TEST_F(LitmusWord, a_vacuous_never_passes_where_it_is_meant) {
  const std::string file =
      write("x.litmus", std::string(kReadsNothing) + "expect   v3.0 never vacuous\n");
  EXPECT_EQ(run({"litmus", file, "--update"}).code, 0);
  EXPECT_TRUE(contains(slurp(file), "\nexpect   v3.0 never vacuous 0/1 complete\n")) << slurp(file);
  EXPECT_EQ(run({"litmus", file}).code, 0);
  const Ran r = run(
      {"litmus", write("y.litmus", std::string(kNeverWrites) + "expect newest never vacuous\n")});
  EXPECT_EQ(r.code, 1);
  EXPECT_TRUE(contains(r.out, "this never says something; take the word `vacuous` away")) << r.out;
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

TEST_F(LitmusWord, update_keeps_the_line_ends) {
  const std::string lf = std::string(kMergeProgram) + "expect   v3.0 missed_pte sometimes\n";
  const std::string file = write("crlf.litmus", replaced(lf, "\n", "\r\n"));
  ASSERT_EQ(run({"litmus", file, "--update", "--preemptions", "2"}).code, 0);
  const std::string text = slurp(file);
  EXPECT_TRUE(contains(text, "\r\nwitness  v3.0 ")) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), std::count(text.begin(), text.end(), '\r'));
  EXPECT_FALSE(contains(text, "\r\r"));
  EXPECT_EQ(run({"litmus", file, "--update", "--preemptions", "2"}).code, 0);
  EXPECT_EQ(slurp(file), text);
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

// --- Bounds and ctrl-C ---------------------------------------------------------------------------
// Five operations on each of four cpus: nobody will ever run all schedules.
constexpr const char* kHuge =
    "litmus huge\n"
    "setup mmap @0 +4; write @0 +4\n"
    "cpu1 mremap @0 +2 @8; write @8 +1; mremap @8 +2 @0; write @0 +1; munmap @0 +1\n"
    "cpu2 migrate @0; migrate @1; migrate @2; migrate @3; migrate @8\n"
    "cpu3 read @0 +1; read @1 +1; read @2 +1; read @3 +1; read @8 +1\n"
    "cpu4 write @0 +1; write @1 +1; write @2 +1; write @3 +1; write @8 +1\n";

TEST_F(LitmusWord, a_bound_ends_a_huge_tree_and_says_how_far_it_got) {
  const std::string file = write(
      "huge.litmus", std::string(kHuge) + "expect newest never\nreach newest move_vma/rollback\n");
  const Ran r = run({"litmus", file, "--schedules", "600"});
  EXPECT_EQ(r.code, 3);
  EXPECT_TRUE(contains(r.out,
                       ":7: inconclusive expect newest never: found 0/600 @3; gave up after "
                       "600 schedules, and there are more; give more --schedules"))
      << r.out;
  // What is not reached yet may be reached later.
  EXPECT_TRUE(contains(r.out, ":8: inconclusive reach newest move_vma/rollback: not reached: "))
      << r.out;
  const Ran as_json = run({"litmus", file, "--schedules", "600", "--json"});
  EXPECT_EQ(as_json.code, 3);
  EXPECT_EQ(nlohmann::json::parse(as_json.out)["complete"], false);
  EXPECT_EQ(run({"litmus", file, "--schedules", "0"}).code, 2);
}

TEST_F(LitmusWord, a_bound_never_writes_the_counts_of_what_it_cut_off) {
  const std::string file = with("expect v3.3 never 0/7 @2; v3.0 missed_pte sometimes 1/2 @2\n");
  const std::string before = slurp(file);
  EXPECT_EQ(run({"litmus", file, "--update", "--preemptions", "2", "--schedules", "1000"}).code, 3);
  EXPECT_TRUE(contains(slurp(file), before.substr(0, before.find("expect")))) << slurp(file);
  EXPECT_TRUE(contains(slurp(file), "never 0/7 @2; v3.0 missed_pte sometimes 1/2 @2\n"))
      << slurp(file);
}

TEST_F(LitmusWord, interrupted_it_says_what_is_known) {
  const std::string file = with("expect v3.0 missed_pte sometimes; v3.3 never; v3.7 never\n");
  // A question before each check, one before the first schedule, and one each 256 schedules.
  const Ran r = run({"litmus", file, "--preemptions", "2"}, 10);
  EXPECT_EQ(r.code, 3);
  EXPECT_TRUE(contains(r.out, ": ok   expect v3.0 missed_pte sometimes: 108/1444 @2\n")) << r.out;
  EXPECT_TRUE(
      contains(r.out, "expect v3.3 never: found 0/256 @2; interrupted after 256 schedules\n"))
      << r.out;
  EXPECT_FALSE(contains(r.out, "v3.7")) << r.out;
  EXPECT_TRUE(contains(r.err, ": interrupted; 1 check not made\n")) << r.err;
}

TEST_F(LitmusWord, interrupted_after_a_failure_it_has_failed) {
  EXPECT_EQ(run({"litmus", with("expect v3.0 never; v3.3 never\n"), "--preemptions", "2"}, 10).code,
            1);
}

TEST_F(LitmusWord, interrupted_json_is_whole_and_has_every_file) {
  const std::string file = with("expect v3.3 never; v3.7 never\n");
  const Ran r = run({"litmus", file, file, "--json", "--preemptions", "2"}, 4);
  EXPECT_EQ(r.code, 3);
  std::istringstream lines(r.out);
  std::size_t checks = 0;
  int files = 0;
  for (std::string line; std::getline(lines, line); files++) {
    const auto j = nlohmann::json::parse(line);
    EXPECT_EQ(j["complete"], false);
    EXPECT_EQ(j["state"], "inconclusive");
    checks += j["checks"].size();
  }
  EXPECT_EQ(files, 2);
  EXPECT_EQ(checks, 1u);
}

// Wherever it is interrupted: what is written are the counts of the whole enumeration, or the old
// ones; and never a witness without decisions.
TEST_F(LitmusWord, an_interrupted_update_writes_nothing_that_is_wrong) {
  const std::string lines =
      "expect   v3.0 missed_pte sometimes 1/2 @2\nexpect   v3.3 never 0/7 @2\n";
  const std::string file = with(lines);
  const std::string before = slurp(file);
  ASSERT_EQ(run({"litmus", file, "--update", "--preemptions", "2"}).code, 0);
  const std::string after = slurp(file);
  const auto is_line_of = [](const std::string& line, const std::string& text) {
    return contains("\n" + text, "\n" + line + "\n");
  };
  for (uint64_t patience = 1; patience < 14; patience++) {
    write("x.litmus", before);
    EXPECT_EQ(run({"litmus", file, "--update", "--preemptions", "2"}, patience).code, 3);
    std::istringstream now(slurp(file));
    for (std::string line; std::getline(now, line);) {
      const bool is_witness = line.starts_with("witness  v3.0 00 ");
      EXPECT_TRUE(is_line_of(line, before) || is_line_of(line, after) || is_witness)
          << patience << ": " << line;
    }
  }
}

TEST_F(LitmusWord, what_cannot_be_checked_is_an_object_with_an_error) {
  const std::string bytes = write("bytes", std::string("\x01\0\0\0", 4));
  for (const std::string& file : {path("missing"), with(""), bytes}) {
    const Ran r = run({"litmus", file, "--json"});
    EXPECT_EQ(r.code, 2) << file;
    const auto j = nlohmann::json::parse(r.out);
    EXPECT_EQ(j["file"], file);
    EXPECT_EQ(r.err, j["error"].get<std::string>() + "\n");
  }
}

// One row for each entry and file, in the order of the numbers; files without one come after.
TEST_F(LitmusWord, a_table_says_which_race_a_file_is_about_and_what_it_breaks) {
  write("b.litmus",
        "# Claim: it is missed. More words.\nlitmus b\nentry Z04 948f017b093a the order\n"
        "entry Z99 - nobody fixed it\n"
        "expect v3.0 missed_pte sometimes 2/30 @2; v3.1 always 5/5 complete; v3.3 never\n");
  write("a.litmus", "litmus a\nentry Z05 948f017b093a back|forth\nexpect v3.7 never 0/9 @3\n");
  write("c.litmus", "# It guards the\n# model. And so on.\nlitmus c\nexpect v3.7 never 0/9 @3\n");
  const Ran r = run({"litmus", folder_, "--table"});
  EXPECT_EQ(r.code, 0) << r.err;
  const std::string b =
      "[b](b.litmus) | v3.0 missed_pte 2/30 @2<br>v3.1 always 5/5 complete | v3.3 |\n";
  EXPECT_EQ(r.out,
            "| entry | fixed by | what was wrong | litmus | breaks under | never under |\n"
            "|---|---|---|---|---|---|\n"
            "| Z04 | 948f017b093a | the order | " +
                b +
                "| Z05 | 948f017b093a | back\\|forth | [a](a.litmus) |  | v3.7 0/9 @3 |\n"
                "| Z99 | - | nobody fixed it | " +
                b +
                "\n| litmus | what it shows | breaks under | never under |\n"
                "|---|---|---|---|\n"
                "| [c](c.litmus) | It guards the model |  | v3.7 0/9 @3 |\n");
}

TEST_F(LitmusWord, a_table_is_rewritten_between_its_marker_lines) {
  write("a.litmus", "litmus a\nentry Z05 - the way back\n");
  const std::string readme =
      write("README.md",
            "# By hand\n<!-- Generated: ./run rmapfuzz litmus --table --update -->\nold\n"
            "<!-- End of what is generated. -->\nby hand, too\n");
  EXPECT_EQ(run({"litmus", "--table", "--update", folder_}).code, 0);
  const std::string text = slurp(readme);
  EXPECT_TRUE(text.starts_with("# By hand\n<!-- Generated")) << text;
  EXPECT_TRUE(contains(text, "\n| Z05 | - | the way back |")) << text;
  EXPECT_FALSE(contains(text, "old")) << text;
  EXPECT_TRUE(text.ends_with("generated. -->\nby hand, too\n")) << text;
  EXPECT_EQ(run({"litmus", "--table", "--update", folder_}).out, "");  // Nothing to do.

  write("README.md", "by hand\n");
  EXPECT_EQ(run({"litmus", "--table", "--update", folder_}).code, 2);
  EXPECT_EQ(slurp(readme), "by hand\n");
  EXPECT_EQ(run({"litmus", "--table", path("none")}).code, 2);
  for (const char* option : {"--json", "--kernel=v3.0", "--preemptions=1"})
    EXPECT_EQ(run({"litmus", "--table", folder_, option}).code, 2) << option;
}

TEST_F(LitmusWord, the_table_in_the_readme_is_up_to_date) {
  const std::string folder = RMAPFUZZ_SOURCE_DIR "/tests/litmus";
  const std::string table = run({"litmus", "--table", folder}).out;
  EXPECT_TRUE(contains(slurp(folder + "/README.md"), " -->\n\n" + table + "\n<!-- End"))
      << "run: ./run rmapfuzz litmus --table --update tests/litmus";
}

}  // namespace
}  // namespace rmap
