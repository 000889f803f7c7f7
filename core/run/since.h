// Since when: what is noticed late (a rule that is checked at rest, an entry that no vma covers
// when its walk ends) was broken by somebody earlier. Finds that moment by running the same
// execution once more and looking after each event.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "core/run/execution.h"

namespace rmap {

// The last event after which the broken state lasted until the end.
struct Moment {
  uint32_t step = 0;
  sched::TaskId task = sched::kNoTask;
  Site site;
  uint8_t op = 0;      // Kind of the operation under way there, +1,
  Site branch;         // and the last branch that it took.
  bool moved = false;  // It moved the entry to where it is.
};

// Nothing for a finding that is noticed where it is made. Requires: executor.run() just ended with
// this finding of `p`, and `again` are the same decisions from the beginning; that is the
// executor's state afterwards, too.
std::optional<Moment> since_when(Executor& executor, const Program& p, sched::Decisions& again);

}  // namespace rmap
