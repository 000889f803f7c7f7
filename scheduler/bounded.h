// BoundedVector: a vector whose capacity is part of its type, so that it never allocates.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "scheduler/check.h"

namespace sched {

// Trivially copyable when T is. Elements past size() keep their last value.
//
// Requires: never more than `N` elements (a CHECK).
template <typename T, uint32_t N>
class BoundedVector {
 public:
  static constexpr uint32_t capacity() { return N; }
  uint32_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  bool full() const { return size_ == N; }

  T& operator[](uint32_t i) {
    CHECK_LT(i, size_);
    return items_[i];
  }
  const T& operator[](uint32_t i) const {
    CHECK_LT(i, size_);
    return items_[i];
  }
  T& back() { return (*this)[size_ - 1]; }
  const T& back() const { return (*this)[size_ - 1]; }

  void push_back(const T& value) {
    CHECK_LT(size_, N);
    items_[size_++] = value;
  }
  void pop_back() {
    CHECK(size_ > 0);
    size_--;
  }
  void clear() { size_ = 0; }

  // Removes element i, keeping the order of the others.
  void erase_at(uint32_t i) {
    CHECK_LT(i, size_);
    for (uint32_t k = i + 1; k < size_; k++) items_[k - 1] = items_[k];
    size_--;
  }

  T* begin() { return items_; }
  T* end() { return items_ + size_; }
  const T* begin() const { return items_; }
  const T* end() const { return items_ + size_; }
  const T* data() const { return items_; }

 private:
  T items_[N] = {};
  uint32_t size_ = 0;
};

}  // namespace sched
