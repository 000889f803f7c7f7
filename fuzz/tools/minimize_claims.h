// What must hold of minimizing any finding.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fuzz/tools/claim.h"
#include "fuzz/tools/kernel_input.h"
#include "repro/minimize.h"

namespace rmap {

using MinimizeFunction = std::optional<Minimized> (*)(const Goal&, const Program&,
                                                      const MinimizeLimits&);

// If `p` ends in a finding: its minimized form shows the same, is not less simple, has no more
// preemptions, is canonical and replays to the same trace; minimizing it again gives nothing less
// simple, and the same bytes where both results are proven to be minimal. (Without the proof, the
// second run follows another plan than the first one did, and may find what the first one gave up
// on.)
//
// The work is bounded by a number of executions; a result that was stopped by it is checked all the
// same.
Check check_minimize(const FuzzedKernel& kernel, const Program& p,
                     MinimizeFunction minimize_function = minimize);

}  // namespace rmap
