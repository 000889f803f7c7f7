// Coverage: what executions reached. Off unless asked for.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "scheduler/vocabulary.h"

namespace sched {

struct Coverage {
  // How often each site was reached by a visible operation.
  std::array<uint64_t, kSitesMax> hits = {};
  // How often a scheduling decision was asked for at each site.
  std::array<uint64_t, kSitesMax> decisions = {};
  // Hand-overs seen: what a task did at a site right after another task did something at a site.
  // One byte a pair, hashed; a mark and no count, or the fuzzer keeps inputs for nothing but
  // repetition. Empty, or a power of two in size.
  std::span<uint8_t> pairs;

  void hand_over(Site before, Site after) {
    if (!pairs.empty()) pairs[(before.index * 37u + after.index) & (pairs.size() - 1)] = 1;
  }
};

}  // namespace sched
