// Totals: what all fuzzers of a campaign reached together, summed over the files that they keep.
//
// Each run of a fuzzer has a number and a file of its own, which survives its death. Those of dead
// runs are put together now and then: total-NNNN is the sum of all up to that number, so that a
// kill at any moment neither loses a file nor counts it twice. Only what was added is removed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "core/run/survey.h"

namespace rmap {

// "0012"
std::string run_name(uint32_t number);
// 12; 0 for names of other things.
uint32_t run_number(std::string_view name);

class Totals {
 public:
  explicit Totals(std::string folder) : folder_(std::move(folder)) {}

  // Puts all files together. Runs are numbered on after `last_run`, or after the last one that left
  // a file. Requires: no fuzzer runs. Returns what is wrong, or nothing.
  std::string begin(uint32_t last_run = 0);
  // The number of the next run.
  uint32_t next_run();
  // A run has ended: its file does not change any more.
  void ended(uint32_t run);
  // The number of runs so far.
  uint32_t runs() const { return last_run_; }
  // All runs up to that one have ended.
  uint32_t ended_up_to() const { return live_.empty() ? last_run_ : *live_.begin() - 1; }
  // So far.
  Reached sum() const;

 private:
  enum class Content : uint8_t { whole, unbegun, damaged };
  Content add_file(const std::string& name, Reached& sum) const;
  bool add_run(const std::string& name, Reached& sum) const;
  std::string fold(uint32_t up_to);
  std::string folder_;
  Reached past_;         // Of runs that have ended.
  uint32_t folded_ = 0;  // The number in the total's name.
  uint32_t last_run_ = 0;
  std::set<uint32_t> live_;
};

}  // namespace rmap
