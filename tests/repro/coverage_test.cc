// Tests of the word coverage: what it counts, in each format, and what it says to bad input.
// SPDX-License-Identifier: Apache-2.0
#include "repro/coverage/coverage.h"

#include <nlohmann/json.hpp>

#include "tests/repro/fixture.h"

namespace rmap {
namespace {

using nlohmann::json;

class CoverageTest : public CommandTest {
 protected:
  json measured(const std::vector<std::string>& args) {
    std::vector<std::string> all = {"coverage", "--format", "json"};
    all.insert(all.end(), args.begin(), args.end());
    const Ran r = run(all);
    EXPECT_EQ(r.code, kClean) << r.err;
    return json::parse(r.out);
  }
  static const json& row(const json& rows, const std::string& key, const std::string& name) {
    for (const json& each : rows) {
      if (each[key] == name) return each;
    }
    ADD_FAILURE() << "no row is called " << name;
    return rows;
  }
};

TEST_F(CoverageTest, counts_what_the_merge_race_reaches) {
  const json j = measured({merge(), "--kernel", "v3.0"});
  EXPECT_EQ(j["inputs"], 1);
  EXPECT_EQ(j["findings"], 1);
  EXPECT_EQ(j["operations_run"], 5);
  uint32_t met = 0;
  for (const json& pair : j["operation_pairs"]) met += pair["met"].get<bool>();
  EXPECT_EQ(met, 1u);
  EXPECT_TRUE(contains(run({"coverage", "--all", merge(), "--kernel", "v3.0"}).out,
                       "operations that met:\n  mremap+migrate\n"));
  EXPECT_TRUE(row(j["sites"], "site", "copy_vma/merged")["reached"]);
  EXPECT_FALSE(row(j["sites"], "site", "copy_vma/fresh")["lock"]);
  EXPECT_TRUE(row(j["sites"], "site", "do_page_fault/mmap_sem")["lock"]);
  EXPECT_TRUE(row(j["oracle_rules"], "rule", "missed_pte")["shown"]);
  EXPECT_FALSE(row(j["oracle_rules"], "rule", "leak")["judged"])
      << "the execution did not get to its end";
}

// The commit that repaired it makes a difference to the race, and to nothing else of the same
// operations.
TEST_F(CoverageTest, a_rule_is_told_apart_by_an_input_that_runs_otherwise_without_it) {
  const json race = measured({merge(), "--kernel", "v3.0"});
  EXPECT_EQ(row(race["kernel_rules"], "value", "move_to_tail")["told_apart"], 1);
  const std::string alone = write("alone.litmus", "litmus alone\ncpu1 mmap @0 +2; write @0 +2\n");
  const json j = measured({alone, "--kernel", "v3.0"});
  EXPECT_EQ(row(j["kernel_rules"], "value", "move_to_tail")["told_apart"], 0);
  EXPECT_FALSE(row(j["oracle_rules"], "rule", "missed_pte")["judged"]);
  EXPECT_EQ(j["pairs_seen"], 0);
}

TEST_F(CoverageTest, pairs_are_counted_within_the_conceivable_ones) {
  const json j = measured({merge(), "--kernel", "v3.0"});
  uint32_t seen = 0;
  for (const json& pair : j["pairs"]) seen += pair["seen"].get<bool>();
  EXPECT_EQ(j["pairs"].size(), j["pairs_conceivable"]);
  EXPECT_EQ(j["pairs_seen"], seen);
  EXPECT_GT(seen, 0u);
}

TEST_F(CoverageTest, text_and_page_say_the_same_twice) {
  const std::string file = merge();
  for (const char* format : {"text", "html"}) {
    const Ran a = run({"coverage", "--format", format, file});
    const Ran b = run({"coverage", "--format", format, file});
    EXPECT_EQ(a.code, kClean) << a.err;
    EXPECT_EQ(a.out, b.out);
    EXPECT_TRUE(contains(a.out, "move_normal_pmd/set")) << "a site that was not reached";
  }
  const Ran all = run({"coverage", "--all", file});
  EXPECT_TRUE(contains(all.out, "pairs seen"));
  EXPECT_TRUE(contains(all.out, "oracle rules that judged"));
}

TEST_F(CoverageTest, an_interrupted_one_reports_nothing_and_says_so) {
  for (int patience : {1, 4}) {
    std::ostringstream out;
    std::ostringstream err;
    Io io{out, err};
    io.interrupted = [&] { return patience-- <= 0; };
    EXPECT_EQ(run_command({"coverage", merge(), "--kernel", "v3.0"}, io), 3);
    EXPECT_EQ(out.str(), "");
    EXPECT_EQ(err.str(), "coverage: interrupted; nothing is reported\n");
  }
}

TEST_F(CoverageTest, what_is_no_input_is_named_and_the_rest_is_measured) {
  const std::string file = merge();
  const std::string bad = write("bad", "\x07");
  const Ran r = run({"coverage", folder_});
  EXPECT_EQ(r.code, kBadInput);
  EXPECT_TRUE(contains(r.err, bad));
  EXPECT_TRUE(contains(r.out, "1 input under newest")) << r.out;
  EXPECT_EQ(run({"coverage", path("nothing")}).code, kBadInput);
  EXPECT_EQ(run({"coverage", file, "--kernel", "v9"}).code, kBadInput);
  EXPECT_EQ(run({"coverage", file, "--format", "pdf"}).code, kBadInput);
}

TEST_F(CoverageTest, nothing_is_overwritten_unless_forced) {
  const std::string file = merge();
  const std::string out = write("page.html", "mine");
  EXPECT_EQ(run({"coverage", file, "--format", "html", "-o", out}).code, kBadInput);
  EXPECT_EQ(slurp(out), "mine");
  EXPECT_EQ(run({"coverage", file, "--format", "html", "-o", out, "--force"}).code, kClean);
  EXPECT_TRUE(slurp(out).starts_with("<!DOCTYPE html>"));
}

}  // namespace
}  // namespace rmap
