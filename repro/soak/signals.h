// Signals by which a user asks a campaign to stop: the first one to stop, the second one to hurry.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>

namespace rmap {

inline volatile std::sig_atomic_t stop_signals = 0;

inline bool stop_asked() { return stop_signals > 0; }

// As long as it lives, SIGINT, SIGTERM and SIGHUP are counted. Those that were ignored stay so: a
// campaign under nohup goes on.
class StopSignals {
 public:
  StopSignals() {
    stop_signals = 0;
    for (int i = 0; i < kCount; i++) {
      before_[i] = std::signal(kNumbers[i], count);
      if (before_[i] == SIG_IGN) std::signal(kNumbers[i], SIG_IGN);
    }
  }
  ~StopSignals() {
    for (int i = 0; i < kCount; i++) std::signal(kNumbers[i], before_[i]);
  }
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

 private:
  static constexpr int kCount = 3;
  static constexpr int kNumbers[kCount] = {SIGINT, SIGTERM, SIGHUP};
  static void count(int) { stop_signals = stop_signals + 1; }
  void (*before_[kCount])(int) = {};
};

}  // namespace rmap
