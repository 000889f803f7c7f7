// Manual: what the command says about itself. As --help, as a man page, and to a shell that
// completes words, all made from what was told to Arguments (arguments.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace rmap {

// One option or positional argument of a word.
struct ManualArgument {
  std::vector<std::string> names;   // "-o" and "--output"; or "files", in its place.
  std::string value;                // What stands for its value, FILE; empty for a flag.
  std::string help;                 // What it means.
  std::string initial;              // The value when none is given,
  bool shows_default = false;       // which is worth saying.
  std::vector<std::string> values;  // What it can be; empty if that cannot be listed.
  std::vector<std::string> parts;   // What can stand behind a + or - in it.
  std::vector<std::string> others;  // What it does not go with.
  bool required = false;
  bool repeated = false;
  bool is_output = false;  // About what is printed or written, not about what is done.

  bool is_positional() const { return !names[0].starts_with('-'); }
  bool takes_files() const { return value.starts_with("FILE") || value.starts_with("DIR"); }
};

struct ManualWord {
  std::string group;
  std::string name;
  std::string help;  // In a line: "run inputs and say how they end".
  std::string remark;
  std::string example;
  // A deque, because an Argument points to its element.
  std::deque<ManualArgument> arguments;
};

// EXIT STATUS, FILES, ...: a term and its meaning each.
struct ManualSection {
  std::string title;
  std::vector<std::pair<std::string, std::string>> entries;
};

struct Manual {
  std::string name;
  std::string version;
  std::string summary;  // In a line.
  std::string description;
  std::string shell_prefix;  // Before an example: how it is typed in the repository.
  std::deque<ManualWord> words;
  std::vector<ManualArgument> options;  // Of the command itself, in the place of a word.
  std::vector<ManualSection> sections;
};

std::string help_of(const Manual& manual, std::size_t columns);
std::string help_of(const Manual& manual, const ManualWord& word, std::size_t columns);
std::string man_page(const Manual& manual);         // roff, for man(1).
std::string bash_completion(const Manual& manual);  // To be sourced by bash.

// "--kernel KERNEL", "FILES..."
std::string synopsis_of(const ManualArgument& argument);
// "[OPTIONS] FILES..."
std::string synopsis_of(const ManualWord& word);
// The meaning with the default, and what it does not go with.
std::string meaning_of(const ManualArgument& argument);
// The same beginning with a capital letter and ending with a full stop.
std::string sentence(std::string text);
// What stands between empty lines, each as one line.
std::vector<std::string> paragraphs_of(const std::string& text);

}  // namespace rmap
