// Coverage as a page for a browser.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "repro/coverage/coverage.h"
#include "repro/print/html.h"
#include "repro/print/text.h"

namespace rmap {
namespace {

using Functions = CoverageReport::Functions;

std::string code(std::string_view text) {
  return fmt::format("<code>{}</code>", html_escaped(text));
}

std::string section(std::string_view heading, std::string_view explained, std::string_view body) {
  return fmt::format("<h2>{}</h2>\n<p class=\"lead\">{}</p>\n{}", heading, explained, body);
}

// A square of a map: empty where nothing can be, outlined where nothing was seen, else the fuller
// the more.
std::string cell(uint32_t seen, uint32_t of, std::string_view says) {
  if (of == 0) return "<td></td>";
  const uint32_t percent = seen == 0 ? 0 : 20 + 80 * seen / of;
  return fmt::format(
      "<td title=\"{}\" style=\"padding:0;border:1px solid var(--line);width:.9rem;height:.9rem;"
      "background:color-mix(in srgb,var(--plot) {}%,transparent)\"></td>",
      html_escaped(says), percent);
}

// A square map: one row for each `after`, one column for each `before`.
template <typename Cell>
std::string map_of(const std::vector<std::string_view>& names, const Cell& cell_at) {
  std::string html = "<div class=\"wide\"><table>\n<tr><th></th>";
  for (std::string_view name : names)
    html += fmt::format(
        "<th "
        "style=\"writing-mode:vertical-rl;transform:rotate(180deg);white-space:nowrap;padding:0;"
        "font-weight:400\">{}</th>",
        code(name));
  html += "</tr>\n";
  for (std::string_view row : names) {
    html += fmt::format(
        "<tr><th style=\"padding:0 .5rem 0 0;white-space:nowrap;font-weight:400\">{}</th>",
        code(row));
    for (std::string_view column : names) html += cell_at(row, column);
    html += "</tr>\n";
  }
  return html + "</table></div>\n";
}

std::string summary_of_page(const CoverageReport& r) {
  const auto count = [](const auto& rows, const auto& is) {
    return std::to_string(std::count_if(rows.begin(), rows.end(), is));
  };
  std::vector<std::vector<std::string>> rows;
  const auto row = [&](std::string_view what, std::string n, std::string of) {
    rows.push_back({std::string(what), std::move(n), std::move(of)});
  };
  row("pairs of operations that were under way at the same time",
      count(r.operations, [](const auto& o) { return o.met; }),
      std::to_string(r.operations.size()));
  row("sites of the model, of all kernels", count(r.sites, [](const auto& s) { return s.reached; }),
      std::to_string(r.sites.size()));
  row("sites that take a lock",
      count(r.sites, [](const auto& s) { return s.is_lock && s.reached; }),
      count(r.sites, [](const auto& s) { return s.is_lock; }));
  row("other values of the kernel's rules that make a difference",
      count(r.rules, [](const auto& v) { return v.told_apart != 0; }),
      count(r.rules, [](const auto& v) { return !v.refused; }));
  row("rules of the oracle that had something to judge",
      count(r.judged, [](const auto& j) { return j.judged; }), std::to_string(r.judged.size()));
  row("interleaving pairs", with_commas(r.reached.pairs.size()),
      with_commas(r.conceivable_pairs()));
  return html_table({"", "reached", "of"}, rows, true);
}

std::string operations_map(const CoverageReport& r) {
  std::vector<std::string_view> names;
  for (const OpInfo& info : op_table()) names.push_back(info.name);
  std::set<std::pair<std::string_view, std::string_view>> met;
  for (const auto& o : r.operations) {
    if (!o.met) continue;
    met.emplace(op_info(o.a).name, op_info(o.b).name);
    met.emplace(op_info(o.b).name, op_info(o.a).name);
  }
  return map_of(names, [&](std::string_view a, std::string_view b) {
    const bool is_met = met.contains({a, b});
    return cell(is_met, 1, fmt::format("{} and {}: {}", a, b, is_met ? "met" : "never met"));
  });
}

std::string functions_map(const CoverageReport& r) {
  std::map<std::pair<std::string_view, std::string_view>, const Functions*> by_names;
  std::set<std::string_view> all;
  for (const Functions& f : r.functions) {
    by_names[{f.after, f.before}] = &f;
    all.insert({f.after, f.before});
  }
  const std::vector<std::string_view> names(all.begin(), all.end());
  return map_of(names, [&](std::string_view after, std::string_view before) {
    const auto at = by_names.find({after, before});
    if (at == by_names.end()) return cell(0, 0, "");
    const Functions& f = *at->second;
    return cell(f.seen, f.conceivable,
                fmt::format("{} after {}: {} of {}", after, before, f.seen, f.conceivable));
  });
}

std::string sites_table(const CoverageReport& r) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& row : r.sites) {
    if (row.reached) continue;
    const std::string where = row.where();
    rows.push_back({code(kSites[row.site.index]), row.is_lock ? "lock" : "",
                    where.empty() ? "no release" : html_escaped(where)});
  }
  return rows.empty() ? "<p>None.</p>\n" : html_table({"site", "", "reached in"}, rows);
}

std::string rules_table(const CoverageReport& r) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& v : r.rules) {
    const std::string told = v.refused ? "<span class=\"faint\">makes no sense here</span>"
                             : v.told_apart == 0 ? "<span class=\"finding\">none</span>"
                                                 : with_commas(v.told_apart);
    rows.push_back({code(fmt::format("{}={}", v.rule, v.value)), told});
  }
  return html_table({"value", "inputs that run otherwise"}, rows, true);
}

std::string judged_table(const CoverageReport& r) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& j : r.judged) {
    rows.push_back({code(j.name),
                    j.judged ? "judged" : "<span class=\"finding\">nothing to judge</span>",
                    !j.shown  ? ""
                    : j.early ? "early sign showed"
                              : "<span class=\"finding\">broken</span>"});
  }
  return html_table({"rule", "", ""}, rows);
}

std::string pairs_list(const CoverageReport& r, bool seen) {
  std::string html;
  for (uint16_t i = 1; i < std::size(kSites); i++) {
    for (uint16_t j = 1; j < std::size(kSites); j++) {
      if (r.reached.pairs.has(Site{i}, Site{j}) == seen && r.uses[i].may_meet(r.uses[j]))
        html += html_escaped(fmt::format("{} after {}\n", kSites[j], kSites[i]));
    }
  }
  return fmt::format("<details><summary>{}</summary><pre>{}</pre></details>\n",
                     seen ? "pairs that were seen" : "pairs that were never seen", html);
}

}  // namespace

std::string coverage_page(const CoverageReport& r) {
  std::string body = fmt::format(
      "<h1>What {} inputs reach under {}</h1>\n<p class=\"lead\">{} of {} operations took effect; "
      "{} findings; model "
      "version {}</p>\n",
      with_commas(r.inputs), html_escaped(r.kernel), with_commas(r.reached.effective),
      with_commas(r.reached.operations), with_commas(r.reached.findings), kModelVersion);
  body += summary_of_page(r);
  body += section(
      "Operations that met",
      "Two tasks carried them out at the same time, and both took effect, or a finding ended "
      "them. Full: met; outlined: never.",
      operations_map(r));
  body += section("Interleavings",
                  "What a task did to an object (the row) right after another task had handled it "
                  "(the column), by kernel "
                  "function. The fuller, the more of the conceivable pairs of sites were seen. "
                  "Many are impossible: a lock "
                  "keeps them apart.",
                  functions_map(r) + pairs_list(r, true) + pairs_list(r, false));
  body +=
      section("Sites never reached",
              "Most belong to other kernels: random programs, or these inputs, reach them in the "
              "releases that are named.",
              sites_table(r));
  body += section("Rules of the kernel",
                  "Each row is this kernel with one rule changed. If no input runs otherwise, "
                  "these inputs cannot tell "
                  "whether the rule is there.",
                  rules_table(r));
  body += section("Rules of the oracle",
                  "A rule that had nothing to judge would have missed every bug.", judged_table(r));
  return html_page(fmt::format("rmapfuzz coverage: {}", r.kernel), body);
}

}  // namespace rmap
