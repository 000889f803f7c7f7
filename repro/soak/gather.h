// Gather: the report of a campaign, from what lies in its folder.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/run/survey.h"
#include "repro/soak/folder.h"
#include "repro/soak/report.h"

namespace rmap {

// Fills in the growth, the starts, the findings with their stories, and the trouble. What the
// folder does not say (kernel, times, jobs) is the caller's.
void gather(const Folder& folder, const std::vector<JournalLine>& journal, SoakReport& r);

// The figures of what was reached.
void put_reached(const Reached& reached, SoakReport& r);

// Inputs that broke a fuzzer itself; slow ones are not among them, nor empty files, which a full
// disk leaves.
std::vector<std::string> broken_fuzzers(const Folder& folder);

}  // namespace rmap
