// Checking a litmus text: what it expects of each kernel against what enumerating its schedules
// shows.
//
// A verdict holds only if what it says was enumerated; "never" needs every schedule within the
// bound, and that something could be seen in them (core/run/vacuity.h). Verdicts are written by
// people: updating rewrites counts and witnesses, and never a verdict.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "repro/run/progress.h"
#include "repro/run/search.h"
#include "repro/run/session.h"

namespace rmap {

struct LitmusOptions {
  std::optional<Kernel> only;  // Check this kernel alone.
  std::optional<uint32_t> preemptions;
  uint64_t schedules_max = ExploreLimits().schedules_max;  // For each exploration.
  bool update = false;
};

struct LitmusCheck {
  uint32_t line = 0;
  int code = kClean;  // kFinding: it failed; kInconclusive: it could not be told.
  std::string what;   // "expect v3.0 missed_pte sometimes 12/333 @2"
  std::string found;  // What was found instead, or in addition.
};

struct LitmusReport {
  int code = kClean;
  std::vector<LitmusCheck> checks;
  std::size_t unmade = 0;  // Checks that the user did not want to wait for.
  bool complete = true;    // All were made, each with every schedule within its bound.
  std::string text;        // The file's text, updated. Meaningful when no check failed.
};

// The first expectation that denies that this kernel breaks `rule` (none: it deadlocks or
// livelocks): it says never, or only other rules are expected. Null if none does.
const Expectation* contradiction(const Litmus& litmus, const Kernel& kernel, Rule rule);

// Tells of each check as soon as it was made.
LitmusReport check_litmus(const Input& input, const LitmusOptions& options, Executors& executors,
                          Progress& progress, const std::function<void(const LitmusCheck&)>& made);

}  // namespace rmap
