// The two stable lines of a failure, by which farms of fuzzers tell bugs apart: ClusterFuzz reads
// ASSERTION FAILED, libFuzzer's -minimize_crash reads DEDUP_TOKEN. No addresses, names of objects
// or counts in them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "fuzz/artifact.h"

namespace rmap {

// ClusterFuzz takes two failures for one bug when two of their three lines are alike, and the last
// two of ours are functions that every report goes through. With this word in the first line it
// asks for all three to be the same. Letters, because it reads a run of digits as "some number";
// it stands first and is short, because lines are cut after 80 characters.
inline std::string bug_word(std::string_view token) {
  std::string letters =
      sha1({reinterpret_cast<const uint8_t*>(token.data()), token.size()}).substr(0, 16);
  for (char& c : letters) {
    if (c <= '9') c = static_cast<char>(c - '0' + 'g');  // After a to f.
  }
  return "FuzzerHash=" + letters;
}

// Behind an empty line, because libFuzzer may be in the middle of one.
inline std::string failure_lines(std::string_view what, std::string_view token) {
  return fmt::format("\nASSERTION FAILED: {} {}\nDEDUP_TOKEN: {}\n", bug_word(token), what, token);
}

}  // namespace rmap
