// SPDX-License-Identifier: Apache-2.0
#include "repro/soak/gather.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/quote.h"
#include "core/sites.h"
#include "repro/input.h"
#include "repro/soak/findings.h"
#include "repro/soak/worker.h"

namespace rmap {
namespace {

constexpr std::size_t kGrowthLines = 300;
constexpr std::size_t kDeathsShown = 5;
constexpr std::size_t kStoryBytesMax = 1u << 20;

// The journal's line about each input, the first one.
using FirstSeen = std::map<std::string, const JournalLine*, std::less<>>;

FirstSeen first_seen_in(const std::vector<JournalLine>& journal) {
  FirstSeen seen;
  for (const JournalLine& line : journal) {
    if (line.event == "input") seen.emplace(line.what, &line);
  }
  return seen;
}

void put_first_seen(const FirstSeen& seen, const std::string& input, ReportedFinding& f) {
  const auto it = seen.find(input);
  if (it == seen.end()) return;
  if (f.first_execution != 0 && f.first_ms <= it->second->elapsed_ms) return;
  f.first_ms = it->second->elapsed_ms;
  f.first_execution = it->second->executions;
}

std::string replay_command(const std::string& path, const std::string& kernel) {
  return fmt::format("./run rmapfuzz replay {} --kernel {}", shell_quoted(path),
                     shell_quoted(kernel));
}

ReportedFinding reported(const Folder& folder, const SoakFinding& k, const FirstSeen& seen,
                         const std::string& kernel) {
  ReportedFinding f;
  f.name = k.name;
  f.rule = k.rule;
  f.signature = k.signature;
  f.sentence = k.sentence;
  f.inputs = static_cast<uint32_t>(k.inputs.size());
  f.minimal = k.minimal;
  f.operations = k.operations;
  f.preemptions = k.preemptions;
  const std::string path = folder.file("findings/") + k.name;
  f.replay = replay_command(path + std::string(finding_ending(folder, k.name)), kernel);
  if (!read_file(path + ".txt", kStoryBytesMax, f.story).empty()) f.story.clear();
  for (const std::string& input : k.inputs) put_first_seen(seen, input, f);
  return f;
}

ReportedFinding pending(const Folder& folder, const std::string& input, const FirstSeen& seen,
                        const std::string& kernel) {
  ReportedFinding f;
  f.name = input;
  f.rule = input.substr(0, input.rfind('-'));
  f.inputs = 1;
  f.pending = true;
  f.replay = replay_command(folder.file("inputs/") + input, kernel);
  put_first_seen(seen, input, f);
  return f;
}

void put_findings(const Folder& folder, const std::vector<JournalLine>& journal, SoakReport& r) {
  const FirstSeen seen = first_seen_in(journal);
  const std::map<std::string, uint32_t> runs = runs_by_signature(folder.file("logs"));
  const std::vector<SoakFinding> kept = kept_findings(folder);
  for (const SoakFinding& k : kept) {
    r.findings.push_back(reported(folder, k, seen, r.kernel));
    const auto it = runs.find(k.signature);
    if (it != runs.end()) r.findings.back().runs = it->second;
  }
  for (const std::string& input : inputs_to_do(folder, kept))
    r.findings.push_back(pending(folder, input, seen, r.kernel));
  std::stable_sort(
      r.findings.begin(), r.findings.end(),
      [](const ReportedFinding& a, const ReportedFinding& b) { return a.first_ms < b.first_ms; });
}

void put_deaths(const std::vector<JournalLine>& journal, SoakReport& r) {
  std::size_t deaths = 0;
  for (auto it = journal.rbegin(); it != journal.rend() && deaths < kDeathsShown; ++it) {
    if (it->event != "died") continue;
    r.troubles.push_back(
        fmt::format("a fuzzer ended by itself, {}; see {}/logs/", it->what, r.directory));
    deaths++;
  }
}

}  // namespace

void gather(const Folder& folder, const std::vector<JournalLine>& journal, SoakReport& r) {
  r.directory = folder.path();
  r.downtime_s = downtime_of(journal);
  for (const JournalLine& line : journal) r.starts += line.event == "start";
  r.growth = thinned(journal, kGrowthLines);
  put_findings(folder, journal, r);
  for (const std::string& name : broken_fuzzers(folder)) {
    r.troubles.push_back(fmt::format("an input broke the fuzzer itself: {}",
                                     shell_quoted(folder.file("crashes/") + name)));
  }
  put_deaths(journal, r);
}

void put_reached(const Reached& reached, SoakReport& r) {
  r.executions = reached.executions;
  r.failing = reached.findings;
  r.step_limits = reached.step_limits;
  r.unknown_accesses = reached.unknown_accesses;
  r.operations = reached.operations;
  r.effective = reached.effective;
  r.pairs = reached.pairs.size();
  for (uint16_t i = 1; i < std::size(kSites); i++) {
    auto& names = reached.has_site(Site{i}) ? r.sites_reached : r.sites_missed;
    names.emplace_back(kSites[i]);
  }
}

std::vector<std::string> broken_fuzzers(const Folder& folder) {
  std::vector<std::string> names = files_in(folder.file("crashes"));
  std::erase_if(names, [](const std::string& name) { return name.starts_with("slow-unit-"); });
  return names;
}

}  // namespace rmap
