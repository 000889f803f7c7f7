// SPDX-License-Identifier: Apache-2.0
#include "core/explore.h"

namespace rmap {

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
    if (x.by_rule[rule]++ == 0) x.witness[rule].assign(record.begin(), record.end());
    if (limits.stop_at != Rule::none && rule == static_cast<uint32_t>(limits.stop_at)) return x;
  } while (decisions.next());
  x.exhausted = true;
  return x;
}

}  // namespace rmap
