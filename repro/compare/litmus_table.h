// The table of a folder's litmus files: which historical race each is about, and which kernels it
// breaks.
//
// Markdown, generated from the files alone; it stands in the folder's README.md between two marker
// lines, with text by hand around it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "repro/files/input.h"

namespace rmap {

// Files with entries, one row for each entry, in the order of their numbers; then all others.
std::string litmus_table(const std::vector<Input>& files);

// `readme` with another table between its marker lines; nothing if it has none.
std::optional<std::string> with_litmus_table(std::string_view readme, std::string_view table);

}  // namespace rmap
