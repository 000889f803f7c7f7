// SPDX-License-Identifier: Apache-2.0
#include "core/text/quote.h"

#include <fmt/format.h>

#include <algorithm>

namespace rmap {

std::string shell_quoted(std::string_view text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_./+:=,@-").find(c) != std::string_view::npos;
  };
  if (!text.empty() && std::all_of(text.begin(), text.end(), plain)) return std::string(text);
  std::string quoted = "'";
  for (char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string printable(std::string_view text, std::size_t length_max) {
  std::string shown;
  for (char c : text.substr(0, length_max)) {
    const auto u = static_cast<unsigned char>(c);
    const bool is_control = u < 0x20 || u == 0x7f;
    shown += is_control ? fmt::format("\\x{:02x}", u) : std::string(1, c);
  }
  return text.size() > length_max ? shown + "..." : shown;
}

std::string printable_line(std::string_view line) {
  constexpr std::size_t kHalf = 2'000;
  if (line.size() <= 2 * kHalf) return printable(line, line.size());
  return printable(line, kHalf) + printable(line.substr(line.size() - kHalf), kHalf);
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string upper_case(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return upper;
}

}  // namespace rmap
