// Coverage: what executions reached. Off unless asked for.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "scheduler/interleavings.h"
#include "scheduler/vocabulary.h"

namespace sched {

struct Coverage {
  // How often each site was reached: by visible operations, and by what is only noted.
  std::array<uint64_t, kSitesMax> hits = {};
  // How often a scheduling decision was asked for at each site.
  std::array<uint64_t, kSitesMax> decisions = {};
  // For a fuzzer's feedback: the sites that this execution reached, one byte each (kSitesMax of
  // them, or none). Marks and no counts, or the fuzzer keeps inputs for nothing but repetition.
  std::span<uint8_t> sites;
  // Null: not watched.
  Interleavings* interleavings = nullptr;

  void reach(Site site) {
    hits[site.index]++;
    if (!sites.empty()) sites[site.index] = 1;
  }
};

}  // namespace sched
