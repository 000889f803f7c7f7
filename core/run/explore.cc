// SPDX-License-Identifier: Apache-2.0
#include "core/run/explore.h"

namespace rmap {
Exploration explore(Executor& executor, const Program& p, const ExploreLimits& limits,
                    RuleSet rules, const Watch& watch) {
  Program direct = p;
  direct.strategy = StrategyId::direct;
  Exploration x;
  sched::ExhaustiveDecisions decisions(limits.preemptions_max);
  sched::RecordedDecisions record;
  do {
    if (x.schedules == limits.schedules_max) return x;
    if (x.schedules % kWatchEvery == 0 && watch && watch(x.schedules)) {
      x.stopped = true;
      return x;
    }
    x.schedules++;
    const Result& r = executor.run(direct, decisions,
                                   {.rules = rules, .coverage = &x.coverage, .record = &record});
    if (r.outcome.ending == sched::Ending::step_limit) x.inconclusive++;
    if (!r.finding()) continue;
    const uint32_t rule = r.outcome.violation.rule;
    x.findings++;
    if (x.by_rule[rule]++ != 0) continue;
    const auto drawn = without_trailing_zeros({record.begin(), record.end()});
    x.witness[rule] = {drawn.begin(), drawn.end()};
  } while (decisions.next());
  x.exhausted = true;
  return x;
}

}  // namespace rmap
