// minimize: the result is smaller, shows the same finding, is the same every time, and overwrites
// nothing.
// SPDX-License-Identifier: Apache-2.0
#include "repro/shrink/minimize.h"

#include <nlohmann/json.hpp>

#include "core/program/generate.h"
#include "core/program/litmus.h"
#include "repro/shrink/simplify.h"
#include "tests/repro/fixture.h"

namespace rmap {
namespace {

class Minimize : public CommandTest {
 protected:
  static std::string last_line(const std::string& out) {
    const std::string text = out.substr(0, out.size() - 1);
    return text.substr(text.rfind('\n') + 1);
  }
};

TEST_F(Minimize, the_result_is_smaller_and_has_the_same_signature) {
  const std::string file = noisy();
  const Ran r = run({"minimize", file, "-o", path("small"), "--json"});
  ASSERT_EQ(r.code, 1) << r.err;
  const auto j = nlohmann::json::parse(r.out);
  EXPECT_LE(j["operations"].get<int>(), 5);
  EXPECT_EQ(j["operations_before"], 9);
  const auto replayed =
      nlohmann::json::parse(run({"replay", path("small"), "--kernel", "v3.0", "--json"}).out);
  EXPECT_EQ(replayed["signature"], j["signature"]);
}

TEST_F(Minimize, it_is_deterministic) {
  const std::string file = noisy();
  run({"minimize", file, "-o", path("a")});
  run({"minimize", file, "-o", path("b")});
  EXPECT_FALSE(slurp(path("a")).empty());
  EXPECT_EQ(slurp(path("a")), slurp(path("b")));
}

TEST_F(Minimize, a_minimal_input_stays_as_it_is) {
  run({"minimize", noisy(), "-o", path("a")});
  run({"minimize", path("a"), "--kernel", "v3.0", "-o", path("b")});
  EXPECT_EQ(slurp(path("a")), slurp(path("b")));
}

TEST_F(Minimize, in_a_folder_the_finding_names_the_file) {
  const std::string folder = path("found/v3.0/");
  const Ran first = run({"minimize", merge(), "-o", folder});
  const std::string kept = last_line(first.out).substr(5);
  EXPECT_TRUE(kept.starts_with(folder + "missed_pte-")) << first.out;
  EXPECT_EQ(kept.size(), folder.size() + 11 + 8);
  EXPECT_EQ(last_line(run({"minimize", merge(), "-o", folder}).out), "kept " + kept);
  std::ofstream(kept, std::ios::trunc) << "something else";
  EXPECT_EQ(last_line(run({"minimize", merge(), "-o", folder}).out), "kept " + kept + ".2");
  EXPECT_EQ(slurp(kept), "something else");
}

// With a random strategy and a tail, as a fuzz target finds it.
TEST_F(Minimize, a_tail_is_turned_into_decisions) {
  Executor executor(kernel_named("v3.0").kernel);
  for (int tail = 1; tail < 256; tail++) {
    const std::string text =
        std::string(kMergeProgram) + "strategy random_walk\ntail " + std::to_string(tail) + "\n";
    if (!executor.run(parse_litmus(text).litmus->program).finding()) continue;
    const std::string file = write("tail.litmus", text);
    ASSERT_EQ(run({"minimize", file, "--kernel", "v3.0", "-o", path("small")}).code, 1);
    const Ran shown = run({"show", path("small")});
    EXPECT_FALSE(contains(shown.out, "tail")) << shown.out;
    EXPECT_FALSE(contains(shown.out, "strategy")) << shown.out;
    return;
  }
  FAIL() << "no tail finds the race";
}

// 1-minimal, shown without the minimizer's own list of steps: whatever single operation goes, and
// whatever single number becomes smaller, no schedule with as many preemptions shows the finding
// any more; nor does one with fewer.
class OneMinimal : public ::testing::TestWithParam<std::string> {
 protected:
  static bool some_schedule_shows(const Goal& goal, Program p, uint32_t preemptions) {
    canonicalize(p);
    const Search found =
        find_schedule(goal, p, {.preemptions_min = preemptions, .preemptions_max = preemptions});
    EXPECT_TRUE(found.decisions || found.exhausted);
    return found.decisions.has_value();
  }
};

TEST_P(OneMinimal, nothing_can_be_dropped_or_lowered) {
  const Litmus l = *parse_litmus(slurp(GetParam())).litmus;
  const Witness& witness = l.witnesses.at(0);
  Executor executor(kernel_named(witness.kernel).kernel);
  Program p = l.program;
  ASSERT_TRUE(use_decisions(p, witness.decisions));
  ASSERT_TRUE(executor.run(p).finding());
  const Goal goal(executor, describe_finding(executor, p).signature);
  const std::optional<Minimized> m = minimize(goal, p);
  ASSERT_TRUE(m.has_value());
  EXPECT_TRUE(goal.shown_by(m->program));
  EXPECT_TRUE(m->fewest_preemptions);
  EXPECT_TRUE(m->one_minimal);
  EXPECT_LE(m->program.ops.size(), p.ops.size());
  if (m->preemptions > 0) {
    EXPECT_FALSE(some_schedule_shows(goal, m->program, m->preemptions - 1));
  }
  for (uint32_t i = 0; i < m->program.ops.size(); i++) {
    Program fewer = m->program;
    fewer.ops.erase_at(i);
    EXPECT_FALSE(some_schedule_shows(goal, fewer, m->preemptions)) << print_op(m->program.ops[i]);
    for (uint8_t Op::*number : {&Op::length, &Op::length2, &Op::flags}) {
      if (m->program.ops[i].*number <= (number == &Op::length ? 1 : 0)) continue;
      Program lower = m->program;
      (lower.ops[i].*number)--;
      canonicalize(lower);
      if (lower.ops[i] == m->program.ops[i]) continue;
      if (!is_simpler(lower, m->program))
        continue;  // A second length that is back to "as the length".
      EXPECT_FALSE(some_schedule_shows(goal, lower, m->preemptions)) << print_op(m->program.ops[i]);
    }
  }
  for (uint32_t i = 0; i < m->program.decisions.size(); i++) {
    if (m->program.decisions[i] == 0) continue;
    Program calmer = m->program;
    calmer.decisions[i] = 0;
    canonicalize(calmer);
    EXPECT_FALSE(goal.shown_by(calmer) &&
                 executor.run(calmer).outcome.preemptions < m->preemptions);
  }
}

std::vector<std::string> litmus_with_a_witness() {
  std::vector<std::string> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(RMAPFUZZ_SOURCE_DIR "/tests/litmus")) {
    if (entry.path().extension() != ".litmus") continue;
    const LitmusResult parsed = parse_litmus(slurp(entry.path()));
    if (parsed.litmus && !parsed.litmus->witnesses.empty()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

INSTANTIATE_TEST_SUITE_P(Litmus, OneMinimal, ::testing::ValuesIn(litmus_with_a_witness()),
                         [](const auto& info) {
                           std::string name = std::filesystem::path(info.param).stem();
                           std::replace_if(
                               name.begin(), name.end(),
                               [](char c) { return c == '-' || c == '+'; }, '_');
                           return name;
                         });

// A long random schedule of a big program, as a farm of fuzzers finds it.
TEST_F(Minimize, it_never_slides_to_another_finding) {
  for (const char* kernel : {"v2.6.34", "v2.6.36", "v3.1"}) {
    Executor executor(kernel_named(kernel).kernel);
    uint32_t crashes = 0;
    for (uint64_t seed = 1; crashes < 10 && seed < 200'000; seed++) {
      sched::SplitMix random(seed);
      const Program p = generate_program(random);
      if (!executor.run(p).finding()) continue;
      crashes++;
      const std::string signature = describe_finding(executor, p).signature;
      const std::optional<Minimized> m = minimize(Goal(executor, signature), p);
      ASSERT_TRUE(m.has_value());
      ASSERT_TRUE(executor.run(m->program).finding());
      EXPECT_EQ(describe_finding(executor, m->program).signature, signature);
      EXPECT_LE(m->program.ops.size(), 8u) << signature;
      EXPECT_LE(m->preemptions, 3u) << signature;
    }
    EXPECT_EQ(crashes, 10u) << kernel;
  }
}

TEST_F(Minimize, the_fewest_preemptions_are_said_to_be_so) {
  const Ran r = run({"minimize", noisy(), "-o", path("small")});
  EXPECT_TRUE(contains(
      r.out,
      "\nminimal: no schedule with fewer preemptions fails, and none of a simpler program\n"))
      << r.out;
  // With so few schedules for each, nothing of the kind is known.
  const Ran hasty = run({"minimize", noisy(), "-o", path("hasty"), "--schedules", "1"});
  EXPECT_EQ(hasty.code, 1);
  EXPECT_FALSE(contains(hasty.out, "minimal:")) << hasty.out;
}

TEST_F(Minimize, an_interrupted_one_keeps_the_best_so_far) {
  for (int patience : {0, 1, 10, 100}) {
    std::ostringstream out;
    std::ostringstream err;
    Io io{out, err};
    io.interrupted = [&] { return patience-- <= 0; };
    const std::string small = path("small" + std::to_string(patience));
    EXPECT_EQ(run_command({"minimize", noisy(), "-o", small}, io), 1);
    EXPECT_TRUE(contains(err.str(), "interrupted; the best so far is kept")) << err.str();
    EXPECT_TRUE(contains(run({"replay", small, "--kernel", "v3.0"}).out, "rule        missed_pte"));
  }
}

TEST_F(Minimize, the_original_is_never_overwritten) {
  const std::string file = noisy();
  const std::string before = slurp(file);
  EXPECT_EQ(run({"minimize", file, "-o", file, "--force"}).code, 2);
  EXPECT_EQ(slurp(file), before);
}

TEST_F(Minimize, an_input_without_a_finding_is_refused) {
  const Ran r = run({"minimize", merge(), "--kernel", "v3.7", "-o", path("x")});
  EXPECT_EQ(r.code, 2);
  EXPECT_TRUE(contains(r.err, "shows no finding under v3.7")) << r.err;
  EXPECT_EQ(run({"minimize", merge(), "--rule", "leak", "-o", path("x")}).code, 2);
}

}  // namespace
}  // namespace rmap
