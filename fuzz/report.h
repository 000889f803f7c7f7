// The two stable lines of a failure, by which farms of fuzzers tell bugs apart: ClusterFuzz reads
// ASSERTION FAILED, libFuzzer's -minimize_crash reads DEDUP_TOKEN. No addresses, names of objects
// or counts in them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace rmap {

// Behind an empty line, because libFuzzer may be in the middle of one.
inline std::string failure_lines(std::string_view what, std::string_view token) {
  return fmt::format("\nASSERTION FAILED: {}\nDEDUP_TOKEN: {}\n", what, token);
}

}  // namespace rmap
