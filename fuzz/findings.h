// The findings of a fuzzer that goes on: the first input of each signature, in a folder that
// several fuzzers share.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "core/run/finding.h"

namespace rmap {

class Findings {
 public:
  // Without a folder (an empty path) they are only counted.
  explicit Findings(std::string folder) : folder_(std::move(folder)) {}

  // Counts one, and stores its input if its signature is new here and in the folder. True for one
  // that is new here.
  bool add(const Finding& f, std::span<const uint8_t> input, uint64_t execution);
  // The execution that showed each signature first.
  const std::map<std::string, uint64_t>& first_seen() const { return first_seen_; }

 private:
  void store(const Finding& f, std::span<const uint8_t> input) const;
  std::string folder_;
  std::map<std::string, uint64_t> first_seen_;
};

}  // namespace rmap
