// Turns: uninterrupted runs of one task's events within one operation, and how they ended.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "repro/run/session.h"

namespace rmap {

// How a turn ended.
enum class TurnEnd : uint8_t { goes_on, preempted, waits, finished };

struct Turn {
  sched::TaskId task = 0;
  uint32_t first = 0;  // Events.
  uint32_t last = 0;
  int op = -1;  // Index of the operation, -1 for none.
  TurnEnd end = TurnEnd::goes_on;
};
std::vector<Turn> turns_of(const Recording& r);

}  // namespace rmap
