// How a regress report looks: as text and as JSON. JUnit XML: junit.h.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/text/hint.h"
#include "core/text/quote.h"
#include "repro/keep/regress.h"

namespace rmap {
namespace {

std::string findings_words(const RegressRow& row) {
  std::vector<std::string> words;
  for (const auto& [rule, n] : row.findings) words.push_back(fmt::format("{} {}", rule, n));
  return fmt::format("{}", fmt::join(words, ", "));
}

std::string_view standing_word(const Remark& remark) {
  if (remark.kernel.empty()) return "unreadable";
  switch (remark.standing) {
    case Standing::holds: return "holds";
    case Standing::stale: return "stale";
    case Standing::inconclusive: return "inconclusive";
    case Standing::failed: return "failed";
  }
  return "";
}

}  // namespace

std::string files_words(std::size_t n) { return fmt::format("{} file{}", n, n == 1 ? "" : "s"); }

std::string remark_line(const RegressReport& report, const Remark& r) {
  if (r.kernel.empty()) return r.what;  // It says where.
  const std::string& file = report.files[r.file];
  return fmt::format("{}: {}: {}", r.line == 0 ? file : fmt::format("{}:{}", file, r.line),
                     standing_word(r), r.what);
}

std::string replay_command(const RegressReport& report, const Remark& r) {
  const std::string kernel = r.kernel.empty() ? "" : " --kernel " + shell_quoted(r.kernel);
  return fmt::format("{} replay {}{}", tool(), hinted(report.files[r.file]), kernel);
}

std::string regress_table(const RegressReport& report) {
  std::size_t width = 6;
  for (const RegressRow& row : report.rows) width = std::max(width, row.kernel.size());
  std::string text;
  const auto line = [&](auto kernel, auto files, auto clean, auto failed, auto stale,
                        auto inconclusive, const std::string& findings) {
    std::string row = fmt::format("{:<{}} {:>8} {:>8} {:>8} {:>8} {:>13}  {}", kernel, width, files,
                                  clean, failed, stale, inconclusive, findings);
    row.erase(row.find_last_not_of(' ') + 1);
    text += row + "\n";
  };
  line("kernel", "files", "clean", "failed", "stale", "inconclusive", "findings");
  for (const RegressRow& r : report.rows)
    line(r.kernel, r.files, r.clean, r.failed, r.stale, r.inconclusive, findings_words(r));
  return text + fmt::format("{}: {} passed, {} failed, {} stale, {} inconclusive, {} unreadable\n",
                            files_words(report.replayed), report.passed, report.failed,
                            report.stale, report.inconclusive, report.unreadable);
}

nlohmann::json regress_json(const RegressReport& report) {
  nlohmann::json kernels = nlohmann::json::array();
  for (const RegressRow& r : report.rows) {
    nlohmann::json findings = nlohmann::json::object();
    for (const auto& [rule, n] : r.findings) findings[std::string(rule)] = n;
    kernels.push_back({{"clean", r.clean},
                       {"failed", r.failed},
                       {"files", r.files},
                       {"findings", findings},
                       {"inconclusive", r.inconclusive},
                       {"kernel", r.kernel},
                       {"stale", r.stale}});
  }
  nlohmann::json remarks = nlohmann::json::array();
  for (const Remark& r : report.remarks) {
    remarks.push_back({{"file", report.files[r.file]},
                       {"kernel", r.kernel},
                       {"line", r.line},
                       {"replay", r.kernel.empty() ? "" : replay_command(report, r)},
                       {"state", standing_word(r)},
                       {"what", r.what}});
  }
  nlohmann::json errors = nlohmann::json::array();
  for (const Unusable& u : report.errors) errors.push_back({{"error", u.error}, {"file", u.file}});
  return {{"errors", errors},         {"failed", report.failed},
          {"files", report.replayed}, {"inconclusive", report.inconclusive},
          {"kernels", kernels},       {"model", kModelVersion},
          {"passed", report.passed},  {"remarks", remarks},
          {"stale", report.stale},    {"unreadable", report.unreadable}};
}

}  // namespace rmap
