// Golden files: what a printer printed when somebody last looked.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <string>

#include "tests/repro/fixture.h"

namespace rmap {

inline std::string in_tree(const std::string& path) {
  return std::string(RMAPFUZZ_SOURCE_DIR) + "/" + path;
}

// Runs the command as somebody who stands in the root of the repository: names of files are
// printed, and lines are broken behind them.
inline Ran run_from_root(std::vector<std::string> args) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(in_tree(""));
  Ran ran = run(std::move(args));
  std::filesystem::current_path(before);
  return ran;
}

// With RENEW_GOLDEN in the environment the file is written instead:
//   RENEW_GOLDEN=1 build/bin/repro_tests && git diff tests/golden
inline void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = in_tree("tests/golden/" + name);
  if (std::getenv("RENEW_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << text;
  EXPECT_EQ(text, slurp(path)) << name << ": see golden.h for how to renew it";
}

}  // namespace rmap
