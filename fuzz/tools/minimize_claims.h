// What must hold of minimizing any finding.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fuzz/tools/claim.h"
#include "fuzz/tools/kernel_input.h"
#include "repro/shrink/minimize.h"

namespace rmap {

using MinimizeFunction = std::optional<Minimized> (*)(const Goal&, const Program&,
                                                      const MinimizeLimits&);

// How much work each of the two runs may be. Steps, not executions: one of them takes 20
// microseconds, or thousands.
struct MinimizeEffort {
  uint64_t schedules_max;  // For each candidate.
  uint64_t executions_max;
  uint64_t steps_max;
};
// What most inputs get: the search is stopped on its way.
inline constexpr MinimizeEffort kBrief = {
    .schedules_max = 20, .executions_max = 50, .steps_max = 6'000};
// Enough for a proof where there are some operations. It takes a hundred times as long.
inline constexpr MinimizeEffort kThorough = {
    .schedules_max = 100, .executions_max = 1'000, .steps_max = 500'000};
// By the byte that chooses a release: the last sixteen are thorough.
inline const MinimizeEffort& effort_chosen_by(uint8_t byte) {
  return byte < 0xf0 ? kBrief : kThorough;
}

// If `p` ends in a finding: its minimized form shows the same, is not less simple, has no more
// preemptions, is canonical and replays to the same trace; minimizing it again gives nothing less
// simple, and the same bytes where both results are proven to be minimal. (Without the proof, the
// second run follows another plan than the first one did, and may find what the first one gave up
// on.)
//
// A result that was stopped by the bounds is checked all the same.
Check check_minimize(const FuzzedKernel& kernel, const Program& p, const MinimizeEffort& effort,
                     MinimizeFunction minimize_function = minimize);

}  // namespace rmap
