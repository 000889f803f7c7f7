// The rmapfuzz command as a function, so that tests need no process of their own.
//
// One file per word in words/, one row per word in command.cc. Words read files, print to `io`, and
// return an exit code; bad input is a line on `io.err`, never an exception or a crash.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "repro/io.h"

namespace rmap {

inline constexpr std::string_view kVersion = "0.1.0";

// args: without the program's name.
int run_command(std::vector<std::string> args, const Io& io);

}  // namespace rmap
