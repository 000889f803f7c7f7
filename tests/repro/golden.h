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

// Paths as somebody sees them who stands in the root of the repository.
inline std::string without_root(std::string text) {
  const std::string root = in_tree("");
  for (std::size_t at; (at = text.find(root)) != std::string::npos;) text.erase(at, root.size());
  return text;
}

// With RENEW_GOLDEN in the environment the file is written instead:
//   RENEW_GOLDEN=1 build/bin/repro_tests && git diff tests/golden
inline void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = in_tree("tests/golden/" + name);
  if (std::getenv("RENEW_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << text;
  EXPECT_EQ(text, slurp(path)) << name << ": see golden.h for how to renew it";
}

}  // namespace rmap
