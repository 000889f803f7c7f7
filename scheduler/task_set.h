// TaskSet: a set of task ids, as bits.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

#include "scheduler/outcome.h"

namespace sched {

class TaskSet {
 public:
  bool contains(TaskId t) const { return (word(t) >> (t & 63) & 1) != 0; }
  void insert(TaskId t) { word(t) |= bit(t); }
  void remove(TaskId t) { word(t) &= ~bit(t); }
  void clear() { low_ = high_ = 0; }
  bool empty() const { return (low_ | high_) == 0; }
  uint32_t size() const { return static_cast<uint32_t>(std::popcount(low_) + std::popcount(high_)); }

  TaskSet without(TaskId t) const {
    TaskSet s = *this;
    s.remove(t);
    return s;
  }
  TaskSet minus(const TaskSet& other) const {
    TaskSet s;
    s.low_ = low_ & ~other.low_;
    s.high_ = high_ & ~other.high_;
    return s;
  }

  // The n-th smallest member. Requires: n < size().
  TaskId nth(uint32_t n) const {
    const auto in_low = static_cast<uint32_t>(std::popcount(low_));
    return n < in_low ? nth_bit(low_, n) : static_cast<TaskId>(64 + nth_bit(high_, n - in_low));
  }
  // The smallest member above t, or the smallest at all. Requires: not empty.
  TaskId after(TaskId t) const {
    for (uint32_t i = 1; i <= kTasksMax; i++) {
      const auto next = static_cast<TaskId>((t + i) % kTasksMax);
      if (contains(next)) return next;
    }
    return t;
  }

 private:
  static constexpr uint64_t bit(TaskId t) { return uint64_t{1} << (t & 63); }
  uint64_t& word(TaskId t) { return t < 64 ? low_ : high_; }
  uint64_t word(TaskId t) const { return t < 64 ? low_ : high_; }
  static TaskId nth_bit(uint64_t bits, uint32_t n) {
    while (n-- > 0) bits &= bits - 1;
    return static_cast<TaskId>(std::countr_zero(bits));
  }

  uint64_t low_ = 0;
  uint64_t high_ = 0;
};

}  // namespace sched
