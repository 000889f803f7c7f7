// Direct: each decision is the choice itself.
//
// With bytes it is the plainest reading of an input; with an odometer it is exhaustive search; with
// a random tail it is the random walk of the literature, uniform over the candidates.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "scheduler/strategy.h"

namespace sched {

class Direct final : public Strategy {
 public:
  uint32_t choose(const Candidates& c, Decisions& d) override {
    return d.choose(c.count, c.current_runs ? Cost::preemption : Cost::free);
  }
};

}  // namespace sched
