// SPDX-License-Identifier: Apache-2.0
#include "repro/cli/pattern.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>

#include "core/text/nearest.h"
#include "core/text/quote.h"

namespace rmap {

Argument pattern_argument(Arguments& args, std::string& pattern, std::string_view thing,
                          std::span<const std::string_view> names) {
  return args
      .option("pattern", pattern,
              fmt::format("only each {} whose name has this in it, or matches it as in a shell: "
                          "'a*z' (default: all)",
                          thing))
      .offers({names.begin(), names.end()});
}

bool matches(const std::string& pattern, std::string_view name) {
  const std::string wanted = lower_case(pattern);
  const std::string lower = lower_case(name);
  if (wanted.find_first_of("*?[") == std::string::npos)
    return lower.find(wanted) != std::string::npos;
  return ::fnmatch(wanted.c_str(), lower.c_str(), 0) == 0;
}

bool any_matches(const std::string& pattern, std::string_view thing,
                 std::span<const std::string_view> names, const Io& io) {
  if (std::any_of(names.begin(), names.end(),
                  [&](std::string_view name) { return matches(pattern, name); }))
    return true;
  const std::string hint = did_you_mean(pattern, names);
  complain(io, fmt::format("no {} matches '{}'{}; without a pattern all are listed", thing,
                           printable(pattern), hint));
  return false;
}

}  // namespace rmap
