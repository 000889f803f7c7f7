// Report: what a campaign has reached and found, for people and for programs.
//
// Printers are pure functions of the struct. Read next: supervisor.h, which fills it in.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "repro/soak/journal.h"

namespace rmap {

// When a finding was noticed: of the running time, and of the executions until then.
struct SeenAt {
  uint64_t elapsed_ms = 0;
  uint64_t executions = 0;
};

struct ReportedFinding {
  std::string name;
  std::string rule;
  std::string signature;
  std::string sentence;
  std::optional<SeenAt> first;
  uint32_t inputs = 0;   // That came to it.
  bool pending = false;  // Not yet minimized and explained.
  bool minimal = false;
  uint64_t operations = 0;
  uint64_t preemptions = 0;
  std::string story;       // The explain page,
  std::string story_file;  // and where it is.
  std::string replay;      // The commands.
  std::string keep;
};

struct SoakReport {
  std::string directory;
  std::string kernel;
  uint32_t model = 0;
  uint32_t seed = 0;
  uint32_t jobs = 0;
  bool finished = false;    // The time asked for is over.
  uint64_t elapsed_ms = 0;  // Of running,
  uint64_t planned_ms = 0;  // of which so much was asked for.
  uint64_t downtime_s = 0;
  uint32_t starts = 0;    // Of the campaign.
  uint32_t runs = 0;      // Of fuzzers,
  uint64_t restarts = 0;  // of which so many followed one that ended by itself.
  uint64_t executions = 0;
  uint64_t failing = 0;  // Executions that ended in a finding.
  uint64_t step_limits = 0;
  uint64_t unknown_accesses = 0;
  uint64_t operations = 0;
  uint64_t effective = 0;
  uint64_t corpus_files = 0;
  uint64_t pairs = 0;
  std::vector<std::string> sites_reached;
  std::vector<std::string> sites_missed;
  std::vector<JournalLine> growth;  // Some lines of the journal, over all of its time.
  std::vector<ReportedFinding> findings;
  std::vector<std::string> troubles;  // What went wrong with the tools themselves.

  uint64_t rate() const { return elapsed_ms == 0 ? 0 : executions * 1000 / elapsed_ms; }
};

std::string time_words(uint64_t ms);

// At most so many lines, evenly spread, the first and the last among them.
std::vector<JournalLine> thinned(const std::vector<JournalLine>& lines, std::size_t lines_max);

std::string print_soak_text(const SoakReport& r);
// A page of its own.
std::string print_soak_html(const SoakReport& r);
// One object on a line; keys are sorted.
std::string print_soak_json(const SoakReport& r);
// "soak: 1 h 2 min of 8 h, 12,345 executions (678 a second), corpus 9, sites 1, pairs 2, ..."
std::string status_line(const SoakReport& r, uint64_t findings);

// When a finding was seen and from what, and how small it is.
std::string seen_words(const ReportedFinding& f);
std::string size_words(const ReportedFinding& f);
// "7 of 9 (77 %)"
std::string share_words(uint64_t part, uint64_t whole);
// "7 of 9 (some belong to other kernels)"
std::string sites_words(const SoakReport& r);
// From where the commands of findings work.
inline constexpr const char* kCommandsNote = "Commands are for the folder of rmapfuzz.";

}  // namespace rmap
