// The rmapfuzz command as a function, so that tests need no process of their own.
//
// One file per word in words/, one row per word in command.cc. Words read files, print to `io`, and
// return an exit code; bad input is a line on `io.err`, never an exception or a crash.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace rmap {

inline constexpr std::string_view kVersion = "0.1.0";

// Where a command prints.
struct Io {
  std::ostream& out;
  std::ostream& err;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  bool colour = false;
  // True once the user asked to stop (ctrl-C): long work then ends with the best so far. Empty:
  // never.
  std::function<bool()> interrupted = {};
};

enum ExitCode : int {
  kClean = 0,
  kFinding = 1,       // A finding, or a check that failed.
  kBadInput = 2,      // Bad input or usage.
  kInconclusive = 3,  // A bound was reached.
};
// The worse of two exit codes: 2 > 1 > 3 > 0.
int worse(int a, int b);

// args: without the program's name.
int run_command(std::vector<std::string> args, const Io& io);

}  // namespace rmap
