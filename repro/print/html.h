// HTML: pages that open from a file, without scripts and without anything from elsewhere; light and
// dark as the reader's system is.
//
// Pure functions of their arguments. Text becomes HTML through html_escaped() and nowhere else.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rmap {

// Any bytes as text of an element or of an attribute: what HTML cannot show becomes '?'.
std::string html_escaped(std::string_view text);

// A whole page around `body`, which is HTML.
std::string html_page(std::string_view title, std::string_view body);

// A table; cells are HTML. The first column is text, the others are numbers if `numbers`.
std::string html_table(const std::vector<std::string>& heads,
                       const std::vector<std::vector<std::string>>& rows, bool numbers = false);

// A quantity over time.
struct Plot {
  std::string title;
  std::vector<std::pair<uint64_t, uint64_t>> points;  // Seconds, and how many; in order.
  // Moments to be marked, each with what happened.
  std::vector<std::pair<uint64_t, std::string>> marks;
};
// As an inline SVG. Both axes begin at 0.
std::string svg_plot(const Plot& plot);

// A length of time as people say it: "40 s", "3 min 20 s", "2 h 5 min", "3 d 4 h".
std::string duration_words(uint64_t seconds);

}  // namespace rmap
