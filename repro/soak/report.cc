// SPDX-License-Identifier: Apache-2.0
#include "repro/soak/report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "repro/print/html.h"
#include "repro/print/json.h"
#include "repro/print/text.h"

namespace rmap {
namespace {

std::string finding_text(const ReportedFinding& f) {
  std::string text = fmt::format("\n{}\n", f.name);
  for (const std::string& line : {f.signature, f.sentence, seen_words(f), size_words(f)}) {
    if (!line.empty()) text += wrapped("  ", line);
  }
  const std::pair<const char*, const std::string&> kNamed[] = {
      {"story:", f.story_file}, {"replay:", f.replay}, {"keep:", f.keep}};
  for (const auto& [name, what] : kNamed) {
    if (!what.empty()) text += fmt::format("  {:<8}{}\n", name, what);
  }
  return text;
}

nlohmann::json finding_json(const ReportedFinding& f) {
  const nlohmann::json unknown;
  return {{"first_execution", f.first ? nlohmann::json(f.first->executions) : unknown},
          {"first_ms", f.first ? nlohmann::json(f.first->elapsed_ms) : unknown},
          {"inputs", f.inputs},
          {"keep", f.keep},
          {"minimal", f.minimal},
          {"name", f.name},
          {"operations", f.operations},
          {"pending", f.pending},
          {"preemptions", f.preemptions},
          {"replay", f.replay},
          {"rule", f.rule},
          {"sentence", f.sentence},
          {"signature", f.signature},
          {"story", f.story},
          {"story_file", f.story_file}};
}

nlohmann::json growth_json(const std::vector<JournalLine>& lines) {
  nlohmann::json growth = nlohmann::json::array();
  for (const JournalLine& line : lines) {
    growth.push_back({{"corpus", line.corpus_files},
                      {"elapsed_ms", line.elapsed_ms},
                      {"executions", line.executions},
                      {"findings", line.findings},
                      {"pairs", line.pairs},
                      {"sites", line.sites}});
  }
  return growth;
}

}  // namespace

std::string time_words(uint64_t ms) { return duration_words(ms / 1000); }

std::vector<JournalLine> thinned(const std::vector<JournalLine>& lines, std::size_t lines_max) {
  if (lines.size() <= lines_max) return lines;
  std::vector<JournalLine> some;
  for (std::size_t i = 0; i < lines_max; i++)
    some.push_back(lines[i * (lines.size() - 1) / (lines_max - 1)]);
  return some;
}

std::string seen_words(const ReportedFinding& f) {
  const std::string from = "from " + counted(f.inputs, "input");
  if (!f.first) return from;
  return fmt::format("first seen after {}, by execution {}; {}", time_words(f.first->elapsed_ms),
                     with_commas(f.first->executions), from);
}

std::string size_words(const ReportedFinding& f) {
  if (f.pending) return "not minimized yet";
  return fmt::format("{}, {}{}", counted(f.operations, "operation"),
                     counted(f.preemptions, "preemption"), f.minimal ? "; minimal" : "");
}

std::string share_words(uint64_t part, uint64_t whole) {
  return fmt::format("{} of {} ({} %)", with_commas(part), with_commas(whole),
                     whole == 0 ? 0 : part * 100 / whole);
}

std::string sites_words(const SoakReport& r) {
  return fmt::format("{} of {} (some belong to other kernels)", r.sites_reached.size(),
                     r.sites_reached.size() + r.sites_missed.size());
}

std::string status_line(const SoakReport& r, uint64_t findings) {
  return fmt::format(
      "soak: {} of {}, {} executions ({} a second), corpus {}, sites {}, pairs {}, findings {}",
      time_words(r.elapsed_ms), time_words(r.planned_ms), with_commas(r.executions),
      with_commas(r.rate()), r.corpus_files, r.sites_reached.size(), with_commas(r.pairs),
      findings);
}

std::string print_soak_text(const SoakReport& r) {
  std::string text = fmt::format(
      "soak        {}\nkernel      {}, model version {}\n"
      "time        {} of {} ({}); down for {}, {}\n"
      "fuzzers     {}, seed {}; {}, {} of them after one that ended by itself\n"
      "executions  {}, {} a second; {} ended in a finding\n"
      "operations  {} took effect\n"
      "limits      {} executions hit the step limit, {} made an access that the access table does "
      "not know\n"
      "corpus      {}\n"
      "pairs       {} interleaving pairs\n"
      "sites       {}\n",
      r.directory, r.kernel, r.model, time_words(r.elapsed_ms), time_words(r.planned_ms),
      r.finished ? "finished" : "not finished", duration_words(r.downtime_s),
      counted(r.starts, "start"), r.jobs, r.seed, counted(r.runs, "run"), r.restarts,
      with_commas(r.executions), with_commas(r.rate()), with_commas(r.failing),
      share_words(r.effective, r.operations), with_commas(r.step_limits),
      with_commas(r.unknown_accesses), counted(r.corpus_files, "file"), with_commas(r.pairs),
      sites_words(r));
  text +=
      wrapped("never       ",
              r.sites_missed.empty() ? "none" : fmt::format("{}", fmt::join(r.sites_missed, " ")));
  for (const std::string& trouble : r.troubles) text += wrapped("trouble     ", trouble);
  text += fmt::format("findings    {}\n", r.findings.size());
  if (!r.findings.empty()) text += fmt::format("\n{}\n", kCommandsNote);
  for (const ReportedFinding& f : r.findings) text += finding_text(f);
  return text;
}

std::string print_soak_json(const SoakReport& r) {
  nlohmann::json findings = nlohmann::json::array();
  for (const ReportedFinding& f : r.findings) findings.push_back(finding_json(f));
  const nlohmann::json j = {{"corpus_files", r.corpus_files},
                            {"directory", r.directory},
                            {"downtime_s", r.downtime_s},
                            {"effective", r.effective},
                            {"elapsed_ms", r.elapsed_ms},
                            {"executions", r.executions},
                            {"failing_executions", r.failing},
                            {"findings", std::move(findings)},
                            {"finished", r.finished},
                            {"growth", growth_json(r.growth)},
                            {"jobs", r.jobs},
                            {"kernel", r.kernel},
                            {"model", r.model},
                            {"operations", r.operations},
                            {"pairs", r.pairs},
                            {"planned_ms", r.planned_ms},
                            {"restarts", r.restarts},
                            {"runs", r.runs},
                            {"seed", r.seed},
                            {"sites_missed", r.sites_missed},
                            {"sites_reached", r.sites_reached},
                            {"starts", r.starts},
                            {"step_limits", r.step_limits},
                            {"troubles", r.troubles},
                            {"unknown_accesses", r.unknown_accesses}};
  return json_text("soak/1", j) + "\n";
}

}  // namespace rmap
