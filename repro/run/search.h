// Search: what explorations come to in words, and looking for a schedule that shows a certain
// finding.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "core/run/explore.h"
#include "repro/run/goal.h"
#include "repro/run/session.h"

namespace rmap {

inline constexpr uint32_t kAllSchedules = sched::ExhaustiveDecisions::kUnbounded;

// "12/2318 @2" or "12/2318 complete"
std::string counts_words(uint64_t failing, uint64_t total, uint32_t bound);
// "missed_pte 12, deadlock 3": findings by rule; empty without findings.
std::string rules_words(const Exploration& x);
// Why there may be more schedules than were run, and what to do; empty if there are none.
std::string unfinished_words(const Exploration& x);
std::string rule_name(uint32_t rule);

// Asked between executions; true: give up.
using Stop = std::function<bool()>;

struct SearchLimits {
  uint32_t preemptions_min = 0;  // Begin with so many; those with fewer are among them.
  uint32_t preemptions_max = 3;
  uint64_t schedules_max = 200'000;  // For each number of preemptions; then give up on it.
  bool shortest = false;             // Go on, for the one with the fewest decisions.
  Stop stop = {};
};

// A schedule that shows a goal: one with the fewest preemptions, and of those the first one in the
// order of enumeration, or the first of the shortest ones.
struct Search {
  std::optional<std::vector<uint8_t>> decisions;
  uint32_t preemptions = 0;  // Of the schedule that was found.
  bool exhausted = false;  // All schedules with fewer preemptions were run; if none was found, all
                           // within the limit.
  uint64_t schedules = 0;  // How many were run.
};
// `p`'s own decisions, tail and strategy play no part.
Search find_schedule(const Goal& goal, const Program& p, const SearchLimits& limits);

}  // namespace rmap
