// The tables of scheduling points in core/POINTS.md are what the model really asks.
//
// Each operation runs once under v3.0, with another task that could run at each of its points;
// every decision that it asks for is counted at its site. To accept a change, paste the table that
// the failing test prints.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "core/kernel/expression.h"
#include "core/program/litmus.h"
#include "core/run/execution.h"

namespace rmap {
namespace {

using Ops = std::vector<std::string_view>;

// Each operation once, in two tables that fit on a page.
const Ops kOneByOne = {"mmap @4 +1",   "read @1 +1",      "write @1 +1",
                       "munmap @0 +2", "mremap @0 +2 @8", "migrate @0"};
const Ops kWholeSpace = {"fork to mm2", "exit", "mprotect @0 +2 ro", "madvise @0 +2", "brk @18"};

// The decisions at each site while cpu1 runs `op`; cpu2 only waits for its turn.
sched::Coverage decisions_of(Executor& executor, std::string_view op) {
  const LitmusResult parsed = parse_litmus(fmt::format(
      "litmus one\nsetup mmap @0 +2; write @0 +1\ncpu1 {}\ncpu2 munmap mm1 @0 +1\n", op));
  sched::Coverage coverage;
  const Result& r = executor.run(parsed.litmus->program, {.coverage = &coverage});
  EXPECT_EQ(r.outcome.ending, sched::Ending::finished);
  coverage.decisions[0] = 0;  // Who starts.
  return coverage;
}

std::string table(const Ops& ops) {
  Executor executor(kernel_named("v3.0").kernel);
  std::vector<sched::Coverage> columns;
  for (std::string_view op : ops) columns.push_back(decisions_of(executor, op));
  std::string text = fmt::format("| site | {} |\n|---|", fmt::join(ops, " | "));
  for (std::size_t i = 0; i < ops.size(); i++) text += "---:|";
  text += "\n";
  std::vector<uint64_t> sums(ops.size());
  for (std::size_t site = 1; site < std::size(kSites); site++) {
    std::string row = fmt::format("| {} |", kSites[site]);
    uint64_t any = 0;
    for (std::size_t i = 0; i < columns.size(); i++) {
      const uint64_t n = columns[i].decisions[site];
      any += n;
      sums[i] += n;
      row += n == 0 ? " |" : fmt::format(" {} |", n);
    }
    if (any != 0) text += row + "\n";
  }
  return text + fmt::format("| **all** | {} |\n", fmt::join(sums, " | "));
}

TEST(PointsTable, in_the_readme_is_what_the_model_asks) {
  std::ifstream in(RMAPFUZZ_SOURCE_DIR "/core/POINTS.md");
  const std::string readme{std::istreambuf_iterator<char>(in), {}};
  for (const Ops& ops : {kOneByOne, kWholeSpace})
    EXPECT_NE(readme.find(table(ops)), std::string::npos) << "The table is now:\n" << table(ops);
}

TEST(PointsTable, has_a_column_for_each_operation) {
  EXPECT_EQ(kOneByOne.size() + kWholeSpace.size(), op_table().size());
}

}  // namespace
}  // namespace rmap
