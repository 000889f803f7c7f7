// Rebase: finds the schedules of regressions again after the model has changed.
//
// A schedule by places mostly still leads there; else all schedules with as few preemptions are
// tried. Whatever is found is written where the old one stood; everything that people wrote stays.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "repro/regression.h"

namespace rmap {

struct RebaseLine {
  uint32_t line = 0;
  int code = kClean;  // kFinding: it was not found again.
  std::string what;
};

struct Rebased {
  std::vector<RebaseLine> lines;  // One for each kernel whose regression did not hold.
  std::string text;               // The file's text, updated.
};

// Requires: `input` is text.
Rebased rebase(const Input& input, Executors& executors, const Io& io);

}  // namespace rmap
