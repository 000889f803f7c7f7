// Input: a file that holds a program, as bytes or as litmus text; which of the two is found out by
// looking.
//
// Files may be hostile: whatever is in them, loading gives an Input or one line that says what is
// wrong and what to do.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/program/litmus.h"

namespace rmap {

struct Input {
  std::string path;
  bool is_text = false;
  std::string content;  // The file as it is.
  Litmus litmus;        // For bytes: the program, with the file's name made into one word.
  // Something that the user should know although the input is usable; else empty.
  std::string note;
};

// Exactly one of the two is set.
struct InputResult {
  std::optional<Input> input;
  std::string error;  // "FILE: what, and what to do" or "FILE:LINE:COLUMN: ..."
};
InputResult load_input(const std::string& path);
// The same in two steps, for who reads many files into one buffer. Reading returns what is wrong,
// or nothing.
std::string read_input_file(const std::string& path, std::string& content);
InputResult read_input(const std::string& path, std::string content);

// The file's basename, as one word; "input" for standard input.
std::string word_of_path(std::string_view path);

// `updated` with the line ends of the text that it comes from, if those are all alike.
std::string with_line_ends_of(std::string_view text, std::string updated);

}  // namespace rmap
