// SPDX-License-Identifier: Apache-2.0
#include "repro/compare/matrix_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "repro/print/text.h"
#include "repro/run/search.h"

namespace rmap {
namespace {

// A kernel, what was explored, the findings by rule, the raw replay.
constexpr std::size_t kCells = 4;
using Cells = std::array<std::string, kCells>;
using Widths = std::array<std::size_t, kCells>;
// The last one is as wide as a rule's longest name.
constexpr Widths kUsual = {28, 26, 28, 15};

// With a blank between two columns.
constexpr std::size_t total(const Widths& widths) {
  std::size_t sum = kCells - 1;
  for (const std::size_t width : widths) sum += width;
  return sum;
}
static_assert(total(kUsual) == kTextWidth);

// Rows are printed as they become known, so widths do not depend on them. Where there is little
// room, a verdict stands above its counts.
Widths widths_for(std::size_t width) {
  if (width >= total(kUsual)) return kUsual;
  Widths widths = {0, width < 80 ? 14u : 22u, width < 80 ? 16u : 20u, kUsual[3]};
  widths[0] = std::max(width, kNarrowestText) - total(widths);
  return widths;
}

// "missed_pte 12" is not broken between lines.
std::string unbroken_counts(std::string rules) {
  std::vector<std::string> counts;
  for (std::size_t at = 0; at < rules.size();) {
    const std::size_t end = std::min(rules.find(", ", at), rules.size());
    counts.push_back(unbroken(rules.substr(at, end - at)));
    at = end + 2;
  }
  return fmt::format("{}", fmt::join(counts, ", "));
}

Cells cells_of(const MatrixRow& row) {
  const std::string name = row.commit.empty() ? row.kernel : "  +" + row.commit;
  if (row.explored == nullptr) return {unbroken(name), "refused", "-", "-"};
  const Answer& a = row.answer;
  const std::string rules = unbroken_counts(rules_words(row.explored->x));
  return {unbroken(name),
          fmt::format("{} {}", a.verdict, counts_words(a.failing, a.total, a.preemptions)),
          rules.empty() ? "-" : rules, row.explored->raw_replay};
}

// A cell that does not fit goes on below; a name that is wider than its column has a line of its
// own.
std::string print_cells_in(const Cells& row, const Widths& widths) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  std::size_t first = 0;
  for (std::size_t i = 0; i < kCells; i++) {
    std::size_t at = first;
    for (const std::string& part : lines_of(wrapped("", row[i], widths[i], 0))) {
      if (at == lines.size()) lines.emplace_back();
      std::string& line = lines[at++];
      line.resize(begin, ' ');
      line += part;
    }
    if (i == 0 && longest_word(row[0]) > widths[0]) first = lines.size();
    begin += widths[i] + 1;
  }
  return fmt::format("{}\n", fmt::join(lines, "\n"));
}

// Below a row: why it is not the whole answer, and what it has that the row before has not.
std::string remarks_on(const MatrixRow& row, std::size_t width) {
  const auto remark = [&](const std::string& text) { return wrapped("  ", text, width, 4); };
  std::string text;
  if (row.explored == nullptr) text += remark(row.answer.why);
  if (!row.answer.vacuous.empty()) text += remark("vacuous: " + row.answer.vacuous);
  if (row.explored != nullptr && !row.explored->x.exhausted)
    text += remark(unfinished_words(row.explored->x));
  if (row.explored != nullptr && row.explored->x.inconclusive != 0)
    text += remark(
        fmt::format("{} of the schedules reached the step limit", row.explored->x.inconclusive));
  return row.border.empty() ? text : text + remark("^ " + row.border);
}

}  // namespace

std::string heading_words(std::size_t width) {
  return print_cells_in(
      {"kernel", "explored", unbroken("findings by rule"), unbroken("raw replay")},
      widths_for(width));
}

std::string row_words(const MatrixRow& row, std::size_t width) {
  return print_cells_in(cells_of(row), widths_for(width)) + remarks_on(row, width);
}

nlohmann::json row_as_json(const MatrixRow& row) {
  nlohmann::json j = {{"border", row.border},
                      {"commit", row.commit},
                      {"failing", row.answer.failing},
                      {"kernel", row.kernel},
                      {"preemptions", row.answer.preemptions},
                      {"total", row.answer.total},
                      {"vacuous", row.answer.vacuous},
                      {"verdict", row.answer.verdict}};
  if (row.explored == nullptr) {
    j["why"] = row.answer.why;
    return j;
  }
  const Exploration& x = row.explored->x;
  j["exhausted"] = x.exhausted;
  j["inconclusive"] = x.inconclusive;
  j["raw_replay"] = row.explored->raw_replay;
  j["rules"] = nlohmann::json::object();
  for (uint32_t rule = 0; rule < kRulesEnd; rule++) {
    if (x.by_rule[rule] != 0) j["rules"][rule_name(rule)] = x.by_rule[rule];
  }
  return j;
}

}  // namespace rmap
