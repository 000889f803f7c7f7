// SPDX-License-Identifier: Apache-2.0
#include "repro/run/search.h"

#include <fmt/format.h>

#include <algorithm>

namespace rmap {

std::string counts_words(uint64_t failing, uint64_t total, uint32_t bound) {
  return fmt::format("{}/{} {}", failing, total,
                     bound == kAllSchedules ? "complete" : fmt::format("@{}", bound));
}

std::string unfinished_words(const Exploration& x) {
  if (x.exhausted) return {};
  if (x.stopped) return fmt::format("interrupted after {} schedules", x.schedules);
  return fmt::format(
      "gave up after {} schedules, and there are more; give more --schedules, or fewer "
      "--preemptions",
      x.schedules);
}

std::string rule_name(uint32_t rule) {
  return rule == 0 ? "deadlock" : std::string(rule_info(static_cast<Rule>(rule)).name);
}

std::string rules_words(const Exploration& x) {
  std::string text;
  for (uint32_t rule = 0; rule < kRulesEnd; rule++) {
    if (x.by_rule[rule] == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", rule_name(rule), x.by_rule[rule]);
  }
  return text;
}

namespace {

// Takes the schedule that was just run if it shows the goal and none that was found before is as
// short.
void consider(const Goal& goal, const Program& direct, const sched::RecordedDecisions& record,
              Search& search) {
  if (record.full() || !goal.resembles()) return;  // When full, the end may be missing.
  const auto drawn = without_trailing_zeros({record.begin(), record.end()});
  if (drawn.size() > kDecisionsMax) return;
  if (search.decisions && drawn.size() >= search.decisions->size()) return;
  sched::ByteDecisions again(drawn, 0);
  if (!goal.shown(direct, again)) return;
  search.decisions = {drawn.begin(), drawn.end()};
  search.preemptions = goal.executor().result().outcome.preemptions;
}

// All schedules with at most `bound` preemptions, until one shows the goal.
void search_within(const Goal& goal, const Program& direct, uint32_t bound,
                   const SearchLimits& limits, Search& search) {
  sched::ExhaustiveDecisions decisions(bound);
  sched::RecordedDecisions record;
  uint64_t schedules = 0;
  do {
    if (schedules++ == limits.schedules_max || (limits.stop && limits.stop())) {
      search.exhausted &= search.decisions.has_value();
      return;
    }
    search.schedules++;
    goal.executor().run(direct, decisions, {.record = &record});
    consider(goal, direct, record, search);
    if (search.decisions && !limits.shortest) return;
  } while (decisions.next());
}

}  // namespace

Search find_schedule(const Goal& goal, const Program& p, const SearchLimits& limits) {
  Program direct = p;
  direct.strategy = StrategyId::direct;
  Search search;
  search.exhausted = true;
  for (uint32_t bound = limits.preemptions_min;
       bound <= limits.preemptions_max && !search.decisions; bound++)
    search_within(goal, direct, bound, limits, search);
  return search;
}

}  // namespace rmap
