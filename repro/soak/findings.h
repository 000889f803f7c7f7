// Findings of a campaign: the inputs that the fuzzers stored, each made small and told as a story.
//
// Inputs that come to the same signature are one finding. An input is done when the description of
// a finding (NAME.json, which is written last) lists it; whatever is not done is done again by
// the next who looks, so that nothing is lost.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/kernel/expression.h"
#include "repro/shrink/minimize.h"
#include "repro/soak/folder.h"

namespace rmap {

struct SoakFinding {
  std::string name;  // RULE-HASH8
  std::string rule;
  std::string signature;
  std::string sentence;
  std::vector<std::string> inputs;  // Names in inputs/, the first one first.
  uint64_t operations = 0;
  uint64_t preemptions = 0;
  bool minimized = false;  // Else it is the input's own execution: no small one fits an input.
  bool minimal = false;    // Proven to be.

  bool operator==(const SoakFinding&) const = default;
};

// Without the name, which is the file's.
std::string print_finding(const SoakFinding& f);
// Nothing if the text describes none.
std::optional<SoakFinding> parse_finding(std::string_view text, const std::string& name);

// All that are there, by name. What cannot be read counts as not there.
std::vector<SoakFinding> kept_findings(const Folder& folder);
// The execution: NAME.litmus, or NAME.bytes where it fits no text.
std::string execution_file(const Folder& folder, const std::string& name);
// How to see an input again.
std::string replay_command(const std::string& path, const std::string& kernel);
// The names of all inputs. What is not called as fuzzers call them is none.
std::vector<std::string> stored_inputs(const Folder& folder);
// Those that no finding lists.
std::vector<std::string> inputs_to_do(const Folder& folder, const std::vector<SoakFinding>& kept);

// Makes one input small, writes it with its story, and lists it. Returns what is wrong, or nothing.
//
// Takes as long as `schedules_max` allows, seconds for most; a supervisor has it done by a child.
std::string keep_input(const Folder& folder, const NamedKernel& kernel, const std::string& input,
                       uint64_t schedules_max);

}  // namespace rmap
