// The rmapfuzz command: arguments and terminals in, an exit code out. Everything else is
// run_command().
// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <iostream>

#include "repro/cli/called.h"
#include "repro/command.h"
#include "repro/files/file.h"
#include "repro/print/terminal.h"

namespace {

volatile std::sig_atomic_t interrupted = 0;

// The first ctrl-C asks to stop, the second one ends the program; so does the first one where
// nobody asks.
void on_interrupt(int signal) {
  interrupted = 1;
  std::signal(signal, SIG_DFL);
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  rmap::survive_file_size_limit();
  const std::vector<std::string> args(argv + 1, argv + argc);
  const bool soaks = !args.empty() && args[0] == "soak";  // Its report is read later, anywhere.
  rmap::hint_as_called(argv[0], soaks ? rmap::Readers::anybody : rmap::Readers::caller);
  rmap::Io io{std::cout, std::cerr};
  rmap::look_at_terminals(io);
  io.interrupted = [] {
    static const auto before = std::signal(SIGINT, on_interrupt);
    return interrupted != 0 && before != SIG_ERR;
  };
  const int code = rmap::run_command(args, io);
  std::cout.flush();
  if (std::cout) return code;
  std::cerr << "rmapfuzz: the output could not be written; is the disk full, or the reader gone?\n";
  return rmap::kBadInput;
}
