// The report as a page: figures, growth as plots, findings with their stories folded.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "repro/print/html.h"
#include "repro/print/text.h"
#include "repro/soak/report.h"

namespace rmap {
namespace {

std::string code(const std::string& text) { return "<code>" + html_escaped(text) + "</code>"; }

std::string figures(const SoakReport& r) {
  const std::vector<std::vector<std::string>> rows = {
      {"kernel", html_escaped(fmt::format("{}, model version {}", r.kernel, r.model))},
      {"running time", fmt::format("{} of {}", time_words(r.elapsed_ms), time_words(r.planned_ms))},
      {"down", fmt::format("{}, {}", duration_words(r.downtime_s), counted(r.starts, "start"))},
      {"fuzzers", fmt::format("{}, seed {}; {}, {} of them after one that ended by itself", r.jobs,
                              r.seed, counted(r.runs, "run"), r.restarts)},
      {"executions",
       fmt::format("{}, {} a second", with_commas(r.executions), with_commas(r.rate()))},
      {"ended in a finding", with_commas(r.failing)},
      {"hit the step limit", with_commas(r.step_limits)},
      {"unknown accesses", with_commas(r.unknown_accesses)},
      {"operations that took effect", share_words(r.effective, r.operations)},
      {"corpus", counted(r.corpus_files, "file")},
      {"interleaving pairs", with_commas(r.pairs)},
      {"sites reached", sites_words(r)},
  };
  return html_table({}, rows);
}

std::string plots(const SoakReport& r) {
  const struct {
    const char* title;
    uint64_t JournalLine::*member;
  } kPlots[] = {{"Interleaving pairs", &JournalLine::pairs},
                {"Sites reached", &JournalLine::sites},
                {"Corpus files", &JournalLine::corpus_files},
                {"Executions", &JournalLine::executions}};
  std::string html =
      "<h2>Growth</h2>\n<p class=\"faint\">Over the running time; dashed lines are "
      "findings.</p>\n<div class=\"plots\">\n";
  for (const auto& p : kPlots) {
    Plot plot{p.title, {}, {}};
    for (const JournalLine& line : r.growth)
      plot.points.emplace_back(line.elapsed_ms / 1000, line.*p.member);
    for (const ReportedFinding& f : r.findings) {
      if (f.first) plot.marks.emplace_back(f.first->elapsed_ms / 1000, f.name);
    }
    html += svg_plot(plot);
  }
  return html + "</div>\n";
}

std::string finding_html(const ReportedFinding& f) {
  std::string html =
      fmt::format("<details>\n<summary><span class=\"finding\">{}</span> {}</summary>\n",
                  html_escaped(f.rule), code(f.signature.empty() ? f.name : f.signature));
  if (!f.sentence.empty()) html += fmt::format("<p>{}</p>\n", html_escaped(f.sentence));
  html += fmt::format("<p>{}<br/>{}</p>\n", seen_words(f), size_words(f));
  for (const std::string& command : {f.replay, f.keep}) {
    if (!command.empty()) html += fmt::format("<p>{}</p>\n", code(command));
  }
  if (!f.story.empty()) html += fmt::format("<pre>{}</pre>\n", html_escaped(f.story));
  return html + "</details>\n";
}

std::string names(const char* heading, const std::vector<std::string>& sites) {
  std::string html =
      fmt::format("<details>\n<summary>{}: {}</summary>\n<p>", heading, sites.size());
  for (const std::string& site : sites) html += code(site) + " ";
  return html + "</p>\n</details>\n";
}

}  // namespace

std::string print_soak_html(const SoakReport& r) {
  std::string body = fmt::format(
      "<h1>Soak of {}: {} {}</h1>\n<p class=\"lead\">{}, {}</p>\n", html_escaped(r.kernel),
      r.findings.empty() ? "no" : with_commas(r.findings.size()),
      r.findings.size() == 1 ? "finding" : "findings", html_escaped(r.directory),
      r.finished ? "finished" : "not finished");
  body += figures(r) + plots(r) + "<h2>Findings</h2>\n";
  body += fmt::format("<p class=\"faint\">{}</p>\n", r.findings.empty() ? "None." : kCommandsNote);
  for (const ReportedFinding& f : r.findings) body += finding_html(f);
  if (!r.troubles.empty()) {
    body += "<h2>Trouble of the tools themselves</h2>\n<ul>\n";
    for (const std::string& t : r.troubles) body += "<li>" + html_escaped(t) + "</li>\n";
    body += "</ul>\n";
  }
  body += "<h2>Sites</h2>\n" + names("Never reached", r.sites_missed) +
          names("Reached", r.sites_reached);
  return html_page(fmt::format("Soak of {}", r.kernel), body);
}

}  // namespace rmap
