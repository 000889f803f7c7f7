// Vacuity: whether a never could have been anything else.
//
// A program that reads where nothing is mapped breaks no rule, and one that never comes to the code
// that a commit changed cannot tell the kernel from the one without: their nevers say nothing. What
// a never needs is found out by running its schedules again, beside those of the release that its
// kernel is made of, until all is seen: an operation that took effect, something that the rule was
// held against, and a schedule that runs otherwise. That is the first one, mostly. There is no
// table of rules and their sites, which would be wrong one day. Read next: explore.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/kernel/expression.h"
#include "core/run/explore.h"

namespace rmap {

enum class Vacuity : uint8_t {
  none,
  no_effect,   // No operation of a cpu, or of a program that is all set-up, took effect.
  not_judged,  // There was nothing to hold the oracle's rule against.
  as_release,  // Every schedule runs as under the release; not asked of a release itself.
  stopped,     // The watch said so before it was known.
};

// A never that is said of `rule` (none: of any), of all schedules with at most so many preemptions.
struct Never {
  Program program;
  NamedKernel kernel;
  Rule rule = Rule::none;
  uint32_t preemptions_max = 0;
};

// Requires: the executor is the kernel's, and the never holds.
Vacuity vacuity(Executor& executor, const Never& never, const Watch& watch = {});

// "no schedule runs otherwise than under newest, so nothing here depends on wp_reuse=mapcount";
// empty for none.
std::string vacuity_words(Vacuity v, const Never& never);

}  // namespace rmap
