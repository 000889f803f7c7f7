// SPDX-License-Identifier: Apache-2.0
#include "repro/compare/litmus_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "repro/run/search.h"

namespace rmap {
namespace {

constexpr std::string_view kBegin = "<!-- Generated: ./run rmapfuzz litmus --table --update -->\n";
constexpr std::string_view kEnd = "<!-- End of what is generated. -->\n";

// Words by hand, as a cell: a bar would end it.
std::string text_cell(std::string_view text) {
  std::string cell;
  for (char c : text) {
    if (c == '|') cell += '\\';
    cell += c;
  }
  return cell;
}

// "v3.0 missed_pte 108/1418 @2"; the column and the counts say whether that is never or sometimes.
std::string expectation_words(const Expectation& e) {
  std::string text = e.kernel;
  if (e.rule != Rule::none) text += fmt::format(" {}", rule_info(e.rule).name);
  if (e.verdict == Verdict::always) text += " always";
  if (e.vacuous) text += " vacuous";
  const uint32_t bound = e.complete ? kAllSchedules : e.preemptions;
  return e.counted ? fmt::format("{} {}", text, counts_words(e.failing, e.total, bound)) : text;
}

// A cell with the kernels that break, or with those that do not, a line each.
std::string kernels_cell(const Litmus& l, bool never) {
  std::vector<std::string> lines;
  for (const Expectation& e : l.expectations) {
    if ((e.verdict == Verdict::never) == never) lines.push_back(expectation_words(e));
  }
  return fmt::format("{}", fmt::join(lines, "<br>"));
}

// The cells that both tables end with.
std::string verdict_cells(const Litmus& l) {
  return fmt::format("{} | {}", kernels_cell(l, false), kernels_cell(l, true));
}

std::string link_cell(const Litmus& l) { return fmt::format("[{0}]({0}.litmus)", l.name); }

// The first sentence of the comment that a file begins with.
std::string first_sentence(std::string_view content) {
  std::string text;
  while (content.starts_with('#')) {
    const std::size_t end = std::min(content.find('\n'), content.size());
    const std::string_view line = content.substr(0, end);
    text += line.substr(std::min(line.find_first_not_of("# "), end));
    text += ' ';
    content.remove_prefix(std::min(end + 1, content.size()));
  }
  return text.substr(0, text.find(". "));
}

struct LitmusRow {
  const Entry* entry;
  const Litmus* litmus;
};

std::vector<LitmusRow> rows_by_number(const std::vector<Input>& files) {
  std::vector<LitmusRow> rows;
  for (const Input& file : files) {
    for (const Entry& entry : file.litmus.entries) rows.push_back({&entry, &file.litmus});
  }
  std::stable_sort(rows.begin(), rows.end(), [](const LitmusRow& a, const LitmusRow& b) {
    return a.entry->number < b.entry->number;
  });
  return rows;
}

}  // namespace

std::string litmus_table(const std::vector<Input>& files) {
  std::string text =
      "| entry | fixed by | what was wrong | litmus | breaks under | never under |\n"
      "|---|---|---|---|---|---|\n";
  for (const auto& [entry, litmus] : rows_by_number(files)) {
    text += fmt::format("| {} | {} | {} | {} | {} |\n", entry->number,
                        entry->commit.empty() ? "-" : entry->commit, text_cell(entry->description),
                        link_cell(*litmus), verdict_cells(*litmus));
  }
  text +=
      "\n| litmus | what it shows | breaks under | never under |\n"
      "|---|---|---|---|\n";
  for (const Input& file : files) {
    if (!file.litmus.entries.empty()) continue;
    text += fmt::format("| {} | {} | {} |\n", link_cell(file.litmus),
                        text_cell(first_sentence(file.content)), verdict_cells(file.litmus));
  }
  return text;
}

std::optional<std::string> with_litmus_table(std::string_view readme, std::string_view table) {
  const std::size_t begin = readme.find(kBegin);
  const std::size_t end = readme.find(kEnd, std::min(begin, readme.size()));
  if (begin == std::string_view::npos || end == std::string_view::npos) return std::nullopt;
  return fmt::format("{}\n{}\n{}", readme.substr(0, begin + kBegin.size()), table,
                     readme.substr(end));
}

}  // namespace rmap
