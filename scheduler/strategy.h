// Strategy: who runs next. One algorithm per file in strategies/.
//
// A strategy draws all its randomness from the execution's Decisions, so that the bytes alone
// repeat it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "scheduler/decisions.h"
#include "scheduler/task_set.h"

namespace sched {

// The tasks that could run now, in their fixed order: the current task first if it can go on, then
// by id.
struct Candidates {
  TaskSet others;     // Without the current task.
  uint32_t count;     // At least 2.
  TaskId current;     // Who ran last.
  bool current_runs;  // Whether `current` is candidate 0.

  TaskId at(uint32_t index) const {
    if (current_runs) {
      if (index == 0) return current;
      index--;
    }
    return others.nth(index);
  }
};

class Strategy {
 public:
  virtual ~Strategy() = default;
  // A new execution begins: forget the last one, draw parameters.
  virtual void begin(Decisions&) {}
  // `task` joined. Called in id order, before its first step.
  virtual void spawned(TaskId, Decisions&) {}
  // The index of the candidate that runs next; 0 is always "the simplest".
  virtual uint32_t choose(const Candidates&, Decisions&) = 0;
};

}  // namespace sched
