// SPDX-License-Identifier: Apache-2.0
#include "repro/search.h"

#include <fmt/format.h>

#include <algorithm>

namespace rmap {

Exploration explore_shown(Executor& executor, const Program& p, const ExploreLimits& limits,
                          const std::string& label, const Io& io) {
  if (!io.err_is_terminal) return explore(executor, p, limits);
  const auto progress = [&](uint64_t n) {
    io.err << fmt::format("\r{}: {} schedules ...", label, n) << std::flush;
  };
  Exploration x = explore(executor, p, limits, RuleSet::proof(), progress);
  io.err << "\r\033[K" << std::flush;
  return x;
}

std::string counts_words(uint64_t failing, uint64_t total, uint32_t bound) {
  return fmt::format("{}/{} {}", failing, total,
                     bound == kAllSchedules ? "complete" : fmt::format("@{}", bound));
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

std::string signature_of(Executor& executor, const Program& p) {
  const Result& r = executor.run(p);
  return r.finding() ? describe_finding(executor, p).signature : "";
}

std::optional<std::vector<uint8_t>> find_schedule(Executor& executor, const Program& p,
                                                  const std::string& signature,
                                                  const SearchLimits& limits) {
  Program direct = p;
  direct.strategy = StrategyId::direct;
  sched::RecordedDecisions record;
  for (uint32_t bound = 0; bound <= limits.preemptions_max; bound++) {
    sched::ExhaustiveDecisions decisions(bound);
    uint64_t schedules = 0;
    do {
      if (schedules++ == limits.schedules_max) break;
      const Result& r = executor.run(direct, decisions, {.record = &record});
      if (!r.finding() || record.full()) continue;  // When full, the end may be missing.
      const auto drawn = without_trailing_zeros({record.begin(), record.end()});
      if (drawn.size() > kDecisionsMax) continue;
      sched::ByteDecisions again(drawn, 0);
      if (describe_finding(executor, direct, again).signature == signature)
        return {{drawn.begin(), drawn.end()}};
    } while (decisions.next());
  }
  return std::nullopt;
}

}  // namespace rmap
