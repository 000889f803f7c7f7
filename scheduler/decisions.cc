// SPDX-License-Identifier: Apache-2.0
#include "scheduler/decisions.h"

namespace sched {

void Decisions::note(uint32_t choice) {
  if (record_->full()) {
    overflowed_ = true;
    return;
  }
  record_->push_back(static_cast<uint8_t>(choice));
}

uint32_t ExhaustiveDecisions::draw(uint32_t n, Cost cost) {
  if (position_ == path_.size()) path_.push_back({0, static_cast<uint16_t>(n), cost});
  const Step step = path_[position_++];
  // An execution that asks differently after the same choices is not a function of its choices.
  CHECK_EQ(step.n, n);
  CHECK(step.cost == cost);
  if (step.cost == Cost::preemption && step.choice != 0) preemptions_++;
  return step.choice;
}

bool ExhaustiveDecisions::next() {
  CHECK_LE(prefix_,
           position_);      // The same: an execution must ask for all choices that it was given.
  path_.resize(position_);  // What was not asked for is no part of this sequence.
  uint32_t used = 0;
  for (const Step& step : path_) used += step.cost == Cost::preemption && step.choice != 0;
  while (!path_.empty()) {
    Step& last = path_.back();
    const bool costly = last.cost == Cost::preemption;
    const bool affordable = !costly || last.choice != 0 || used < preemptions_max_;
    if (last.choice + 1 < last.n && affordable) {
      last.choice++;
      break;
    }
    if (costly && last.choice != 0) used--;
    path_.pop_back();
  }
  prefix_ = static_cast<uint32_t>(path_.size());
  position_ = 0;
  preemptions_ = 0;
  return !path_.empty();
}

}  // namespace sched
