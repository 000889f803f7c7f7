// TaskSet: a set of task ids, as bits.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

#include "scheduler/outcome.h"

namespace sched {

class TaskSet {
 public:
  TaskSet() = default;
  bool contains(TaskId t) const { return ((t < 64 ? low_ : high_) >> (t & 63) & 1) != 0; }
  void insert(TaskId t) {
    low_ |= low_bit(t);
    high_ |= high_bit(t);
  }
  void remove(TaskId t) {
    low_ &= ~low_bit(t);
    high_ &= ~high_bit(t);
  }
  void clear() { low_ = high_ = 0; }
  bool empty() const { return (low_ | high_) == 0; }
  uint32_t size() const { return high_ == 0 ? count(low_) : count(low_) + count(high_); }
  // Whether size() > 1, without counting.
  bool several() const {
    return (low_ & (low_ - 1)) != 0 || (high_ & (high_ - 1)) != 0 || (low_ != 0 && high_ != 0);
  }

  TaskSet without(TaskId t) const { return TaskSet(low_ & ~low_bit(t), high_ & ~high_bit(t)); }
  TaskSet minus(const TaskSet& other) const {
    return TaskSet(low_ & ~other.low_, high_ & ~other.high_);
  }

  // The n-th smallest member. Requires: n < size().
  TaskId nth(uint32_t n) const {
    if (high_ == 0) return nth_bit(low_, n);
    const auto in_low = count(low_);
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
  TaskSet(uint64_t low, uint64_t high) : low_(low), high_(high) {}
  // Computed for both words, never through a pointer to one: storing a word and then copying the
  // set as a whole would defeat the processor's store forwarding, which costs more than all the
  // rest of a scheduling point.
  static constexpr uint64_t low_bit(TaskId t) { return uint64_t{t < 64} << (t & 63); }
  static constexpr uint64_t high_bit(TaskId t) { return uint64_t{t >= 64} << (t & 63); }
  // Inline, where std::popcount() is a library call unless the compiler may assume a newer
  // processor.
  static constexpr uint32_t count(uint64_t bits) {
    bits -= bits >> 1 & 0x5555555555555555u;
    bits = (bits & 0x3333333333333333u) + (bits >> 2 & 0x3333333333333333u);
    bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return static_cast<uint32_t>(bits * 0x0101010101010101u >> 56);
  }
  static TaskId nth_bit(uint64_t bits, uint32_t n) {
    while (n-- > 0) bits &= bits - 1;
    return static_cast<TaskId>(std::countr_zero(bits));
  }

  uint64_t low_ = 0;
  uint64_t high_ = 0;
};

}  // namespace sched
