// Pattern: which findings somebody looks for, or knows already.
//
//   missed_pte:migrate+mremap:move_vma/rollback:in_transit
//
// is a rule, the operations that meet (all of them, in any order), one of the sites or a function
// that one is in, as a finding's signature names them, and the manner, which is finer than the
// signature's (core/run/finding.h). An empty part fits every finding, and parts at the end may be
// left out.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/run/finding.h"

namespace rmap {

struct Pattern {
  std::string text;
  std::string rule;
  std::vector<std::string> operations;  // Sorted.
  std::string site;
  std::string manner;
};

// Exactly one of the two is set.
struct PatternResult {
  std::optional<Pattern> pattern;
  std::string error;
};
// A name that no finding can have is an error: nobody would ever find it.
PatternResult parse_pattern(std::string_view text);

bool matches(const Pattern& pattern, const Finding& finding);

}  // namespace rmap
