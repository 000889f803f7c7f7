// Coverage as text and as JSON.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "repro/coverage.h"

namespace rmap {
namespace {

constexpr std::size_t kFunctionsShown = 20;
constexpr std::size_t kWidth = 110;

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

std::string name_of(const CoverageReport::Place& p) {
  std::string name = fmt::format("{}{}", kSites[p.site.index], p.is_lock ? "*" : "");
  if (p.elsewhere.empty()) return name;
  const bool one = p.elsewhere.size() == 1;
  return one ? fmt::format("{} [{}]", name, p.elsewhere[0])
             : fmt::format("{} [{} to {}]", name, p.elsewhere.front(), p.elsewhere.back());
}

// A heading and names in lines below it; nothing without names.
std::string section(std::string_view heading, const std::vector<std::string>& names) {
  if (names.empty()) return {};
  std::string text = fmt::format("\n{}:\n", heading);
  std::string line = " ";
  for (const std::string& name : names) {
    if (line.size() + 2 + name.size() > kWidth) {
      text += line + "\n";
      line = " ";
    }
    line += " " + name + (&name == &names.back() ? "" : ",");
  }
  return text + line + "\n";
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
using Place = CoverageReport::Place;
using RuleValue = CoverageReport::RuleValue;
using Judged = CoverageReport::Judged;
using Functions = CoverageReport::Functions;

constexpr auto met = [](const Operations& o) { return o.met; };
constexpr auto reached = [](const Place& p) { return p.reached; };
constexpr auto locked = [](const Place& p) { return p.is_lock; };
constexpr auto told = [](const RuleValue& r) { return r.told_apart != 0; };
constexpr auto refused = [](const RuleValue& r) { return r.refused; };
constexpr auto judged = [](const Judged& j) { return j.judged; };
constexpr auto shown = [](const Judged& j) { return j.shown; };
constexpr auto name = [](const auto& row) { return name_of(row); };
constexpr auto rule_name = [](const Judged& j) { return std::string(j.name); };

std::string summary(const CoverageReport& r) {
  const Reached& all = r.reached;
  std::string text =
      fmt::format("{} {} under {}; {} of {} operations took effect ({} %)\n", r.inputs,
                  r.inputs == 1 ? "input" : "inputs", r.kernel, all.effective, all.operations,
                  all.operations == 0 ? 0 : all.effective * 100 / all.operations);
  const auto row = [&](std::string_view what, uint64_t n, uint64_t of, std::string_view words) {
    text += fmt::format("{:<14}{:>6} of {:<6} {}\n", what, n, of, words);
  };
  const std::size_t sensible = r.rules.size() - count(r.rules, refused);
  row("operations", count(r.operations, met), r.operations.size(),
      "pairs of kinds took effect at the same time");
  row("places", count(r.places, reached), r.places.size(), "places of the model were reached,");
  row("", count(r.places, [](const Place& p) { return p.is_lock && p.reached; }),
      count(r.places, locked), "where locks are taken");
  row("kernel rules", count(r.rules, told), sensible,
      "other values of the kernel's rules make a difference");
  row("oracle rules", count(r.judged, judged), r.judged.size(), "rules had something to judge");
  row("interleavings", all.pairs.size(), r.conceivable_pairs(),
      "conceivable pairs of places at one object");
  return text;
}

std::string functions_table(const CoverageReport& r) {
  std::vector<Functions> rows = r.functions;
  const auto missing = [](const Functions& f) { return f.conceivable - f.seen; };
  std::stable_sort(rows.begin(), rows.end(),
                   [&](const Functions& a, const Functions& b) { return missing(a) > missing(b); });
  if (rows.size() > kFunctionsShown) rows.resize(kFunctionsShown);
  std::string text =
      "\nfunctions with most pairs never seen (a pair is conceivable when both places handle "
      "objects of one class;\n"
      "many are impossible: a lock keeps them apart, or no two tasks get there with one object):\n";
  for (const Functions& f : rows)
    text += fmt::format("  {:>4} of {:<4} {} after {}\n", f.seen, f.conceivable, f.after, f.before);
  return text;
}

std::string pairs_list(const CoverageReport& r) {
  std::string text = "\npairs seen (a place, and the place whose object it came to next):\n";
  for (uint16_t i = 1; i < std::size(kSites); i++) {
    for (uint16_t j = 1; j < std::size(kSites); j++) {
      if (r.reached.pairs.has(Site{i}, Site{j}))
        text += fmt::format("  {} after {}\n", kSites[j], kSites[i]);
    }
  }
  return text;
}

}  // namespace

std::string coverage_text(const CoverageReport& r, bool all) {
  std::string text = summary(r);
  const auto no = [](const auto& is) { return [&is](const auto& row) { return !is(row); }; };
  text += section("operations that never met", names(r.operations, no(met), name));
  text +=
      section("places never reached (* takes a lock; [releases under which these inputs reach it])",
              names(r.places, no(reached), name));
  text += section(
      "kernel rules that could as well have this value",
      names(
          r.rules, [](const RuleValue& v) { return !v.refused && v.told_apart == 0; }, name));
  text += section("oracle rules that had nothing to judge", names(r.judged, no(judged), rule_name));
  text += section("oracle rules that were broken, and early signs that showed",
                  names(r.judged, shown, rule_name));
  text += functions_table(r);
  if (!all) return text;
  text += section("operations that met", names(r.operations, met, name));
  text += section("places reached", names(r.places, reached, name));
  text += section("kernel rules that make a difference (to so many inputs)",
                  names(r.rules, told, name_with_count));
  text += section("values that make no sense here", names(r.rules, refused, name));
  text += section("oracle rules that judged", names(r.judged, judged, rule_name));
  return text + pairs_list(r);
}

nlohmann::json coverage_json(const CoverageReport& r) {
  using nlohmann::json;
  json j = {{"kernel", r.kernel},
            {"inputs", r.inputs},
            {"unusable", r.unusable},
            {"operations_run", r.reached.operations},
            {"operations_effective", r.reached.effective},
            {"findings", r.reached.findings},
            {"pairs_seen", r.reached.pairs.size()},
            {"pairs_conceivable", r.conceivable_pairs()},
            {"operation_pairs", json::array()},
            {"places", json::array()},
            {"kernel_rules", json::array()},
            {"oracle_rules", json::array()},
            {"pairs", json::array()}};
  for (const Operations& o : r.operations)
    j["operation_pairs"].push_back(
        {{"a", op_info(o.a).name}, {"b", op_info(o.b).name}, {"met", o.met}});
  for (const Place& p : r.places)
    j["places"].push_back({{"place", kSites[p.site.index]},
                           {"lock", p.is_lock},
                           {"reached", p.reached},
                           {"elsewhere", p.elsewhere}});
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
