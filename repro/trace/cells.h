// Cells: the rows of a trace that matter, with neighbours merged that are one thing to the reader.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "repro/trace/rows.h"

namespace rmap {

// What stands in one cell of the table.
struct Cell {
  uint32_t step = 0;
  uint8_t cpu = 0;
  bool marked = false;  // The finding.
  uint32_t event = 0;   // Of its first row.
  std::string verb;
  std::string what;
  std::string function;  // The kernel function, or the whole site.
};

std::vector<Cell> cells_that_matter(const Recording& r);
std::vector<Cell> all_cells(const Recording& r);

}  // namespace rmap
