// Verdict: the last sentences of a story: what is wrong now, and why it can never be right again.
//
// One function per rule, from the finding, the state in which the execution ended, and the deeds.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "repro/story/deeds.h"

namespace rmap {

std::string last_sentence(const Recording& r, const std::vector<Deed>& deeds);

}  // namespace rmap
