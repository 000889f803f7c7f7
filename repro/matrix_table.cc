// SPDX-License-Identifier: Apache-2.0
#include "repro/matrix_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <numeric>

#include "repro/search.h"
#include "repro/text.h"

namespace rmap {
namespace {

// A kernel, what was explored, the findings by rule, the raw replay.
constexpr std::size_t kCells = 4;
using Cells = std::array<std::string, kCells>;
using Widths = std::array<std::size_t, kCells>;
constexpr std::size_t kExplored = 1;
constexpr std::size_t kRulesFound = 2;
constexpr Widths kUsual = {30, 26, 28, 0};  // So that tables look alike, where there is room.

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

std::size_t total(const Widths& widths) {
  return std::accumulate(widths.begin(), widths.end(), kCells - 1);
}

// As wide as what is in them; then those with several words as narrow as it takes.
Widths widths_of(const std::vector<Cells>& table, std::size_t width) {
  Widths widest = {}, narrowest = {}, usual = kUsual;
  for (const Cells& row : table) {
    for (std::size_t i = 0; i < kCells; i++) {
      widest[i] = std::max(widest[i], row[i].size());
      narrowest[i] = std::max(narrowest[i], longest_word(row[i]));
      usual[i] = std::max(usual[i], row[i].size());
    }
  }
  if (total(usual) <= width) return usual;
  for (std::size_t i : {kRulesFound, kExplored}) {
    const std::size_t others = total(widest) - widest[i];
    widest[i] = std::max(narrowest[i], std::min(widest[i], width - std::min(others, width)));
  }
  return widest;
}

// A cell that does not fit goes on below.
std::string print_cells_in(const Cells& row, const Widths& widths) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < kCells; i++) {
    std::size_t at = 0;
    for (const std::string& part : lines_of(wrapped("", row[i], widths[i], 0))) {
      if (at == lines.size()) lines.emplace_back();
      std::string& line = lines[at++];
      line.resize(begin, ' ');
      line += part;
    }
    begin += widths[i] + 1;
  }
  return fmt::format("{}\n", fmt::join(lines, "\n"));
}

// Below a row: why it is not the whole answer, and what it has that the row before has not.
std::string remarks_on(const MatrixRow& row, std::size_t width) {
  const auto remark = [&](const std::string& text) { return wrapped("  ", text, width, 4); };
  std::string text;
  if (row.explored == nullptr) text += remark(row.answer.why);
  if (row.explored != nullptr && !row.explored->x.exhausted) {
    text += remark(
        fmt::format("gave up after {} schedules, and there are more; give more --schedules, or "
                    "fewer --preemptions",
                    row.explored->x.schedules));
  }
  if (row.explored != nullptr && row.explored->x.inconclusive != 0)
    text += remark(
        fmt::format("{} of the schedules reached the step limit", row.explored->x.inconclusive));
  return row.border.empty() ? text : text + remark("^ " + row.border);
}

}  // namespace

std::string table_words(const std::vector<MatrixRow>& rows, std::size_t width) {
  std::vector<Cells> table = {
      {"kernel", "explored", unbroken("findings by rule"), unbroken("raw replay")}};
  for (const MatrixRow& row : rows) table.push_back(cells_of(row));
  const Widths widths = widths_of(table, width);
  std::string text = print_cells_in(table[0], widths);
  for (std::size_t i = 0; i < rows.size(); i++)
    text += print_cells_in(table[i + 1], widths) + remarks_on(rows[i], width);
  return text;
}

nlohmann::json row_as_json(const MatrixRow& row) {
  nlohmann::json j = {{"border", row.border},
                      {"commit", row.commit},
                      {"failing", row.answer.failing},
                      {"kernel", row.kernel},
                      {"preemptions", row.answer.preemptions},
                      {"total", row.answer.total},
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
