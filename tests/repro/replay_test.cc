// replay: what it says about an execution, in text and as JSON.
// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "tests/repro/fixture.h"

namespace rmap {
namespace {

class Replay : public CommandTest {};

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

TEST_F(Replay, trace_prints_every_event) {
  const Ran r = run({"replay", merge(), "--trace"});
  EXPECT_TRUE(contains(r.out, "move_ptes/clear")) << r.out;
  EXPECT_GT(std::count(r.out.begin(), r.out.end(), '\n'), 150);
}

}  // namespace
}  // namespace rmap
