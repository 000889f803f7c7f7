// matrix: one row per kernel, by exploring the program; the raw replay is a column of its own.
// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "core/program/generate.h"
#include "repro/compare/matrix_table.h"
#include "repro/print/text.h"
#include "tests/repro/golden.h"

namespace rmap {
namespace {

class Matrix : public CommandTest {
 protected:
  static void expect_file(const std::string& golden, std::vector<std::string> options,
                          const std::string& file) {
    options.insert(options.begin(), "matrix");
    options.push_back(file);
    const Ran r = run_from_root(options);
    EXPECT_EQ(r.code, 0) << r.err;
    expect_golden(golden, r.out);
  }
};

TEST_F(Matrix, table) { expect_file("matrix-table.txt", {}, "tests/golden/mremap-merge.litmus"); }

TEST_F(Matrix, rows_fit_whatever_the_rule) {
  for (const RuleInfo& info : all_rules()) {
    if (info.early) continue;
    Explored explored;
    explored.x.exhausted = true;
    explored.x.by_rule[static_cast<uint32_t>(info.rule)] = 12;
    explored.raw_replay = info.name;
    const MatrixRow row = {.kernel = "v3.0+486cf46f3f9b", .answer = {}, .explored = &explored};
    for (const std::size_t width : {kNarrowestText, std::size_t{72}, std::size_t{80}, kTextWidth}) {
      for (const std::string& line : lines_of(heading_words(width) + row_words(row, width)))
        EXPECT_LE(line.size(), width) << line;
    }
  }
}

TEST_F(Matrix, bisect_in_sentences) {
  expect_file("matrix-bisect.txt", {"--bisect"}, "tests/golden/mremap-merge.litmus");
}

TEST_F(Matrix, bisect_as_json) {
  expect_file("matrix-bisect-json.txt", {"--bisect", "--json"}, "tests/golden/mremap-merge.litmus");
}

TEST_F(Matrix, bisect_a_race_that_comes_again) {
  expect_file("matrix-comes-again.txt", {"--bisect"}, "tests/litmus/mremap-into-unfaulted.litmus");
}

TEST_F(Matrix, repaired_kernels_never_fail) {
  const Ran r = run({"matrix", merge(), "--json"});
  EXPECT_EQ(r.code, 0);
  int never = 0;
  int sometimes = 0;
  const auto file = nlohmann::json::parse(r.out);
  for (const auto& row : file["rows"]) {
    const std::string kernel = row["kernel"];
    const bool repaired = kernel == "v3.3" || kernel == "v3.7" || kernel == "newest" ||
                          kernel == "v3.1+948f017b093a.merge" ||
                          kernel == "v3.1+hugh-anon-vma-lock";
    never += repaired && row["verdict"] == "never" && row["preemptions"] == 3;
    sometimes += (kernel == "v2.6.33" || kernel == "v3.1") && row["verdict"] == "sometimes";
  }
  EXPECT_EQ(never, 5) << r.out;
  EXPECT_EQ(sometimes, 2) << r.out;
}

TEST_F(Matrix, a_vacuous_never_is_marked) {
  const std::string file = write("x.litmus", "litmus x\ncpu1 read @9 +1\n");
  const Ran r = run({"matrix", file});
  EXPECT_EQ(r.code, 0);
  EXPECT_TRUE(contains(r.out, "\n  vacuous: no operation of a cpu took effect in any schedule\n"))
      << r.out;
  for (const auto& row : nlohmann::json::parse(run({"matrix", file, "--json"}).out)["rows"]) {
    EXPECT_EQ(row["verdict"], "never");
    EXPECT_EQ(row["vacuous"], "no operation of a cpu took effect in any schedule");
  }
  const Ran bisect = run({"matrix", file, "--bisect"});
  EXPECT_TRUE(contains(bisect.out, "\nvacuous: v2.6.33, v2.6.34, ")) << bisect.out;
}

// What came and went between two releases that agree is not in the table, and it says so.
TEST_F(Matrix, kernels_that_were_not_asked_are_counted) {
  const Ran some = run({"matrix", merge(), "--preemptions", "0"});
  EXPECT_TRUE(contains(some.out, "\nnot asked: ")) << some.out;
  const Ran some_json = run({"matrix", merge(), "--preemptions", "0", "--json"});
  EXPECT_GT(nlohmann::json::parse(some_json.out)["not_asked"], 0);
  const Ran all = run({"matrix", merge(), "--preemptions", "0", "--every-commit"});
  EXPECT_FALSE(contains(all.out, "not asked")) << all.out;
  const Ran all_json = run({"matrix", merge(), "--preemptions", "0", "--every-commit", "--json"});
  EXPECT_EQ(nlohmann::json::parse(all_json.out)["not_asked"], 0);
}

TEST_F(Matrix, one_object_for_each_file) {
  const Ran r = run({"matrix", merge(), merge(), "--json", "--preemptions", "0"});
  EXPECT_EQ(std::count(r.out.begin(), r.out.end(), '\n'), 2) << r.out;
}

TEST_F(Matrix, a_kernel_that_was_given_up_on_is_unknown) {
  const Ran r = run({"matrix", merge(), "--schedules", "5"});
  EXPECT_EQ(r.code, 3);
  EXPECT_TRUE(contains(r.out, "unknown 0/5 @2")) << r.out;
  EXPECT_TRUE(contains(r.out, "gave up after 5 schedules")) << r.out;
  const Ran as_json = run({"matrix", merge(), "--schedules", "5", "--json"});
  EXPECT_EQ(as_json.code, 3);
  const auto row = nlohmann::json::parse(as_json.out)["rows"][0];
  EXPECT_EQ(row["exhausted"], false);
  EXPECT_EQ(row["total"], 5);
  EXPECT_EQ(run({"matrix", merge(), "--schedules", "0"}).code, 2);
}

// Whatever was known when the user lost patience, and in the order of the chain.
TEST_F(Matrix, interrupted_it_prints_the_rows_that_are_known) {
  const std::string whole = run({"matrix", merge()}).out;
  const Ran r = run({"matrix", merge()}, 14);
  EXPECT_EQ(r.code, 3);
  const std::size_t remark = r.out.find("\n  interrupted after ");
  ASSERT_NE(remark, std::string::npos) << r.out;
  const std::string before = r.out.substr(0, r.out.rfind('\n', remark - 1) + 1);
  EXPECT_TRUE(contains(before, "\nv2.6.33 ")) << r.out;
  EXPECT_TRUE(whole.starts_with(before)) << r.out;
  EXPECT_EQ(r.out.find('\n', remark + 1), r.out.size() - 1) << r.out;
  EXPECT_TRUE(contains(r.err, ": interrupted; kernels without a row were not explored\n")) << r.err;
}

TEST_F(Matrix, interrupted_json_is_whole) {
  for (uint64_t patience : {1, 2, 12, 40, 70}) {
    for (const char* option : {"--preemptions=2", "--bisect"}) {
      const Ran r = run({"matrix", merge(), "--json", option}, patience);
      EXPECT_EQ(r.code, 3) << patience;
      const auto j = nlohmann::json::parse(r.out);
      EXPECT_EQ(j["complete"], false);
      EXPECT_LT(j["rows"].size(), 20u);
    }
  }
}

// The commits of an interrupted bisection are said to be unknown, and none to be the one.
TEST_F(Matrix, an_interrupted_bisection_names_no_commit_that_it_does_not_know) {
  const Ran r = run({"matrix", merge(), "--bisect", "--preemptions", "1"}, 8);
  EXPECT_EQ(r.code, 3);
  EXPECT_FALSE(contains(r.out, "fixed by")) << r.out;
  EXPECT_TRUE(contains(r.out, "unknown if the newest kernel has it")) << r.out;
  EXPECT_TRUE(contains(r.out, "\nunknown: ")) << r.out;
}

// v3.3 has more schedules with two preemptions than that, and v3.7 fewer.
TEST_F(Matrix, a_border_beside_unknown_kernels_is_open) {
  const Ran r = run({"matrix", merge(), "--bisect", "--schedules", "1000"});
  EXPECT_EQ(r.code, 3);
  EXPECT_TRUE(contains(r.out, "948f017b093a.merge, 948f017b093a.rollback, 9f9f1acd713d, "));
  EXPECT_TRUE(contains(r.out, "between v3.1 and v3.7: what lies between is unknown\n")) << r.out;
  EXPECT_TRUE(contains(r.out, "\nunknown: v3.1+948f017b093a.merge, ")) << r.out;
}

TEST_F(Matrix, the_rule_is_that_of_the_files_own_decisions_or_is_given) {
  const Ran own = run({"matrix", merge(), "--bisect", "--preemptions", "1"});
  EXPECT_TRUE(contains(own.out, "the rule that the file's own decisions break under v3.0"));
  const Ran other =
      run({"matrix", merge(), "--bisect", "--preemptions", "1", "--rule", "wrong_data"});
  EXPECT_EQ(other.code, 0);
  EXPECT_TRUE(contains(replaced(other.out, "\n  ", " "), ": wrong_data, in all schedules"))
      << other.out;
  EXPECT_TRUE(contains(other.out, "no kernel of the chain has it")) << other.out;
  const Ran found = run({"matrix", write("bare.litmus", kMergeProgram), "--bisect"});
  EXPECT_TRUE(contains(found.out, "the rule most often broken among the releases")) << found.out;
}

TEST_F(Matrix, a_program_without_any_finding) {
  const Ran r = run({"matrix", write("none.litmus", "litmus none\n"), "--bisect"});
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_TRUE(contains(r.out, "no release was seen to have any")) << r.out;
}

// Where no release shows what the file's kernel does, that kernel has a row of its own.
TEST_F(Matrix, the_files_own_kernel_is_a_row) {
  const std::string file = std::string(RMAPFUZZ_SOURCE_DIR) + "/tests/litmus/fork+migrate.litmus";
  const Ran r =
      run({"matrix", file, "--bisect", "--preemptions", "1", "--kernel", "v3.0+link-at-head"});
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_TRUE(contains(r.out, "\nv3.0+link-at-head")) << r.out;
}

TEST_F(Matrix, what_bisect_does_not_take) {
  const Ran rule = run({"matrix", merge(), "--bisect", "--rule", "missed"});
  EXPECT_EQ(rule.code, 2);
  EXPECT_TRUE(contains(rule.err, "'missed' is no rule whose breach is a finding")) << rule.err;
  EXPECT_EQ(run({"matrix", merge(), "--bisect", "--rule", "early_order"}).code, 2);
  EXPECT_EQ(run({"matrix", merge(), "--bisect", "--rule", ""}).code, 2);
  EXPECT_EQ(run({"matrix", merge(), "--bisect", "--kernel", "v9"}).code, 2);
  EXPECT_EQ(run({"matrix", merge(), "--rule", "missed_pte"}).code, 2);
  EXPECT_EQ(run({"matrix", path("missing"), "--bisect"}).code, 2);
}

// The operations of bytes are explored like any other; only the raw replay uses their decisions.
TEST_F(Matrix, bytes_have_the_rows_of_their_text) {
  const std::string bytes = path("merge");
  ASSERT_EQ(run({"assemble", merge(), "--kernel", "v3.0", "-o", bytes}).code, 0);
  const auto of_bytes = nlohmann::json::parse(run({"matrix", bytes, "--json"}).out);
  const auto of_text = nlohmann::json::parse(run({"matrix", merge(), "--json"}).out);
  EXPECT_EQ(of_bytes["rows"], of_text["rows"]);
}

TEST_F(Matrix, an_input_that_cannot_be_read_is_an_object_with_an_error) {
  const Ran r = run({"matrix", path("missing"), merge(), "--json", "--preemptions", "0"});
  EXPECT_EQ(r.code, 2);
  const auto j = nlohmann::json::parse(r.out.substr(0, r.out.find('\n')));
  EXPECT_EQ(j["file"], path("missing"));
  EXPECT_TRUE(contains(r.err, j["error"].get<std::string>())) << r.err;
  EXPECT_EQ(std::count(r.out.begin(), r.out.end(), '\n'), 2) << r.out;
}

TEST_F(Matrix, random_inputs_never_crash) {
  for (uint64_t seed = 0; seed < 3; seed++) {
    sched::SplitMix random(seed);
    const std::vector<uint8_t> bytes = encode(generate_program(random));
    const std::string file = write(std::to_string(seed), {bytes.begin(), bytes.end()});
    EXPECT_NE(run({"matrix", file, "--bisect", "--schedules", "200"}).code, 2);
  }
}

}  // namespace
}  // namespace rmap
