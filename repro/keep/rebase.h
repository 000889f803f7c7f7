// Rebase: finds the schedules of regressions again after the model has changed.
//
// A schedule by places mostly still leads there; else all schedules with as few preemptions are
// tried. Whatever is found is written where the old one stood; everything that people wrote stays.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "repro/keep/regression.h"
#include "repro/run/progress.h"

namespace rmap {

// One regression that did not hold.
struct RebaseLine {
  std::string kernel;
  uint32_t line = 0;
  int code = kClean;  // kFinding: it was not found again; kInconclusive: nor ruled out.
  std::string what;   // How it was found, or why not.
};

struct Rebased {
  std::vector<RebaseLine> lines;
  bool complete = true;  // False: the user asked to stop before all were looked at.
  std::string text;      // The file's text, updated.
};

// Requires: `input` is text.
Rebased rebase(const Input& input, Executors& executors, Progress& progress);

}  // namespace rmap
