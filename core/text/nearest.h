// Names that were mistyped, and what was meant.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace rmap {

// The name that `word` is a slip of the pen away from, the first of the nearest; empty if all are
// further away.
std::string_view nearest(std::string_view word, std::span<const std::string_view> names);

// " (did you mean NAME?)", to stand behind a word in a message; empty for an empty name.
std::string did_you_mean(std::string_view name);
// The same, of the nearest.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> names);

}  // namespace rmap
