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
  // For a fuzzer's feedback, one byte each: the sites that this execution reached (kSitesMax of
  // them), and the hand-overs that it saw, hashed: what a task did at a site right after another
  // task did something at a site. Marks and no counts, or the fuzzer keeps inputs for nothing but
  // repetition. Empty, or `pairs` a power of two.
  std::span<uint8_t> sites;
  std::span<uint8_t> pairs;

  void reach(Site site) {
    hits[site.index]++;
    if (!sites.empty()) sites[site.index] = 1;
  }
  void hand_over(Site before, Site after) {
    if (!pairs.empty()) pairs[(before.index * 37u + after.index) & (pairs.size() - 1)] = 1;
  }
};

}  // namespace sched
