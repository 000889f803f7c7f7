// Output: where a word puts its result, as -o and --junit say it: a file, or standard output, which
// is called "-" or whatever else leads there (/dev/stdout, the file that it was redirected to).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "repro/io.h"

namespace rmap {

class Output {
 public:
  // An empty path is standard output. `force`: a file with another content is overwritten.
  Output(const Io& io, std::string path, bool force);

  bool is_stdout() const;
  // Where the word says how it went: on standard error if the result alone is on standard output.
  Io said() const;
  // What speaks against this output before anything is done, or nothing: an input stays what it is,
  // --force or not.
  std::string objection(const std::vector<std::string>& inputs) const;
  // The same for bytes, which are not for a terminal.
  std::string objection_to_bytes(const std::vector<std::string>& inputs) const;
  // Returns what is wrong, or nothing.
  std::string write(std::string_view content) const;

 private:
  const Io& io_;
  std::string path_;
  bool force_;
  std::ostream* stream_;  // Null for a file.
};

}  // namespace rmap
