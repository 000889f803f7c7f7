// Feedback: what the fuzzing engine is told about an execution, beside the code that ran.
//
// Marks, one byte each, set for what the execution reached: sites, interleaving pairs, which
// operation took effect after which other one and which while it was under way, signs that a
// finding is near, and shapes of anon_vmas. Marks and no counts: with counts the corpus grows five
// times as large and nothing is found sooner. libFuzzer reads them as extra counters. Engines that
// do not are told through the guards that instrumented code has (__sanitizer_cov_trace_pc_guard),
// one guard for each mark.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "core/run/survey.h"

namespace rmap {

// Sets up `survey` to mark what it sees. One per process.
void mark_surveyed(Survey& survey);

// After each execution: marks the rest, and tells the engine.
void give_feedback(const Program& p, const Result& result, const Overlaps& overlaps,
                   const World& world);

}  // namespace rmap
