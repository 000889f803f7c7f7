// Claim: what a target says about the tools, and what it prints when an input shows it to be wrong.
//
// Claims are checked by functions that return the first broken one, so that tests can hand them a
// broken tool and see that it is noticed; only the targets abort.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "scheduler/failure.h"

namespace rmap {

struct Broken {
  std::string_view token;  // One word for farms of fuzzers.
  std::string_view claim;  // What should have held. The same text for every input.
  std::string details;     // What this input shows.
};
using Check = std::optional<Broken>;

// Ends the process, as a crash, if a claim is broken.
inline void hold(const Check& check) {
  if (!check) return;
  const std::string lines = sched::failure_lines(check->claim, check->token);
  std::fprintf(stderr, "%s%s\n", lines.c_str(), check->details.c_str());
  std::fflush(stderr);
  std::abort();
}

}  // namespace rmap
