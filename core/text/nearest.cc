// SPDX-License-Identifier: Apache-2.0
#include "core/text/nearest.h"

#include <algorithm>
#include <vector>

#include "core/text/quote.h"

namespace rmap {
namespace {

// More than any name has; a longer word is nobody's slip of the pen.
constexpr std::size_t kLengthMax = 64;

// How many characters must be inserted, removed, replaced, or swapped with their neighbour, at
// most, to make `a` of `b`; row by row of the usual table.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before;
  std::vector<std::size_t> last(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); j++) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); i++) {
    std::vector<std::size_t> row(b.size() + 1, i);
    for (std::size_t j = 1; j <= b.size(); j++) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before = std::move(last);
    last = std::move(row);
  }
  return last[b.size()];
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> names) {
  if (word.size() > kLengthMax) return {};
  const std::string typed = lower_case(word);
  std::string_view found;
  // Of three characters one may be wrong, of four two, of eight three.
  std::size_t least = std::min<std::size_t>(typed.size() / 4 + 2, 4);
  for (std::string_view name : names) {
    if (name.size() > kLengthMax) continue;
    const std::size_t d = distance(typed, lower_case(name));
    if (d >= least || d >= std::min(typed.size(), name.size())) continue;
    least = d;
    found = name;
  }
  return found;
}

std::string did_you_mean(std::string_view name) {
  return name.empty() ? "" : " (did you mean " + std::string(name) + "?)";
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> names) {
  return did_you_mean(nearest(word, names));
}

}  // namespace rmap
