// Every: what is done each so many milliseconds, by a clock that nobody sets.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

namespace rmap {

inline uint64_t now_ms() {
  using namespace std::chrono;
  return static_cast<uint64_t>(
      duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count());
}

// True every so many milliseconds, the first time at once.
class Every {
 public:
  explicit Every(uint64_t period_ms) : period_ms_(period_ms) {}
  bool due(uint64_t now) {
    if (now < next_) return false;
    next_ = now + period_ms_;
    return true;
  }

 private:
  uint64_t period_ms_;
  uint64_t next_ = 0;
};

}  // namespace rmap
