// Totals: what all fuzzers of a campaign reached together, summed over the files that they keep.
//
// Each run of a fuzzer has a number and a file of its own, which survives its death. Those of dead
// runs are put together now and then: total-NNNN is the sum of all up to that number, so that a
// kill at any moment neither loses a file nor counts it twice.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/survey.h"

namespace rmap {

// "0012"
std::string run_name(uint32_t number);

class Totals {
 public:
  explicit Totals(std::string folder) : folder_(std::move(folder)) {}

  // Puts all files together. Requires: no fuzzer runs. Returns what is wrong, or nothing.
  std::string fold();
  // The number of the next run.
  uint32_t next_run();
  // A run has ended: its file does not change any more.
  void ended(uint32_t run);
  // The number of runs so far.
  uint32_t runs() const { return last_run_; }
  // So far.
  Reached sum() const;

 private:
  bool add_file(const std::string& name, Reached& sum) const;
  std::string folder_;
  Reached past_;
  uint32_t last_run_ = 0;
  std::map<uint32_t, std::string> live_;  // Files by their run's number.
};

}  // namespace rmap
