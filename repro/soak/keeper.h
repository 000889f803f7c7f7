// Keeper: has the inputs that fuzzers stored minimized and explained, one after the other.
//
// By a child: it takes seconds, in which the supervisor must look after others, and a model that
// fails a CHECK then fails only there.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "core/kernel/expression.h"
#include "repro/soak/folder.h"
#include "repro/soak/process.h"

namespace rmap {

class Keeper {
 public:
  // `schedules_max`: as keep_input() has it.
  Keeper(const Folder& folder, const NamedKernel& kernel, uint64_t schedules_max)
      : folder_(&folder), kernel_(&kernel), schedules_max_(schedules_max) {}

  // Looks for inputs that are still to be kept; at how many there are.
  std::size_t look();
  // Goes on: the next input, when one is done.
  void tend();
  bool is_done() const { return !process_.running() && to_do_.empty(); }
  void kill() { process_.kill(); }
  // What could not be kept, and why: a sentence each. Tried again by the next start.
  std::vector<std::string> failures() const;

 private:
  void keep();
  void kept();
  bool is_listed(const std::string& input) const;
  const Folder* folder_;
  const NamedKernel* kernel_;
  uint64_t schedules_max_;
  Process process_;
  std::deque<std::string> to_do_;  // Inputs; the first one is the child's.
  std::map<std::string, uint32_t> tries_;
  std::map<std::string, std::string> unkept_;  // Inputs, and why.
};

}  // namespace rmap
