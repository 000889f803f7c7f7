// The story of a walk that missed a migration entry, told from the trace: what it looked at, and
// who moved the entry meanwhile, under which locks. And what stories share: the locks that a task
// holds, and line breaks.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "repro/rows.h"

namespace rmap {

std::vector<std::string> missed_pte_story(const Recording& r);

struct LockHeld {
  sched::Object object;
  std::string name;  // "ptl @8-11"
  std::string site;
  uint32_t step = 0;  // When it was taken.
};
// The locks that `task` holds right before event `event`, outermost first.
std::vector<LockHeld> locks_held(const Recording& r, sched::TaskId task, uint32_t event);
// What a task waits for, in the words of the trace.
std::string wait_name(const Recording& r, const sched::Wait& wait);

// `text` after `first`, broken into lines that start below it.
std::string wrapped(const std::string& first, const std::string& text);

}  // namespace rmap
