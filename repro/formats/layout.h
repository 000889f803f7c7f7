// Layout: cells as a table that is no wider than it may be, with one column per cpu.
//
// Columns stand side by side where all of them have room. Where they have not, they overlap: each
// line has one cell, and only where it begins says whose it is. What still does not fit goes on in
// the next line; nothing is cut.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "repro/formats/format.h"
#include "repro/trace/cells.h"

namespace rmap {

std::string print_cells(const Program& p, const std::vector<Cell>& cells,
                        const FormatOptions& options);

// The cpus that have cells, in order.
std::vector<uint8_t> cpus_of(const std::vector<Cell>& cells);
// The operations of a cpu, each a word for wrapped(): "mremap @8 +1 @1; munmap @0 +1"
std::string ops_words(const Program& p, uint8_t cpu);

}  // namespace rmap
