// Keep: a finding as a regression, in litmus text that people can read and compare.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "repro/keep/regression.h"

namespace rmap {

// One word of [a-z0-9+-] that does not begin with a dash, and not too long for a file's name.
bool is_regression_name(std::string_view name);
// A regression's name made of any word, such as a file's that AFL++ wrote (id:000000,sig:06).
std::string regression_name(std::string_view word);

// The text of the execution that `p`'s decisions give under the executor's kernel, which `kernel`
// names. Nothing when it takes more decisions than a program holds.
//
// Counts are left out: a regression keeps one schedule, and `litmus --update` counts them all.
// Comments before the first line of `origin`, a litmus text or nothing, are taken over.
// Requires: it ends in a finding.
struct KeptText {
  Keepsake keepsake;
  std::string text;
};
std::optional<KeptText> kept_text(Executor& executor, const std::string& kernel, const Program& p,
                                  const std::string& name, std::string_view origin);

// True for a text that keeps one execution, of that kernel, and says nothing that keeping it anew
// would lose: no entries, no reach lines, no second expectation, no comments but at its head.
bool says_only_what_is_kept(const Litmus& litmus, std::string_view text, const Kernel& kernel);

}  // namespace rmap
