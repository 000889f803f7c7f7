// Minimize: a smaller program with the same finding.
//
// Operations are dropped and operands made smaller one by one; after each change a schedule that
// shows the finding is searched anew, with as few preemptions as possible, so the result needs no
// luck to be read. Deterministic.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "repro/search.h"

namespace rmap {

// A canonical program (tail 0) that has a finding of the same signature, and is not larger. Nothing
// when the finding is shown only by more decisions than a program holds.
//
// Requires: `p` has a finding of `signature` under the executor's kernel.
std::optional<Program> minimize(Executor& executor, const Program& p, const std::string& signature);

}  // namespace rmap
