// Pattern: by which part of a list somebody asks for.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "repro/cli/arguments.h"
#include "repro/io.h"

namespace rmap {

// The argument of a word that lists things, each called a `thing`, by these names.
Argument pattern_argument(Arguments& args, std::string& pattern, std::string_view thing,
                          std::span<const std::string_view> names);

// A part of the name; or, with a *, ? or [, the whole name as a shell would match it. Capitals do
// not matter.
bool matches(const std::string& pattern, std::string_view name);

// True if one of the names matches; else a line on io.err says what may have been meant.
bool any_matches(const std::string& pattern, std::string_view thing,
                 std::span<const std::string_view> names, const Io& io);

}  // namespace rmap
