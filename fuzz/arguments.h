// The arguments of a fuzz target: those that begin with two dashes, which libFuzzer leaves alone.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/kernel/expression.h"
#include "fuzz/artifact.h"
#include "fuzz/pattern.h"

namespace rmap {

struct Arguments {
  NamedKernel kernel;
  bool keep_going = false;       // Count findings by signature instead of stopping at the first.
  std::optional<Pattern> until;  // Go on past all findings but those that match.
  std::vector<Pattern> ignored;  // Go on past those that match, and do not count them.
  std::string findings;  // A folder for the first input of each signature; go on then. Or empty.
  // A file that always says what was reached so far (core/run/survey.h). Or empty.
  std::string reached;
  bool stats = false;  // Print statistics at the end.
  Artifacts artifacts{{}};
};

// The exit code of bad usage, and of trouble that is no finding.
inline constexpr int kUsageExit = 2;

// The first is the program's name. `kernel` is what it fuzzes unless --kernel says otherwise. Ends
// the process with exit code 2 when an argument is wrong.
Arguments parse_arguments(std::span<char* const> arguments, std::string kernel);

// Says what is wrong, and ends the process with exit code 2.
[[noreturn]] void usage_error(const std::string& what);

}  // namespace rmap
