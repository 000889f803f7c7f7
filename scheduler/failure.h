// The two stable lines of a failure, by which farms of fuzzers tell bugs apart: ClusterFuzz reads
// ASSERTION FAILED, libFuzzer's -minimize_crash reads DEDUP_TOKEN. No addresses, names of objects
// or counts in them. A finding prints them, a claim that is broken, and a CHECK that fails.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "scheduler/trace.h"

namespace sched {

// ClusterFuzz takes two failures for one bug when two of their three lines are alike, and the last
// two of ours are often functions that many failures go through. With this word in the first line
// it asks for all three to be the same. Letters, because it reads a run of digits as "some number";
// it stands first and is short, because lines are cut after 80 characters.
inline std::string bug_word(std::string_view token) {
  uint64_t hash = token.size();
  for (char c : token) hash = mix_hash(hash, static_cast<uint8_t>(c));
  std::string word = "FuzzerHash=";
  for (int shift = 60; shift >= 0; shift -= 4)
    word += static_cast<char>('a' + (hash >> shift & 15));
  return word;
}

// Behind an empty line, because libFuzzer may be in the middle of one.
inline std::string failure_lines(std::string_view what, std::string_view token) {
  std::string lines = "\nASSERTION FAILED: " + bug_word(token) + " ";
  lines.append(what).append("\nDEDUP_TOKEN: ").append(token) += '\n';
  return lines;
}

}  // namespace sched
