// Progress: what long work says of itself while it goes on, and whether the user asked it to
// stop. Read next: terminal.h, which says when a line is shown.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "core/run/vacuity.h"
#include "repro/io.h"
#include "repro/print/terminal.h"

namespace rmap {

class Progress {
 public:
  // `io` must outlive it.
  explicit Progress(const Io& io) : io_(io), status_(io) {}

  bool stop_asked() const { return io_.interrupted && io_.interrupted(); }
  StatusLine& status() { return status_; }

 private:
  const Io& io_;
  StatusLine status_;
};

// explore() that shows progress, and stops when the user asks. `expected`: how many schedules
// somebody counted there once; 0 if nobody did.
Exploration explore_shown(Executor& executor, const Program& p, const ExploreLimits& limits,
                          const std::string& label, Progress& progress, uint64_t expected = 0);

// The same for vacuity(), of so many schedules.
Vacuity vacuity_shown(Executor& executor, const Never& never, uint64_t schedules,
                      const std::string& label, Progress& progress);

// "x v3.0: 1,200,000 schedules, 300,000 a second, about 3 s left": what is left of those that are
// expected, else at most up to the bound.
std::string explored_words(const std::string& label, uint64_t schedules, uint64_t passed_ms,
                           uint64_t schedules_max, uint64_t expected);

}  // namespace rmap
