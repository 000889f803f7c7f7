// Every kernel that one commit makes of a release, and every kernel between two releases, against
// the releases on both sides: what none of them does by itself is an artefact of the model.
//
// Half a series is refused (commit_set.h); what is accepted is a kernel that somebody could have
// run. So it may have the races of its time, but no task alone, without any race, leaks, deadlocks,
// sleeps where it must not, or stops at a CHECK unless a release beside it does so, too.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <set>

#include "core/program/generate.h"
#include "core/run/finding.h"
#include "tests/core/vm_fixture.h"
#include "tests/files.h"

namespace rmap {
namespace {

using namespace fixture;

// A kernel, and the releases before and after it.
struct Neighbour {
  std::string name;
  Kernel kernel;
  std::string_view older;
  std::string_view newer;
};

void add_if_accepted(std::vector<Neighbour>& all, const std::string& name, std::string_view older,
                     std::string_view newer) {
  const KernelResult result = parse_kernel(name);
  if (!result.kernel) return;
  const Kernel& k = result.kernel->kernel;
  if (k == kernel_named(older).kernel || k == kernel_named(newer).kernel) return;
  const auto same = [&](const Neighbour& other) { return other.kernel == k; };
  if (std::none_of(all.begin(), all.end(), same)) all.push_back({name, k, older, newer});
}

// One commit more than the older release, one less than the newer, and the way between them.
std::vector<Neighbour> neighbours() {
  std::vector<Neighbour> all;
  for (std::size_t i = 1; i < releases().size(); i++) {
    const std::string_view older = releases()[i - 1];
    const std::string_view newer = releases()[i];
    std::string between(older);
    std::string last;
    for (const Change& c : changes()) {
      const std::string commit = name_of(c);
      if (c.release != newer || commit == last) continue;
      last = commit;
      between += "+" + commit;
      add_if_accepted(all, between, older, newer);
      add_if_accepted(all, fmt::format("{}+{}", older, commit), older, newer);
      add_if_accepted(all, fmt::format("{}-{}", newer, commit), older, newer);
    }
  }
  return all;
}

// The operations of a litmus file up to its verdicts: set-up, then one of its tasks, all by one.
std::vector<Program> tasks_of_litmus_files() {
  std::vector<Program> programs;
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(RMAPFUZZ_SOURCE_DIR "/tests/litmus"))
    if (entry.path().extension() == ".litmus") files.insert(entry.path());
  for (const auto& file : files) {
    const std::string text = slurp(file);
    const std::size_t begin = text.find("\nsetup");
    const Program whole = program(text.substr(begin + 1, text.find("\nexpect") - begin));
    for (uint8_t cpu = 1; cpu <= kCpusMax; cpu++) {
      Program alone;
      alone.failures = whole.failures;
      for (Op op : whole.ops) {
        if (op.task != 0 && op.task != cpu) continue;
        op.task = 0;
        alone.ops.push_back(op);
      }
      programs.push_back(alone);
    }
  }
  return programs;
}

Program random_program(sched::SplitMix& random) {
  Program p;
  p.failures = static_cast<uint8_t>(random.below(3));
  p.tail = static_cast<uint8_t>(1 + random.below(255));  // Which allocations fail.
  p.strategy = StrategyId::random_walk;
  const uint32_t length = 4 + random.below(12);
  while (p.ops.size() < length) p.ops.push_back(generate_op(random, p, 0));
  canonicalize(p);
  return p;
}

// 2.6.34-rc1 to rc3 did, which no release beside them does: "rmap: fix anon_vma_fork() memory leak"
// is the title of 4946d54cb55e.
bool leaks_in_fork(const Kernel& k) {
  return k.anon_topology == AnonTopology::chains && k.fork_unwind == ForkUnwind::keeps_chain;
}

// What it did that no kernel may do to a single task; empty if nothing.
std::string trouble_of(std::string_view kernel, const Program& p) {
  const sched::Outcome& end = sequential_executor(kernel).run(p).outcome;
  if (end.ending == sched::Ending::finished) return {};
  if (end.ending != sched::Ending::violation) return ending_name(end.ending);
  const Rule rule = static_cast<Rule>(end.violation.rule);
  const bool counts = rule == Rule::leak || rule == Rule::sleep_in_atomic ||
                      rule == Rule::lock_order || rule == Rule::foreign_unlock;
  const bool is_history = rule == Rule::leak && leaks_in_fork(kernel_named(kernel).kernel);
  return counts && !is_history ? std::string(rule_info(rule).name) : "";
}

void expect_no_trouble_of_its_own(const std::vector<Program>& programs) {
  for (const Neighbour& n : neighbours()) {
    for (const Program& p : programs) {
      const std::string trouble = trouble_of(n.name, p);
      if (trouble.empty() || trouble == trouble_of(n.older, p) || trouble == trouble_of(n.newer, p))
        continue;
      ADD_FAILURE() << n.name << ": " << trouble << " in\n" << print_litmus({"x", p, {}, {}, {}});
      break;
    }
  }
}

TEST(Neighbours, single_tasks_of_the_litmus_files_show_no_artefact) {
  const std::vector<Program> programs = tasks_of_litmus_files();
  EXPECT_GT(programs.size(), 100u);
  expect_no_trouble_of_its_own(programs);
}

TEST(Neighbours, random_tasks_show_no_artefact) {
  sched::SplitMix random(8);
  std::vector<Program> programs;
  while (programs.size() < 2000) programs.push_back(random_program(random));
  expect_no_trouble_of_its_own(programs);
}

// The kernels above are many, so that this is not about nothing.
TEST(Neighbours, are_on_all_sides_of_every_release) {
  const std::vector<Neighbour> all = neighbours();
  EXPECT_GT(all.size(), 50u);
  for (std::string_view release : releases()) {
    EXPECT_TRUE(std::any_of(all.begin(), all.end(), [&](const Neighbour& n) {
      return n.older == release || n.newer == release;
    })) << release;
  }
}

}  // namespace
}  // namespace rmap
