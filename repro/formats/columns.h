// Columns: an execution as a table, one column per cpu, one row per event, with the step at the
// left.
//
// A pure function of a recording; layout.h says what stands where. By default only the rows that
// matter: locks, waits, what walks look at, changes of entries, page tables and vmas, named
// branches, results, and where a cpu stood when another one went on.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "repro/formats/format.h"

namespace rmap {

std::string print_columns(const Recording& r, const FormatOptions& options);

// The set-up: its operations, and the state that it leaves.
std::string print_setup(const Recording& r, std::size_t width);

// "MISSED migration entry of p1, now at @1"
std::string finding_mark(const Recording& r);

}  // namespace rmap
