// SPDX-License-Identifier: Apache-2.0
#include "repro/matrix_table.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "repro/search.h"

namespace rmap {
namespace {

constexpr std::size_t kColumns = 100;

std::string line(std::string_view kernel, std::string_view explored, std::string_view rules,
                 std::string_view raw) {
  return fmt::format("{:<30} {:<26} {:<28} {}\n", kernel, explored, rules, raw);
}

// Why a row is not the whole answer.
std::string notes(const Exploration& x) {
  std::string text;
  if (!x.exhausted) text += fmt::format("  {}\n", unfinished_words(x));
  if (x.inconclusive != 0)
    text += fmt::format("  {} of the schedules reached the step limit\n", x.inconclusive);
  return text;
}

}  // namespace

std::string heading_words() { return line("kernel", "explored", "findings by rule", "raw replay"); }

std::string row_words(const MatrixRow& row) {
  const std::string name = row.commit.empty() ? row.kernel : "  +" + row.commit;
  std::string text;
  if (row.explored == nullptr) {
    text = line(name, "refused", "-", "-") + wrapped(row.answer.why, 2);
  } else {
    const Exploration& x = row.explored->x;
    const Answer& a = row.answer;
    const std::string rules = rules_words(x);
    text =
        line(name, fmt::format("{} {}", a.verdict, counts_words(a.failing, a.total, a.preemptions)),
             rules.empty() ? "-" : rules, row.explored->raw_replay);
    text += notes(x);
  }
  if (!row.border.empty()) text += wrapped("^ " + row.border, 2);
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

std::string wrapped(const std::string& text, std::size_t indent) {
  std::string all;
  std::string now(indent, ' ');
  bool empty = true;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (!empty && now.size() + 1 + word.size() > kColumns) {
      all += now + "\n";
      now = std::string(indent + 2, ' ');
      empty = true;
    }
    now += (empty ? "" : " ") + word;
    empty = false;
  }
  return all + now + "\n";
}

}  // namespace rmap
