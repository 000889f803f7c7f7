// How an execution ended.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "scheduler/bounded.h"
#include "scheduler/vocabulary.h"

namespace sched {

using TaskId = uint8_t;
inline constexpr TaskId kNoTask = 0xff;
inline constexpr uint32_t kTasksMax = 128;

enum class Ending : uint8_t {
  finished,    // Every task ran to its end.
  violation,   // A rule was broken; Outcome::violation says which.
  deadlock,    // Tasks wait for each other, or for nobody; Outcome::waits says who for what.
  livelock,    // Even when scheduled fairly, the tasks only retried.
  step_limit,  // Too long to tell: a bound was reached, nothing is known.
};

// Rules that the library itself knows. A client numbers its own from kClientRules on.
enum LibraryRule : uint8_t { kNoRule = 0, kLockOrder = 1, kSleepInAtomic = 2, kClientRules = 8 };

// What was broken, by whom and where. `manner` and the operands mean what the client says they
// mean.
struct Violation {
  uint8_t rule = kNoRule;
  uint8_t manner = 0;
  TaskId task = kNoTask;
  Site site;
  uint32_t step = 0;
  Object object;
  uint64_t a = 0;
  uint64_t b = 0;
};

// `task` waits at `site` for `object`, which `holder` holds (kNoTask when nobody does).
struct Wait {
  TaskId task;
  TaskId holder;
  Site site;
  Object object;
};

struct Outcome {
  Ending ending = Ending::finished;
  // Saw an access that the access table had not learned (see access.h).
  bool unknown_access = false;
  uint32_t steps = 0;  // Visible operations.
  uint32_t switches = 0;
  uint32_t preemptions = 0;  // Switches away from a task that could have gone on.
  uint32_t judged = 0;       // Library rules that something was held against, as bits.
  Violation violation;
  // For a deadlock: the cycle, first to last, where `is_cycle`; otherwise every waiting task.
  bool is_cycle = false;
  BoundedVector<Wait, kTasksMax> waits;
};

}  // namespace sched
