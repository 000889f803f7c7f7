// SPDX-License-Identifier: Apache-2.0
#include "repro/soak/gather.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "core/model/sites.h"
#include "core/text/hint.h"
#include "core/text/quote.h"
#include "repro/files/file.h"
#include "repro/soak/findings.h"

namespace rmap {
namespace {

constexpr std::size_t kGrowthLines = 300;
constexpr std::size_t kTroublesShown = 5;  // Of a kind.
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
  if (f.first && f.first->elapsed_ms <= it->second->elapsed_ms) return;
  f.first = SeenAt{it->second->elapsed_ms, it->second->executions};
}

// As a regression it is called after its rule anyway; the hash remains.
std::string keep_command(const std::string& path, const std::string& kernel,
                         const std::string& name) {
  return fmt::format("{} keep {} --kernel {} --name {}", tool(), hinted(path), shell_quoted(kernel),
                     shell_quoted(name.substr(name.rfind('-') + 1)));
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
  const std::string execution = execution_file(folder, k.name);
  f.replay = replay_command(execution, kernel);
  if (execution.ends_with(".litmus")) f.keep = keep_command(execution, kernel, k.name);
  f.story_file = folder.file("findings/") + k.name + ".txt";
  if (!read_file(f.story_file, kStoryBytesMax, f.story).empty()) f.story.clear();
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
  const std::vector<SoakFinding> kept = kept_findings(folder);
  for (const SoakFinding& k : kept) r.findings.push_back(reported(folder, k, seen, r.kernel));
  for (const std::string& input : inputs_to_do(folder, kept))
    r.findings.push_back(pending(folder, input, seen, r.kernel));
  std::stable_sort(r.findings.begin(), r.findings.end(),
                   [](const ReportedFinding& a, const ReportedFinding& b) {
                     return a.first && (!b.first || a.first->elapsed_ms < b.first->elapsed_ms);
                   });
}

void put_deaths(const std::vector<JournalLine>& journal, SoakReport& r) {
  std::size_t deaths = 0;
  for (auto it = journal.rbegin(); it != journal.rend() && deaths < kTroublesShown; ++it) {
    if (it->event != "died") continue;
    r.troubles.push_back(
        fmt::format("a fuzzer ended by itself, {}; see {}/logs/", it->what, r.directory));
    deaths++;
  }
}

void put_crashes(const Folder& folder, SoakReport& r) {
  const std::vector<std::string> names = broken_fuzzers(folder);
  for (std::size_t i = 0; i < std::min(names.size(), kTroublesShown); i++) {
    r.troubles.push_back(fmt::format("an input broke the fuzzer itself: {}",
                                     shell_quoted(folder.file("crashes/") + names[i])));
  }
  if (names.size() > kTroublesShown) {
    r.troubles.push_back(fmt::format("... and so did {} more in {}", names.size() - kTroublesShown,
                                     folder.file("crashes/")));
  }
}

void put_damaged(const Folder& folder, SoakReport& r) {
  for (const std::string& name : files_in(folder.file("reached"))) {
    if (!name.ends_with(".damaged")) continue;
    r.troubles.push_back(fmt::format("what a run reached could not be read, and does not count: {}",
                                     folder.file("reached/") + name));
  }
}

}  // namespace

void gather(const Folder& folder, const std::vector<JournalLine>& journal, SoakReport& r) {
  r.directory = folder.path();
  r.downtime_s = downtime_of(journal);
  for (const JournalLine& line : journal) r.starts += line.event == "start";
  r.growth = thinned(journal, kGrowthLines);
  put_findings(folder, journal, r);
  put_crashes(folder, r);
  put_damaged(folder, r);
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
  std::erase_if(names, [&](const std::string& name) {
    std::error_code code;
    return name.starts_with("slow-unit-") ||
           std::filesystem::file_size(folder.file("crashes/") + name, code) == 0;
  });
  return names;
}

}  // namespace rmap
