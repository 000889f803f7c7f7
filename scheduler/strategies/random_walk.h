// RandomWalk: keeps the current task with probability 1 - 2^-k, k drawn once per execution.
//
// A uniform walk switches so often that a task rarely runs far while another one stands still,
// which is what most races need. A lazy walk (delay-bounding's distribution; Emmi, Qadeer and
// Rakamaric, POPL 2011) makes the expected number of preemptions a parameter. Byte 0 keeps running.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "scheduler/strategy.h"

namespace sched {

class RandomWalk final : public Strategy {
 public:
  void begin(Decisions& d) override { laziness_ = 1 + d.choose(kLaziest); }

  uint32_t choose(const Candidates& c, Decisions& d) override {
    if (!c.current_runs) return d.choose(c.count);
    const uint32_t period = 1u << laziness_;
    if (d.choose(period) != period - 1) return 0;
    return 1 + d.choose(c.count - 1);
  }

 private:
  static constexpr uint32_t kLaziest = 5;
  uint32_t laziness_ = 1;
};

}  // namespace sched
