// Artifact: the file in which the input of a crash is, or will be once libFuzzer has written it, so
// that the crash can print a command that works as it stands.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace rmap {

// SHA-1 in hexadecimal (FIPS 180-4), after which libFuzzer names its files.
std::string sha1(std::span<const uint8_t> bytes);

// What the command line says about files. `arguments`: without the program's name.
class Artifacts {
 public:
  explicit Artifacts(std::vector<std::string> arguments) : arguments_(std::move(arguments)) {}
  // The file among the arguments, or in a folder among them, that holds `input`; else the one that
  // libFuzzer will write. "-", where the input comes from standard input.
  std::string file_of(std::span<const uint8_t> input) const;

 private:
  std::string value_of(const std::string& flag) const;  // Empty if it is not given.

  std::vector<std::string> arguments_;
};

}  // namespace rmap
