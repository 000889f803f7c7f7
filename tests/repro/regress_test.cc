// regress: what holds passes, and whatever was tampered with fails.
//
// Read next: regress_print_test.cc
// SPDX-License-Identifier: Apache-2.0
#include "repro/keep/regress.h"

#include <functional>
#include <nlohmann/json.hpp>

#include "tests/repro/fixture.h"

namespace rmap {
namespace {

class RegressTest : public CommandTest {
 protected:
  std::string kept() const { return kept_merge("kept"); }
  // A copy of the kept file in which `from` has become `to`.
  std::string tampered(const std::string& from, const std::string& to) const {
    return write("tampered.litmus", replaced(slurp(kept()), from, to));
  }
  static std::string line_of(const std::string& text, const std::string& begin) {
    const auto end = text.begin() + static_cast<std::ptrdiff_t>(text.find("\n" + begin) + 1);
    return std::to_string(std::count(text.begin(), end, '\n') + 1);
  }
  // The text without its lines that begin so.
  static std::string without(std::string text, const std::string& begin) {
    for (std::size_t at = 0; (at = text.find("\n" + begin)) != std::string::npos;)
      text.erase(at + 1, text.find('\n', at + 1) - at);
    return text;
  }
  void expect_failure(const std::string& from, const std::string& to, const std::string& why,
                      const std::string& line = "") const {
    expect_text_fails(replaced(slurp(kept()), from, to), why, line);
  }
  void expect_text_fails(const std::string& text, const std::string& why,
                         const std::string& line) const {
    const std::string file = write("tampered.litmus", text);
    const Ran r = run({"regress", file});
    EXPECT_EQ(r.code, 1) << text;
    EXPECT_TRUE(r.out.starts_with(file + ":" + line)) << r.out;
    EXPECT_TRUE(contains(r.out, "failed: " + why)) << r.out;
    EXPECT_TRUE(contains(r.out, "1 file: 0 passed, 1 failed")) << r.out;
  }
};

TEST_F(RegressTest, the_kept_regressions_hold) {
  const Ran r = run({"regress", std::string(RMAPFUZZ_SOURCE_DIR) + "/repro/regressions"});
  EXPECT_EQ(r.code, 0) << r.out << r.err;
  EXPECT_TRUE(contains(r.out, " 0 failed, 0 stale, 0 inconclusive, 0 unreadable\n")) << r.out;
}

TEST_F(RegressTest, interrupted_it_says_what_is_known) {
  const std::string text = slurp(merge());
  const Ran r = run({"regress", write("a.litmus", text), write("b.litmus", text),
                     write("c.litmus", text), "--junit", path("x.xml")},
                    2);
  EXPECT_EQ(r.code, 3);
  EXPECT_TRUE(contains(r.out, "1 file: 1 passed, 0 failed")) << r.out;
  EXPECT_TRUE(contains(r.err, "regress: interrupted; 2 files not replayed\n")) << r.err;
  EXPECT_TRUE(contains(slurp(path("x.xml")), "tests=\"1\"")) << slurp(path("x.xml"));
}

TEST_F(RegressTest, witnesses_without_a_finding_line_show_what_is_expected) {
  EXPECT_EQ(run({"regress", merge()}).code, 0);
  const std::string expects = std::string(kMergeProgram) + "expect v3.0 leak sometimes\n";
  const Ran r = run({"regress", write("x.litmus", expects + kMergeWitness)});
  EXPECT_EQ(r.code, 1);
  EXPECT_TRUE(contains(r.out, "x.litmus:6: failed: shows missed_pte under v3.0, which the text"))
      << r.out;
  const std::string never = std::string(kMergeProgram) + "expect v3.0 never\n";
  EXPECT_EQ(run({"regress", write("x.litmus", never + kMergeWitness)}).code, 1);
}

TEST_F(RegressTest, a_wrong_hash_fails) {
  const std::string text = slurp(kept());
  const std::size_t at = text.find("witness") - 17;
  expect_failure(text.substr(at, 16), "0123456789abcdef",
                 "the trace hash is " + text.substr(at, 16) +
                     ", and 0123456789abcdef was kept: this program's model differs",
                 line_of(text, "trace"));
}

TEST_F(RegressTest, a_schedule_that_no_longer_breaks_the_rule_fails) {
  const std::string text = slurp(kept());
  const std::size_t at = text.find("schedule v3.0 ") + 14;
  const std::string steps = text.substr(at, text.find('\n', at) - at);
  expect_failure(steps, "start cpu2", "shows no finding under v3.0, and was kept for missed_pte");
}

TEST_F(RegressTest, a_witness_that_no_longer_breaks_the_rule_fails) {
  expect_failure("witness  v3.0 0", "witness  v3.0 01 0", "");
}

TEST_F(RegressTest, a_kernel_that_has_the_fix_fails) {
  expect_failure("v3.0", "v3.3", "shows no finding under v3.3, and was kept for missed_pte");
}

TEST_F(RegressTest, another_rule_or_signature_fails) {
  const std::string line = line_of(slurp(kept()), "finding");
  expect_failure("missed_pte--", "leak--", "shows missed_pte under v3.0, and was kept for leak",
                 line);
  expect_failure("--migrate+mremap--", "--migrate+exit--", "shows missed_pte--", line);
}

TEST_F(RegressTest, a_text_that_keeps_nothing_to_replay_fails) {
  const std::string text = slurp(kept());
  const std::string file = write("x.litmus", replaced(text.substr(0, text.find("trace")),
                                                      text.substr(text.find("schedule"), 8), "# "));
  EXPECT_EQ(run({"regress", file}).code, 1);
}

TEST_F(RegressTest, another_model_version_is_stale_while_the_rule_is_broken) {
  Ran r = run({"regress", tampered(kModelWords, "model 1")});
  EXPECT_EQ(r.code, 3);
  EXPECT_TRUE(contains(r.out, "stale: kept by model version 1, and this is " +
                                  std::to_string(kModelVersion) + "; ./run rmapfuzz rebase " +
                                  path("tampered.litmus") + "\n"))
      << r.out;
  EXPECT_TRUE(contains(r.out, "1 file: 0 passed, 0 failed, 1 stale")) << r.out;
  // One of the two ways is enough.
  const std::string stale =
      replaced(slurp(path("tampered.litmus")), "witness  v3.0 0", "witness  v3.0 01 0");
  EXPECT_EQ(run({"regress", write("tampered.litmus", stale)}).code, 3);
  const std::string fixed = replaced(stale, "v3.0", "v3.3");
  r = run({"regress", write("tampered.litmus", fixed)});
  EXPECT_EQ(r.code, 1);
  EXPECT_TRUE(contains(r.out, "shows no finding under v3.3")) << r.out;
}

TEST_F(RegressTest, a_newer_model_version_cannot_be_judged) {
  const Ran r = run({"regress", tampered(kModelWords, "model 9999")});
  EXPECT_EQ(r.code, 3);
  EXPECT_TRUE(contains(r.out, "inconclusive: kept by a newer rmapfuzz, model 9999, and this is"))
      << r.out;
}

// --- Damaged texts -------------------------------------------------------------------------------

// What is noticed late is described by running the execution once more, the schedule's or the
// witness's.
TEST_F(RegressTest, a_schedule_and_a_witness_that_disagree_are_both_judged) {
  const std::string text =
      slurp(std::string(RMAPFUZZ_SOURCE_DIR) + "/repro/regressions/unreachable-stack-pgoff.litmus");
  const Ran r = run({"regress", write("bare.litmus", without(text, "witness"))});
  EXPECT_EQ(r.code, 0) << r.out;
  expect_text_fails(replaced(text, " 00 01\n", " 00 02\n"), "", line_of(text, "witness"));
}

TEST_F(RegressTest, a_schedule_without_its_finding_or_trace_fails) {
  const std::string text = slurp(kept());
  const std::string line = line_of(text, "schedule");
  for (const char* word : {"finding", "trace"}) {
    expect_text_fails(without(text, word),
                      std::string("a schedule is kept for v3.0, and no ") + word + " line for it; ",
                      line);
  }
}

TEST_F(RegressTest, a_text_that_expects_something_else_than_it_keeps_fails) {
  const std::string line = line_of(slurp(kept()), "expect");
  const std::string kept_for = "missed_pte was kept for v3.0, and the text expects v3.0 ";
  expect_failure("missed_pte sometimes", "missed_pte never", kept_for + "missed_pte never; ", line);
  expect_failure("missed_pte sometimes", "never", kept_for + "never; ", line);
  expect_failure("missed_pte sometimes", "leak always", kept_for + "leak always; ", line);
  EXPECT_EQ(run({"regress", tampered("missed_pte sometimes", "sometimes; v3.0 leak never")}).code,
            0);
}

TEST_F(RegressTest, a_text_that_was_cut_off_fails_wherever_that_was) {
  const std::string text = slurp(kept());
  expect_text_fails(text.substr(0, text.find("schedule")),
                    "expects v3.0 missed_pte sometimes, and keeps no execution that shows it; ",
                    line_of(text, "expect"));
  for (std::size_t n = text.find("schedule"); n <= text.find("trace"); n++) {
    const Ran r = run({"regress", write("cut.litmus", text.substr(0, n))});
    EXPECT_TRUE(r.code == 1 || r.code == 2) << text.substr(0, n) << r.out;
  }
  // A program that expects nothing, or nothing bad, is run as bytes are.
  EXPECT_EQ(run({"regress", write("plain.litmus", kMergeProgram)}).code, 0);
  const std::string never = std::string(kMergeProgram) + "expect v3.3 never\n";
  EXPECT_EQ(run({"regress", write("plain.litmus", never)}).code, 0);
}

TEST_F(RegressTest, the_litmus_files_keep_what_they_expect) {
  const Ran r = run({"regress", std::string(RMAPFUZZ_SOURCE_DIR) + "/tests/litmus"});
  EXPECT_EQ(r.code, 0) << r.out << r.err;
}

// 3,000 kept texts with a few characters changed: each is refused as text, or judged. In every
// other one the rule is noticed late.
TEST_F(RegressTest, damaged_files_never_crash) {
  const std::string texts[] = {slurp(kept()),
                               slurp(std::string(RMAPFUZZ_SOURCE_DIR) +
                                     "/repro/regressions/unreachable-stack-pgoff.litmus")};
  Executors executors;
  Replayer replayer(executors);
  sched::SplitMix random(11);
  uint32_t judged = 0;
  for (int i = 0; i < 3000; i++) {
    std::string text = texts[i % 2];
    for (uint32_t k = 0; k <= random.below(3); k++) {
      const uint32_t at = random.below(static_cast<uint32_t>(text.size()));
      text[at] = text[random.below(static_cast<uint32_t>(text.size()))];
    }
    const LitmusResult result = parse_litmus(text);
    if (!result.litmus) continue;
    for (const Kept& each : kept_in(*result.litmus)) {
      judged++;
      const Judgement j = replayer.judge(*result.litmus, each);
      EXPECT_EQ(j.standing == Standing::holds, j.what.empty()) << text;
    }
  }
  EXPECT_GT(judged, 300u);
}

// --- Inputs in bytes -----------------------------------------------------------------------------

TEST_F(RegressTest, a_corpus_must_be_clean_and_crashes_must_crash) {
  ASSERT_EQ(run({"assemble", merge(), "-o", path("bytes/crash")}).code, 0);
  EXPECT_EQ(run({"regress", path("bytes")}).code, 0);
  EXPECT_EQ(run({"regress", path("bytes"), "--expect-finding"}).code, 1);
  const Ran r = run({"regress", path("bytes"), "--kernel", "v3.0"});
  EXPECT_EQ(r.code, 1);
  EXPECT_TRUE(r.out.starts_with(path("bytes/crash") + ": failed: shows missed_pte under v3.0\n"))
      << r.out;
  EXPECT_EQ(run({"regress", path("bytes"), "--kernel", "v3.0", "--expect-finding"}).code, 0);
  EXPECT_EQ(run({"regress", path("bytes"), "--kernel", "v9"}).code, 2);
}

// --- Folders -------------------------------------------------------------------------------------

TEST_F(RegressTest, a_folder_is_taken_whole_and_in_order) {
  namespace fs = std::filesystem;
  fs::create_directories(path("in/b/c"));
  const std::string text = std::string(kMergeProgram) + kMergeWitness;
  for (const char* name : {"in/b/c/2.litmus", "in/b/1.litmus", "in/z.litmus"}) write(name, text);
  for (const char* other : {"README.md", "story.txt", "record.json", "page.html"})
    write(std::string("in/") + other, "no litmus");
  write("in/.hidden", "no litmus");
  fs::create_directory_symlink(path("in"), path("in/b/loop"));
  fs::create_symlink(path("in/z.litmus"), path("in/a.litmus"));
  std::vector<Unusable> errors;
  EXPECT_EQ(regress_files({path("in/"), path("in/z.litmus")}, errors),
            (std::vector<std::string>{path("in/a.litmus"), path("in/b/1.litmus"),
                                      path("in/b/c/2.litmus"), path("in/z.litmus")}));
  EXPECT_TRUE(errors.empty());
}

TEST_F(RegressTest, what_cannot_be_read_does_not_stop_the_rest) {
  kept();
  write("kept/bad.litmus", "litmus x\nfly\n");
  write("kept/empty", "");
  const Ran r = run({"regress", path("kept"), path("none"), folder_ + "/nowhere/"});
  EXPECT_EQ(r.code, 2);
  EXPECT_TRUE(contains(r.err, "kept/bad.litmus:2:1: 'fly' starts no line")) << r.err;
  EXPECT_TRUE(contains(r.err, "kept/empty: is empty")) << r.err;
  EXPECT_TRUE(contains(r.err, "none: no such file")) << r.err;
  EXPECT_TRUE(contains(r.out, "5 files: 1 passed, 0 failed, 0 stale, 0 inconclusive, 4 unreadable"))
      << r.out;
  std::filesystem::create_directories(path("bare"));
  const Ran bare = run({"regress", path("bare")});
  EXPECT_EQ(bare.code, 2);
  EXPECT_TRUE(contains(bare.err, "bare: holds no inputs; name another folder")) << bare.err;
}

// --- Reports -------------------------------------------------------------------------------------

TEST_F(RegressTest, junit_and_json_are_written_and_only_reports_are_overwritten) {
  const std::string file = kept();
  const std::string report = path("report.xml");
  const Ran r = run({"regress", file, "--junit", report, "--json"});
  EXPECT_EQ(r.code, 0);
  EXPECT_EQ(nlohmann::json::parse(r.out)["passed"], 1);
  EXPECT_TRUE(contains(slurp(report), "name=\"" + file + "\" time=\"0.")) << slurp(report);
  EXPECT_FALSE(contains(slurp(report), "time=\"0.000\"")) << slurp(report);  // It takes a while.
  EXPECT_EQ(run({"regress", tampered("v3.0", "v3.3"), "--junit", report}).code, 1);
  EXPECT_TRUE(contains(slurp(report), "<failure message=")) << slurp(report);
  write("report.xml", "mine");
  const Ran refused = run({"regress", file, "--junit", report});
  EXPECT_EQ(refused.code, 2);
  EXPECT_EQ(refused.out, "");  // Before anything is run.
  EXPECT_EQ(refused.err, report + ": exists and is no report of regress; take another name\n");
  EXPECT_EQ(slurp(report), "mine");
}

}  // namespace
}  // namespace rmap
