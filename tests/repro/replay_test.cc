// replay: what it says about an execution, in text and as JSON.
// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "tests/repro/fixture.h"

namespace rmap {
namespace {

class Replay : public CommandTest {};

// Nobody is preempted.
constexpr const char* kWitness = "witness  v3.0 00\n";

TEST_F(Replay, the_first_line_names_the_kernel_of_the_witness) {
  const Ran r = run({"replay", merge()});
  EXPECT_EQ(r.code, 1);
  EXPECT_TRUE(r.out.starts_with("kernel      v3.0\n")) << r.out;
  EXPECT_TRUE(contains(r.out, "\nrule        missed_pte\nmanner      moved_behind\n")) << r.out;
}

TEST_F(Replay, without_a_witness_the_newest_kernel_runs) {
  const Ran r = run({"replay", write("x.litmus", kMergeProgram)});
  EXPECT_EQ(r.code, 0);
  EXPECT_TRUE(r.out.starts_with("kernel      newest\n")) << r.out;
}

TEST_F(Replay, bytes_and_text_have_the_same_trace_hash) {
  run({"assemble", merge(), "-o", path("merge")});
  const std::string text = run({"replay", merge(), "--json"}).out;
  const std::string bytes = run({"replay", path("merge"), "--kernel", "v3.0", "--json"}).out;
  const auto a = nlohmann::json::parse(text);
  const auto b = nlohmann::json::parse(bytes);
  EXPECT_EQ(a["trace_hash"], b["trace_hash"]);
  EXPECT_EQ(a["trace_hash"].get<std::string>().size(), 16u);
  EXPECT_EQ(a["steps"], b["steps"]);
  EXPECT_EQ(a["preemptions"], 2);
}

// Blinding the rule that sees the race must be noticed: another rule, or none, ends the execution
// later.
TEST_F(Replay, without_switches_a_rule_off) {
  EXPECT_FALSE(
      contains(run({"replay", merge(), "--without", "missed_pte"}).out, "rule        missed_pte"));
  const Ran r = run({"replay", merge(), "--without", "nothing"});
  EXPECT_EQ(r.code, 2);
  EXPECT_TRUE(contains(r.err, "no rule is called that")) << r.err;
}

TEST_F(Replay, early_signs_are_findings_when_asked_for) {
  const Ran r = run({"replay", merge(), "--early"});
  EXPECT_EQ(r.code, 1);
  EXPECT_TRUE(contains(r.out, "rule        early_")) << r.out;
}

// A text says what its witness shows. Whoever changes the model, or the file, is told.
TEST_F(Replay, a_witness_that_no_longer_shows_its_finding_is_no_clean_run) {
  const std::string file = kept_merge("kept");
  const std::string text = slurp(file);
  const std::string cut = write("cut.litmus", text.substr(0, text.find("schedule")) + kWitness);
  const std::string bare = write("bare.litmus", std::string(kMergeProgram) + kWitness);
  const std::string other = write("other.litmus", replaced(text, "missed_pte", "leak"));
  const std::string way = write("way.litmus", replaced(text, "--moved_behind--", "--any--"));
  const std::string says = ": the text no longer shows what it was kept for: it shows ";
  const std::string none = "no finding under v3.0; to look for it again: ./run rmapfuzz ";
  const std::pair<std::string, std::string> texts[] = {
      {cut, none + "litmus --update " + cut + "\n"},
      {bare, none + "litmus --update " + bare + "\n"},
      {other,
       "missed_pte under v3.0, and was kept for leak; to look for it again: ./run rmapfuzz "
       "rebase " +
           other + "\n"},
      {way,
       "missed_pte--moved_behind--migrate+mremap--rmap_walk/walk+move_vma/move, and was kept for "
       "missed_pte--any--migrate+mremap--rmap_walk/walk+move_vma/move; to look for it again: "
       "./run rmapfuzz rebase " +
           way + "\n"}};
  for (const auto& [stale, why] : texts) {
    for (const char* word : {"replay", "explain", "keep", "minimize"}) {
      std::vector<std::string> args = {word, stale};
      if (*word == 'k' || *word == 'm') args.insert(args.end(), {"-o", path("out/")});
      const Ran r = run(args);
      EXPECT_EQ(r.code, 3) << word << " " << r.err;
      EXPECT_TRUE(r.err.starts_with(stale + ":")) << r.err;
      EXPECT_TRUE(r.err.ends_with(says + why)) << r.err;
      EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
    }
  }
  EXPECT_EQ(run({"replay", bare, "--kernel", "v3.7"}).code, 0);  // Of which it says nothing.
  EXPECT_EQ(run({"replay", other, "--early"}).code, 1);          // Other rules, other findings.
  const std::string asked = path("asked/");                      // Whoever names it wants it.
  EXPECT_EQ(run({"keep", other, "--rule", "missed_pte", "-o", asked}).code, 0);
}

TEST_F(Replay, trace_prints_every_event) {
  const Ran r = run({"replay", merge(), "--trace"});
  EXPECT_TRUE(contains(r.out, "move_ptes/clear")) << r.out;
  EXPECT_GT(std::count(r.out.begin(), r.out.end(), '\n'), 150);
}

}  // namespace
}  // namespace rmap
