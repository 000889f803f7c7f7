// SPDX-License-Identifier: Apache-2.0
#include "core/explore.h"

namespace rmap {
namespace {

// A missing decision is 0.
std::vector<uint8_t> without_trailing_zeros(const sched::RecordedDecisions& record) {
  std::vector<uint8_t> bytes(record.begin(), record.end());
  while (!bytes.empty() && bytes.back() == 0) bytes.pop_back();
  return bytes;
}

}  // namespace

Exploration explore(Executor& executor, const Program& p, const ExploreLimits& limits,
                    RuleSet rules, const std::function<void(uint64_t)>& progress) {
  Program direct = p;
  direct.strategy = StrategyId::direct;
  Exploration x;
  sched::ExhaustiveDecisions decisions(limits.preemptions_max);
  sched::RecordedDecisions record;
  do {
    if (x.schedules == limits.schedules_max) return x;
    x.schedules++;
    const Result& r = executor.run(direct, decisions,
                                   {.rules = rules, .coverage = &x.coverage, .record = &record});
    if (progress && x.schedules % 65536 == 0) progress(x.schedules);
    if (r.outcome.ending == sched::Ending::step_limit) x.inconclusive++;
    if (!r.finding()) continue;
    const uint32_t rule = r.outcome.violation.rule;
    x.findings++;
    if (x.by_rule[rule]++ == 0) x.witness[rule] = without_trailing_zeros(record);
  } while (decisions.next());
  x.exhausted = true;
  return x;
}

}  // namespace rmap
