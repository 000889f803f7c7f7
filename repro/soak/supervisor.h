// Soak: a campaign that fuzzes one kernel for hours or weeks, and survives whoever kills it.
//
// The supervisor starts fuzzers and starts them again, has what they find minimized and explained,
// keeps the corpus small, and writes down every ten seconds how far it is. Whatever it knows is in
// its folder (folder.h): begun anew on it, it goes on. One thread; children do all that takes long.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/kernel/expression.h"
#include "repro/io.h"
#include "repro/soak/process.h"

namespace rmap {

struct SoakOptions {
  NamedKernel kernel;
  std::string directory;
  std::string fuzzer;  // The program: a fuzz target.
  std::vector<std::string> seeds;
  uint64_t planned_ms = 0;          // Of the campaign's own running time, all starts together.
  uint32_t jobs = processors();     // Fuzzers.
  uint32_t seed = 0;                // Of a new campaign; 0: a new one each time.
  uint64_t schedules_max = 50'000;  // For minimizing.
  uint64_t corpus_max = 4'000;      // Files; more are merged.
  bool json = false;
};

// Goes on until the time is over, or somebody asks to stop (SIGINT, SIGTERM, SIGHUP); then prints
// the report. 0: the time is over without a finding, 1: findings, 2: it could not go on, 3: nothing
// can be concluded, as time is left or the fuzzers had trouble.
int soak(const SoakOptions& options, const Io& io);

}  // namespace rmap
