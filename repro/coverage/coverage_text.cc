// Coverage as text and as JSON.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/kernel/chain.h"
#include "repro/coverage/coverage.h"
#include "repro/print/text.h"

namespace rmap {
namespace {

constexpr std::size_t kFunctionsShown = 20;

std::string name_of(const CoverageReport::Operations& o) {
  return fmt::format("{}+{}", op_info(o.a).name, op_info(o.b).name);
}
std::string name_of(const CoverageReport::RuleValue& r) {
  return fmt::format("{}={}", r.rule, r.value);
}

// "merge_order=as_found", or with how many inputs notice.
std::string name_with_count(const CoverageReport::RuleValue& r) {
  return fmt::format("{} ({})", name_of(r), r.told_apart);
}

std::string name_of(const CoverageReport::SiteRow& row) {
  const std::string where = row.reached ? "" : row.where();
  return fmt::format("{}{}{}", kSites[row.site.index], row.is_lock ? "*" : "",
                     where.empty() ? "" : " [" + where + "]");
}

// A heading and names in lines below it; nothing without names.
std::string section(std::string_view heading, const std::vector<std::string>& names,
                    std::size_t width) {
  if (names.empty()) return {};
  std::vector<std::string> words;
  for (const std::string& name : names) words.push_back(unbroken(name));
  return "\n" + wrapped("", fmt::format("{}:", heading), width) +
         wrapped("  ", fmt::format("{}", fmt::join(words, ", ")), width);
}

template <typename Rows, typename Keep, typename Name>
std::vector<std::string> names(const Rows& rows, const Keep& keep, const Name& name) {
  std::vector<std::string> result;
  for (const auto& row : rows) {
    if (keep(row)) result.push_back(name(row));
  }
  return result;
}

template <typename Rows, typename Keep>
std::size_t count(const Rows& rows, const Keep& keep) {
  return static_cast<std::size_t>(std::count_if(rows.begin(), rows.end(), keep));
}

using Operations = CoverageReport::Operations;
using SiteRow = CoverageReport::SiteRow;
using RuleValue = CoverageReport::RuleValue;
using Judged = CoverageReport::Judged;
using Functions = CoverageReport::Functions;

constexpr auto met = [](const Operations& o) { return o.met; };
constexpr auto reached = [](const SiteRow& s) { return s.reached; };
constexpr auto locked = [](const SiteRow& s) { return s.is_lock; };
constexpr auto told = [](const RuleValue& r) { return r.told_apart != 0; };
constexpr auto refused = [](const RuleValue& r) { return r.refused; };
constexpr auto judged = [](const Judged& j) { return j.judged; };
constexpr auto shown = [](const Judged& j) { return j.shown; };
constexpr auto row_name = [](const auto& row) { return name_of(row); };
constexpr auto name_of_rule = [](const Judged& j) { return std::string(j.name); };

std::string summary(const CoverageReport& r, std::size_t width) {
  const Reached& all = r.reached;
  std::string text =
      fmt::format("{} {} under {}; {} of {} operations took effect ({} %)\n", r.inputs,
                  r.inputs == 1 ? "input" : "inputs", r.kernel, all.effective, all.operations,
                  all.operations == 0 ? 0 : all.effective * 100 / all.operations);
  if (all.findings != 0)
    text += fmt::format("{} ended in a finding, and did not get any further\n", all.findings);
  if (!r.unusable.empty())
    text += fmt::format("{} files hold no input and are not counted\n", r.unusable.size());
  const auto row = [&](std::string_view what, uint64_t n, uint64_t of, std::string_view words) {
    text += wrapped(fmt::format("{:<14}{:>6} of {:<6} ", what, n, of), std::string(words), width);
  };
  const std::size_t sensible = r.rules.size() - count(r.rules, refused);
  row("operations", count(r.operations, met), r.operations.size(),
      "pairs of kinds were under way at the same time");
  row("sites", count(r.sites, reached), r.sites.size(),
      "sites of the model, of all kernels, were reached");
  row("locks", count(r.sites, [](const SiteRow& s) { return s.is_lock && s.reached; }),
      count(r.sites, locked), "of these take a lock");
  row("kernel rules", count(r.rules, told), sensible,
      "other values of the kernel's rules make a difference");
  row("oracle rules", count(r.judged, judged), r.judged.size(), "rules had something to judge");
  row("interleavings", all.pairs.size(), r.conceivable_pairs(),
      "conceivable pairs of sites were seen at one object");
  return text;
}

std::string functions_table(const CoverageReport& r, std::size_t width) {
  std::vector<Functions> rows = r.functions;
  const auto missing = [](const Functions& f) { return f.conceivable - f.seen; };
  std::stable_sort(rows.begin(), rows.end(),
                   [&](const Functions& a, const Functions& b) { return missing(a) > missing(b); });
  if (rows.size() > kFunctionsShown) rows.resize(kFunctionsShown);
  std::string text =
      "\n" +
      wrapped("",
              "functions with most pairs never seen (a pair is conceivable when both sites handle "
              "objects of one class; many are impossible: a lock keeps them apart, or no two tasks "
              "get there with one object):",
              width) +
      "  never  seen  of\n";
  for (const Functions& f : rows)
    text += fmt::format("  {:>5}  {:>4}  {:<4} {} after {}\n", missing(f), f.seen, f.conceivable,
                        f.after, f.before);
  return text;
}

std::string pairs_list(const CoverageReport& r, std::size_t width) {
  std::string text = "\npairs seen (a site, and the site whose object it came to next):\n";
  for (uint16_t i = 1; i < std::size(kSites); i++) {
    for (uint16_t j = 1; j < std::size(kSites); j++) {
      if (r.reached.pairs.has(Site{i}, Site{j}))
        text += wrapped("  ", fmt::format("{} after {}", kSites[j], kSites[i]), width, 4);
    }
  }
  return text;
}

}  // namespace

std::string coverage_text(const CoverageReport& r, bool all, std::size_t width) {
  std::string text = summary(r, width);
  const auto no = [](const auto& is) { return [&is](const auto& row) { return !is(row); }; };
  const auto list = [&](std::string_view heading, const std::vector<std::string>& rows) {
    text += section(heading, rows, width);
  };
  list("operations that never met", names(r.operations, no(met), row_name));
  list(
      "sites never reached (* takes a lock; [releases in which random programs or these inputs get "
      "there])",
      names(r.sites, no(reached), row_name));
  list("kernel rules that could as well have this value, for all that these inputs show",
       names(
           r.rules, [](const RuleValue& v) { return !v.refused && v.told_apart == 0; }, row_name));
  list("oracle rules that had nothing to judge", names(r.judged, no(judged), name_of_rule));
  list("oracle rules that were broken, and early signs that showed",
       names(r.judged, shown, name_of_rule));
  text += functions_table(r, width);
  if (!all) return text;
  list("operations that met", names(r.operations, met, row_name));
  list("sites reached", names(r.sites, reached, row_name));
  list("kernel rules that make a difference (to so many inputs)",
       names(r.rules, told, name_with_count));
  list("values that make no sense here", names(r.rules, refused, row_name));
  list("oracle rules that judged", names(r.judged, judged, name_of_rule));
  return text + pairs_list(r, width);
}

nlohmann::json coverage_json(const CoverageReport& r) {
  using nlohmann::json;
  json j = {{"kernel", r.kernel},
            {"inputs", r.inputs},
            {"unusable", json::array()},
            {"operations_run", r.reached.operations},
            {"operations_effective", r.reached.effective},
            {"findings", r.reached.findings},
            {"pairs_seen", r.reached.pairs.size()},
            {"pairs_conceivable", r.conceivable_pairs()},
            {"operation_pairs", json::array()},
            {"sites", json::array()},
            {"kernel_rules", json::array()},
            {"oracle_rules", json::array()},
            {"pairs", json::array()}};
  for (const Unusable& u : r.unusable)
    j["unusable"].push_back({{"error", u.error}, {"file", u.file}});
  for (const Operations& o : r.operations)
    j["operation_pairs"].push_back(
        {{"a", op_info(o.a).name}, {"b", op_info(o.b).name}, {"met", o.met}});
  for (const SiteRow& row : r.sites) {
    json in = json::array();
    for (std::size_t i = 0; i < row.releases.size(); i++) {
      if (row.releases[i]) in.push_back(releases()[i]);
    }
    j["sites"].push_back({{"site", kSites[row.site.index]},
                          {"lock", row.is_lock},
                          {"reached", row.reached},
                          {"releases", in}});
  }
  for (const RuleValue& v : r.rules)
    j["kernel_rules"].push_back({{"rule", v.rule},
                                 {"value", v.value},
                                 {"possible", !v.refused},
                                 {"told_apart", v.told_apart}});
  for (const Judged& o : r.judged)
    j["oracle_rules"].push_back(
        {{"rule", o.name}, {"early", o.early}, {"judged", o.judged}, {"shown", o.shown}});
  for (uint16_t i = 1; i < std::size(kSites); i++) {
    for (uint16_t k = 1; k < std::size(kSites); k++) {
      if (!r.uses[i].may_meet(r.uses[k])) continue;
      j["pairs"].push_back({{"before", kSites[i]},
                            {"after", kSites[k]},
                            {"seen", r.reached.pairs.has(Site{i}, Site{k})}});
    }
  }
  return j;
}

}  // namespace rmap
