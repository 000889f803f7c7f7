// Search: exploring with a progress line, and looking for a schedule that shows a certain finding.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "core/explore.h"
#include "repro/session.h"

namespace rmap {

inline constexpr uint32_t kAllSchedules = sched::ExhaustiveDecisions::kUnbounded;

// explore(), with a progress line on a terminal.
Exploration explore_shown(Executor& executor, const Program& p, const ExploreLimits& limits,
                          const std::string& label, const Io& io);
// "12/2318 @2" or "12/2318 complete"
std::string counts_words(uint64_t failing, uint64_t total, uint32_t bound);
// "missed_pte 12, deadlock 3": findings by rule; empty without findings.
std::string rules_words(const Exploration& x);
std::string rule_name(uint32_t rule);

// The decisions of a schedule of `p` that shows the finding `signature`, with as few preemptions as
// possible, at most
// `preemptions_max`; gives up after `schedules_max` for each number of preemptions.
struct SearchLimits {
  uint32_t preemptions_max = 3;
  uint64_t schedules_max = 200'000;
};
std::optional<std::vector<uint8_t>> find_schedule(Executor& executor, const Program& p,
                                                  const std::string& signature,
                                                  const SearchLimits& limits);
// The finding's signature, or nothing.
std::string signature_of(Executor& executor, const Program& p);

}  // namespace rmap
