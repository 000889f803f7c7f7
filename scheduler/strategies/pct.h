// Pct: probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi and Nagarakatte, ASPLOS
// 2010).
//
// Tasks have random distinct priorities and the highest runs. At d - 1 random steps the running
// task drops below all others. Finds a bug of depth d in n tasks and k steps with probability at
// least 1 / (n k^(d-1)). k is drawn too: a k estimated from a profile run that itself went wrong is
// a known trap.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "scheduler/strategy.h"

namespace sched {

class Pct final : public Strategy {
 public:
  void begin(Decisions& d) override {
    order_.clear();
    changes_.clear();
    points_ = 0;
    const uint32_t changes = d.choose(kChangesMax + 1);
    const uint32_t k = 16u << d.choose(5);
    for (uint32_t i = 0; i < changes; i++) {
      const uint32_t high = d.choose(k / 16);
      const uint32_t low = d.choose(16);
      changes_.push_back(high * 16 + low);
    }
  }

  // Decision 0 puts the task below those that came before it.
  void spawned(TaskId task, Decisions& d) override {
    const uint32_t above = d.choose(order_.size() < 255 ? order_.size() + 1 : 256);
    order_.push_back(task);
    for (uint32_t i = order_.size() - 1, moved = 0; moved < above; i--, moved++)
      std::swap(order_[i], order_[i - 1]);
  }

  uint32_t choose(const Candidates& c, Decisions&) override {
    const uint32_t point = points_++;
    for (uint32_t change : changes_) {
      if (change == point && c.current_runs) demote(c.current);
    }
    uint32_t best = 0;
    for (uint32_t i = 1; i < c.count; i++) {
      if (rank(c.at(i)) < rank(c.at(best))) best = i;
    }
    return best;
  }

 private:
  static constexpr uint32_t kChangesMax = 4;

  uint32_t rank(TaskId task) const {
    uint32_t i = 0;
    while (order_[i] != task) i++;
    return i;
  }
  void demote(TaskId task) {
    order_.erase_at(rank(task));
    order_.push_back(task);
  }

  BoundedVector<TaskId, kTasksMax> order_;  // Highest priority first.
  BoundedVector<uint32_t, kChangesMax> changes_;
  uint32_t points_ = 0;
};

}  // namespace sched
