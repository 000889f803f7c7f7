// Story: what an execution showed, in plain words: a sentence, a numbered story, the symptom, a
// summary.
//
// A pure function of a recording, and the same for every rule: focus.h finds out what the finding
// is about, deeds.h what the tasks did to that, clauses.h says it, verdict.h says what is wrong in
// the end. A sentence is what one task does until another one does something that matters.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "repro/print/text.h"
#include "repro/trace/rows.h"

namespace rmap {

// The sentences, in order, each with its steps; the last one is the verdict. Empty without a
// finding.
std::vector<std::string> story_of(const Recording& r);

// The same sentences in parts, without the verdict.
struct Scene {
  struct Line {
    uint32_t step = 0;
    std::string text;
  };
  uint8_t cpu = 0;
  std::vector<Line> lines;
  std::string end;  // Why another cpu goes on; empty where it just does.
};
std::vector<Scene> scenes_of(const Recording& r);

// The sentence, the numbered story and the symptom; for an execution without a finding, how it
// ended.
std::string print_story(const Recording& r, std::size_t width = kTextWidth);

// What a real kernel shows. Requires: r.finding.
std::string symptom_of(const Recording& r);

// "missed_pte v3.0 page 0 @1, walk of cpu2, step 61"
std::string summary_of(const Recording& r);

}  // namespace rmap
