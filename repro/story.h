// Story: what an execution showed, in plain words: a sentence, numbered facts from the trace, the
// symptom, a summary.
//
// A pure function of a recording.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "repro/rows.h"

namespace rmap {

// The facts that make the finding, in order; each a sentence with its steps.
std::vector<std::string> story_of(const Recording& r);

// The sentence, the numbered story and the symptom; for an execution without a finding, how it
// ended.
std::string print_story(const Recording& r);

// "missed_pte v3.0 page 0 @1, walk of cpu2, step 61"
std::string summary_of(const Recording& r);

}  // namespace rmap
