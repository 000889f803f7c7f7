// Minimize: from an input that shows a finding to the smallest one that still shows it.
//
// The simplest operations (simplify.h), with the fewest preemptions that were found; of the
// schedules with so few, the first of the shortest. So the result is canonical: it hardly depends
// on the input that one began with, and minimizing it again changes nothing.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "repro/run/search.h"
#include "scheduler/plan.h"

namespace rmap {

struct MinimizeProgress {
  uint32_t operations = 0;
  uint32_t preemptions = 0;
  uint64_t executions = 0;
};

struct MinimizeLimits {
  // For each candidate and number of preemptions. The last search, for the fewest preemptions, may
  // take ten times as many.
  uint64_t schedules_max = 50'000;
  // For all searches together; then only the best plan is followed, and nothing is said to be
  // minimal.
  uint64_t executions_max = 50'000'000;
  Stop stop = {};  // True: give up, with the best so far.
  std::function<void(const MinimizeProgress&)> progress = {};
};

struct Minimized {
  Program program;  // Strategy direct, tail 0.
  uint32_t preemptions = 0;
  // No schedule of this program with fewer preemptions shows the finding: all were run.
  bool fewest_preemptions = false;
  // No step of simplify.h leads to a program that shows it with as many preemptions: all schedules
  // were run.
  bool one_minimal = false;
  bool stopped = false;
  uint64_t executions = 0;
};

// Nothing if the finding takes more decisions than a program holds, and no schedule with fewer was
// found. Requires: `p` shows the goal.
std::optional<Minimized> minimize(const Goal& goal, const Program& p,
                                  const MinimizeLimits& limits = {});

}  // namespace rmap
