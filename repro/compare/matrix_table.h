// The table of `matrix`: one row per kernel, as text and as JSON. Pure functions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "repro/compare/verdicts.h"

namespace rmap {

// A kernel that was explored, or one that makes no sense.
struct MatrixRow {
  std::string kernel;
  std::string commit;  // For a kernel between two releases: the last of its commits.
  std::string border;  // "fixed by 948f017b093a.merge in v3.3": what this kernel has, and the row
                       // before has not.
  Answer answer;
  const Explored* explored = nullptr;  // None for a refused kernel.
};

// The line above the columns says which finding the first column counts, and within what bound.
std::string heading_words(std::size_t width);
std::string row_words(const MatrixRow& row, std::size_t width);
nlohmann::json row_as_json(const MatrixRow& row);

}  // namespace rmap
