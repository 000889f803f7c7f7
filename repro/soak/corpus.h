// The corpus of a campaign: kept whole, whoever is killed while he writes to it, and from time to
// time reduced to the fewest inputs that reach as much.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "repro/soak/folder.h"
#include "repro/soak/process.h"

namespace rmap {

// Removes files that a fuzzer was killed in the midst of: empty, or without a whole header. Returns
// how many. Requires: no fuzzer runs.
uint32_t remove_torn_inputs(const std::string& corpus);

// Reducing, by a child: libFuzzer's set-cover merge of a snapshot into a new folder. Then what was
// there at the beginning and is not in the new folder goes, one by one: at every moment the corpus
// is whole, and what fuzzers add meanwhile stays.
class CorpusMerge {
 public:
  // `files_max`: more than so many are worth it.
  CorpusMerge(const Folder& folder, std::string fuzzer, std::string kernel, uint64_t files_max)
      : folder_(&folder),
        fuzzer_(std::move(fuzzer)),
        kernel_(std::move(kernel)),
        files_max_(files_max),
        bound_(files_max) {}

  bool is_due(uint64_t files) const { return files > bound_; }
  void start();
  bool running() const { return process_.running(); }
  // "1234 files to 567", or why not; nothing as long as it runs.
  std::string result();
  void kill() { process_.kill(); }

 private:
  void take_snapshot();
  void remove_snapshot() const;
  const Folder* folder_;
  std::string fuzzer_;
  std::string kernel_;
  uint64_t files_max_;
  uint64_t bound_;  // Grows with what is left after a merge.
  std::vector<std::string> before_;
  Process process_;
};

}  // namespace rmap
