// Journal: what a campaign had reached at which moment, one JSON object a line, in a file that is
// only appended to.
//
// Whoever is killed while it writes leaves a torn last line, which is dropped by the next one who
// opens it. Times are the campaign's own: those when it was down do not count.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rmap {

struct JournalLine {
  uint64_t elapsed_ms = 0;  // Of the campaign's own running time.
  uint64_t at = 0;          // Seconds since 1970, for people, and for the time it was down.
  uint64_t executions = 0;
  uint64_t corpus_files = 0;
  uint64_t sites = 0;
  uint64_t pairs = 0;
  uint64_t findings = 0;
  uint64_t restarts = 0;  // Of fuzzers that ended by themselves.
  std::string event;      // sample, start, input, died, merged, stop.
  std::string what;       // The input's name, why the fuzzer died, ...

  bool operator==(const JournalLine&) const = default;
};

// Without the newline.
std::string print_journal_line(const JournalLine& line);
// False if it is none.
bool parse_journal_line(std::string_view text, JournalLine& line);

// All lines of a journal's text, up to the last complete one.
struct JournalText {
  std::vector<JournalLine> lines;
  std::size_t bytes = 0;  // That are whole lines; what follows is torn.
  std::string error;      // "LINE: what, and what to do", or nothing.
};
JournalText parse_journal(std::string_view text);

class Journal {
 public:
  Journal() = default;
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Reads what is there, drops a torn last line, and goes on behind it. Returns what is wrong, or
  // nothing.
  std::string open(const std::string& path);
  // Returns what is wrong, or nothing; after an error always that one.
  std::string append(const JournalLine& line);
  const std::vector<JournalLine>& lines() const { return lines_; }

 private:
  std::string path_;
  int file_ = -1;
  std::size_t bytes_ = 0;
  std::string error_;  // The first one of append().
  std::vector<JournalLine> lines_;
};

// Seconds that the campaign was down, between a line and the start that follows it.
uint64_t downtime_of(const std::vector<JournalLine>& lines);

}  // namespace rmap
