// What every word of the command shares: where it prints, and how it ends.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string_view>

namespace rmap {

// Where a command prints. Without terminals, nothing that is printed depends on the environment.
struct Io {
  std::ostream& out;
  std::ostream& err;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  bool is_dumb = false;  // The terminal knows no escape sequences (TERM=dumb).
  bool colour = false;   // `out` is a terminal with colours, and nobody objects (NO_COLOR).
  // True once the user asked to stop (ctrl-C): long work then ends with the best so far. Empty:
  // never.
  std::function<bool()> interrupted = {};
  // How wide the terminals are, now: a window can be resized. Asked only where there is one.
  std::function<std::size_t()> out_columns = {};
  std::function<std::size_t()> err_columns = {};
  // By which a status line is renewed, in milliseconds. Empty: a steady clock.
  std::function<uint64_t()> clock_ms = {};
};

// Prints a line to `err`. All that is said there goes through here: a path or a word that it
// repeats may be a stranger's, and says nothing to the terminal, and no second line.
void complain(const Io& io, std::string_view line);

enum ExitCode : int {
  kClean = 0,
  kFinding = 1,       // A finding, or a check that failed.
  kBadInput = 2,      // Bad input or usage.
  kInconclusive = 3,  // A bound was reached.
};
// The worse of two exit codes: 2 > 1 > 3 > 0.
int worse(int a, int b);

}  // namespace rmap
