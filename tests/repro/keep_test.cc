// keep: what is kept replays, is the same every time, and overwrites nothing.
// SPDX-License-Identifier: Apache-2.0
#include "repro/keep/keep.h"

#include <nlohmann/json.hpp>

#include "tests/repro/golden.h"

namespace rmap {
namespace {

class Keep : public CommandTest {
 protected:
  // Keeps the merge race, and returns the file.
  std::string kept() const {
    const Ran r = run({"keep", merge(), "--name", "merge-order", "-o", path("kept")});
    EXPECT_EQ(r.code, 0) << r.err;
    return path("kept/missed_pte-merge-order.litmus");
  }
  void expect_refused(std::vector<std::string> args, const std::string& why) const {
    args.insert(args.begin(), {"keep", "-o", path("refused")});
    const Ran r = run(args);
    EXPECT_EQ(r.code, 2);
    EXPECT_TRUE(contains(r.err, why)) << r.err;
    EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
    EXPECT_FALSE(std::filesystem::exists(path("refused")));
  }
};

// Without the minimizer, which has tests of its own.
TEST_F(Keep, the_text_is_the_golden_one) {
  Executor executor(kernel_named("v3.0").kernel);
  const std::string text = std::string(kMergeProgram) + kMergeWitness;
  Litmus l = *parse_litmus(text).litmus;
  ASSERT_TRUE(use_decisions(l.program, l.witnesses[0].decisions));
  const auto k =
      kept_text(executor, "v3.0", l.program, "merge-order", "# why\n#\nlitmus x\n# no\n");
  ASSERT_TRUE(k.has_value());
  expect_golden("regress.kept.litmus", k->text);
}

TEST_F(Keep, what_is_kept_passes_and_says_how_to_see_that) {
  const Ran r = run({"keep", merge(), "--name", "merge-order", "-o", path("kept/")});
  EXPECT_EQ(r.code, 0);
  EXPECT_TRUE(contains(r.out, "\nkept " + path("kept/missed_pte-merge-order.litmus") +
                                  "\nreplay: ./run rmapfuzz regress " + path("kept/missed_pte-")))
      << r.out;
  EXPECT_EQ(run({"regress", path("kept")}).code, 0);
  for (const char* word : {"show", "replay", "explain", "assemble", "litmus", "matrix"})
    EXPECT_LT(run({word, kept()}).code, 2) << word;
}

TEST_F(Keep, keeping_it_again_changes_nothing) {
  const std::string before = slurp(kept());
  EXPECT_EQ(slurp(kept()), before);
  // Also from the kept file itself, whose name is that of the litmus.
  EXPECT_EQ(run({"keep", kept(), "-o", path("kept")}).code, 0);
  EXPECT_EQ(slurp(kept()), before);
}

TEST_F(Keep, another_content_is_overwritten_only_by_force) {
  const std::string before = slurp(kept());
  write("kept/missed_pte-merge-order.litmus", "mine");
  const Ran r = run({"keep", merge(), "--name", "merge-order", "-o", path("kept")});
  EXPECT_EQ(r.code, 2);
  EXPECT_TRUE(contains(r.err, "exists with another content")) << r.err;
  EXPECT_EQ(slurp(path("kept/missed_pte-merge-order.litmus")), "mine");
  EXPECT_EQ(run({"keep", merge(), "--name", "merge-order", "-o", path("kept"), "--force"}).code, 0);
  EXPECT_EQ(slurp(path("kept/missed_pte-merge-order.litmus")), before);
}

// Of an input that is the output, too, nothing may be lost but what is kept anew.
TEST_F(Keep, an_input_that_says_more_is_not_overwritten_even_by_force) {
  const std::string file = kept();
  const std::string text = slurp(file);
  const std::string kept_twice = replaced(text.substr(text.find("schedule")), "v3.0", "v3.1");
  for (const std::string& more :
       {text + "expect v3.3 never\n", text + "reach v3.0 copy_vma/merged\n",
        text + "entry Z04 - a race\n", text + "# mine\n", text + kept_twice,
        std::string(kMergeProgram) + kMergeWitness}) {
    write("kept/missed_pte-merge-order.litmus", more);
    const Ran r = run(
        {"keep", file, "--name", "merge-order", "-o", path("kept"), "--kernel", "v3.0", "--force"});
    EXPECT_EQ(r.code, 2) << more;
    EXPECT_TRUE(contains(r.err, "would be overwritten, and says more than")) << r.err;
    EXPECT_EQ(slurp(file), more);
  }
  write("kept/missed_pte-merge-order.litmus", text);
  EXPECT_EQ(run({"keep", file, "-o", path("kept"), "--kernel", "v3.1", "--force"}).code, 2);
  write("kept/missed_pte-merge-order.litmus", "# why\n" + text);
  const Ran r = run({"keep", file, "-o", path("kept"), "--force"});
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_TRUE(slurp(file).starts_with("# why\nlitmus ")) << slurp(file);
}

TEST_F(Keep, names_are_one_word) {
  for (const char* name : {"", "two words", "Upper", "dot.ted", "slash/ed", "under_score", "-x"})
    EXPECT_FALSE(is_regression_name(name)) << name;
  EXPECT_TRUE(is_regression_name("merge-order+2"));
  expect_refused({merge(), "--name", "../x"}, "'../x' is no name for a regression; give --name");
  const std::string odd = write("Odd.litmus", std::string(kMergeProgram) + kMergeWitness);
  EXPECT_EQ(run({"keep", odd, "-o", path("kept")}).code, 0);  // It is called mremap-merge inside.
}

// Files are called anything: by AFL++, by libFuzzer, by people.
TEST_F(Keep, without_a_name_one_is_made_of_the_files) {
  EXPECT_EQ(regression_name("id:000000,sig:06,src:000001+2"), "id-000000-sig-06-src-000001+2");
  EXPECT_EQ(regression_name("--A b\n\xff.--"), "a-b");
  EXPECT_EQ(regression_name("\xc3\xa4"), "input");
  EXPECT_TRUE(is_regression_name(regression_name(std::string(255, 'n'))));
  const std::string bytes = run({"assemble", merge()}).out;
  for (const std::string& name :
       {std::string("id:000000,sig:06,src:000000"), std::string("id 000000;sig:06,src:000000"),
        std::string("-a\nb\xff"), std::string(255, 'N')}) {
    const std::string file = write(name, bytes);
    for (int again = 0; again < 2; again++) {
      const Ran r = run({"keep", file, "--kernel", "v3.0", "-o", path("kept")});
      EXPECT_EQ(r.code, 0) << r.err;
    }
  }
  write("kept/missed_pte-id-000000-sig-06-src-000000.litmus", "mine");
  EXPECT_EQ(
      run({"keep", path("id:000000,sig:06,src:000000"), "--kernel", "v3.0", "-o", path("kept")})
          .code,
      0);
  std::vector<std::string> names;
  for (const auto& each : std::filesystem::directory_iterator(path("kept")))
    names.push_back(each.path().filename().string());
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{"missed_pte-a-b.litmus",
                                             "missed_pte-id-000000-sig-06-src-000000-2.litmus",
                                             "missed_pte-id-000000-sig-06-src-000000.litmus",
                                             "missed_pte-" + std::string(200, 'n') + ".litmus"}));
  EXPECT_EQ(slurp(path("kept/missed_pte-id-000000-sig-06-src-000000.litmus")), "mine");
}

TEST_F(Keep, an_input_without_that_finding_is_refused) {
  expect_refused({merge(), "--name", "x", "--kernel", "v3.7"},
                 "nothing to keep, its schedule shows no finding under v3.7; name another");
  expect_refused({merge(), "--name", "x", "--rule", "leak"},
                 "shows missed_pte under v3.0, not leak");
  expect_refused({path("none"), "--name", "x"}, "no such file");
}

TEST_F(Keep, several_files_get_numbers) {
  ASSERT_EQ(run({"assemble", merge(), "-o", path("crash")}).code, 0);
  const Ran r = run({"keep", merge(), path("crash"), "--kernel", "v3.0", "--name", "m", "-o",
                     path("kept"), "--json"});
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_TRUE(std::filesystem::exists(path("kept/missed_pte-m.litmus")));
  EXPECT_TRUE(std::filesystem::exists(path("kept/missed_pte-m-2.litmus")));
  const auto j = nlohmann::json::parse(r.out.substr(0, r.out.find('\n')));
  EXPECT_EQ(j["rule"], "missed_pte");
  EXPECT_EQ(j["kept"], path("kept/missed_pte-m.litmus"));
}

// The schedule alone is enough for every word that replays.
TEST_F(Keep, a_schedule_without_a_witness_is_the_same_execution) {
  const std::string text = slurp(kept());
  const std::string bare = write("bare.litmus", text.substr(0, text.find("witness")));
  const auto hash = [](const std::string& file) {
    return std::string(nlohmann::json::parse(run({"replay", file, "--json"}).out)["trace_hash"]);
  };
  EXPECT_EQ(hash(bare), hash(kept()));
  EXPECT_EQ(run({"assemble", bare}).out, run({"assemble", kept()}).out);
  EXPECT_EQ(run({"regress", bare}).code, 0);
  EXPECT_EQ(run({"litmus", bare}).code, 0);
}

// The litmus programs under the kernel of their first witness and under random schedules of every
// strategy: whatever they find, what is kept of it replays.
TEST_F(Keep, random_findings_are_kept_exactly) {
  Executors executors;
  Replayer replayer(executors);
  uint32_t findings = 0;
  const std::filesystem::path folder = std::string(RMAPFUZZ_SOURCE_DIR) + "/tests/litmus";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const LitmusResult litmus = parse_litmus(slurp(entry.path().string()));
    if (!litmus.litmus || litmus.litmus->witnesses.empty()) continue;
    const std::string& kernel = litmus.litmus->witnesses[0].kernel;
    Executor& executor = executors.of(kernel);
    Program p = litmus.litmus->program;
    for (uint32_t seed = 1; seed < 60; seed++) {
      p.strategy = static_cast<StrategyId>(seed % kStrategies);
      p.tail = static_cast<uint8_t>(seed);
      if (!executor.run(p).finding()) continue;
      const auto k = kept_text(executor, kernel, p, "random", "");
      if (!k) continue;  // More decisions than a program holds.
      findings++;
      const LitmusResult again = parse_litmus(k->text);
      ASSERT_TRUE(again.litmus.has_value()) << again.error.message << "\n" << k->text;
      ASSERT_EQ(print_litmus(*again.litmus), k->text);
      const Judgement j = replayer.judge(*again.litmus, kept_in(*again.litmus).at(0));
      ASSERT_EQ(j.standing, Standing::holds) << j.what << "\n" << k->text;
    }
  }
  EXPECT_GT(findings, 50u);
}

}  // namespace
}  // namespace rmap
