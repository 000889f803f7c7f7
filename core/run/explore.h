// Explore: every schedule of one program, up to a number of preemptions.
//
// Switches when the running task blocks or ends are free, and so is the order in which tasks start;
// failing allocations are choices like any other. "Never" may be said only of what was enumerated:
// a complete exploration, or one up to the bound that is printed beside it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <functional>
#include <vector>

#include "core/run/execution.h"

namespace rmap {

struct ExploreLimits {
  uint32_t preemptions_max = 2;         // ExhaustiveDecisions::kUnbounded for all schedules.
  uint64_t schedules_max = 10'000'000;  // Then give up.
};

// Asked before the first schedule and after every so many, with how many were run: true to stop.
using Watch = std::function<bool(uint64_t schedules)>;
inline constexpr uint64_t kWatchEvery = 256;

struct Exploration {
  uint64_t schedules = 0;
  uint64_t findings = 0;  // Schedules that end in any finding.
  // The same by rule; deadlocks and livelocks at Rule::none.
  std::array<uint64_t, kRulesEnd> by_rule = {};
  uint64_t inconclusive = 0;  // Schedules that hit the step limit.
  bool exhausted = false;     // All schedules within the bound were run.
  bool stopped = false;       // The watch said so.
  // For the first finding of each rule: the decisions that lead to it, up to the last that is not
  // 0.
  std::array<std::vector<uint8_t>, kRulesEnd> witness;
  sched::Coverage coverage;

  // Schedules that break `rule`; any rule for Rule::none.
  uint64_t failing(Rule rule) const {
    return rule == Rule::none ? findings : by_rule[static_cast<uint32_t>(rule)];
  }
};

// Runs all schedules of `p`'s operations; its own decisions, tail and strategy play no part.
Exploration explore(Executor& executor, const Program& p, const ExploreLimits& limits,
                    RuleSet rules = RuleSet::proof(), const Watch& watch = {});

}  // namespace rmap
