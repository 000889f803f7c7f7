// Worker: one fuzzer of a campaign, which is started again when it ends by itself.
//
// Each start is a run of its own, with a new seed, a file of what it reached, and a log.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "repro/soak/folder.h"
#include "repro/soak/process.h"
#include "repro/soak/totals.h"

namespace rmap {

struct WorkerOptions {
  std::string fuzzer;  // The program: a fuzz target.
  std::string kernel;
  std::vector<std::string> seeds;  // Corpora that are only read.
  uint32_t seed = 0;               // Of the campaign.
};

// The command of a run.
std::vector<std::string> worker_command(const Folder& folder, const WorkerOptions& options,
                                        uint32_t run);

// How long to wait before the next start, after so many runs in a row that ended at once.
uint64_t pause_after(uint32_t short_runs);

class Worker {
 public:
  Worker(const Folder& folder, const WorkerOptions& options, Totals& totals)
      : folder_(&folder), options_(&options), totals_(&totals) {}

  // Starts it if it is time to. If it has just ended, how: "run 0003: exit code 77". `now_ms`:
  // any clock.
  std::optional<std::string> tick(uint64_t now_ms);
  void signal(int number) const { process_.signal(number); }
  // True as soon as it has ended, having been told to.
  bool has_stopped();
  void kill();
  // How many runs in a row have ended at once.
  uint32_t short_runs() const { return short_runs_; }
  // Keeps the log of a run that goes on for weeks short.
  void tidy_log() const;

 private:
  void note_end();
  const Folder* folder_;
  const WorkerOptions* options_;
  Totals* totals_;
  Process process_;
  uint32_t run_ = 0;
  uint64_t started_ms_ = 0;
  uint64_t next_start_ms_ = 0;
  uint32_t short_runs_ = 0;
};

// Cuts a log down to its last lines. What the fuzzer prints at the same moment may be lost.
void shorten_log(const std::string& path, std::size_t bytes_max, std::size_t bytes_kept);

// The number of the last run that left a log.
uint32_t last_logged_run(const std::string& logs);

// Removes the logs of runs but for the last hundred. Requires: all up to `ended_up_to` have ended.
void remove_old_logs(const std::string& logs, uint32_t ended_up_to);

}  // namespace rmap
