// The rmapfuzz command: arguments and terminals in, an exit code out. Everything else is
// run_command().
// SPDX-License-Identifier: Apache-2.0
#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>

#include "repro/command.h"

namespace {

volatile std::sig_atomic_t interrupted = 0;

// The first ctrl-C asks to stop, the second one ends the program; so does the first one where
// nobody asks.
void on_interrupt(int signal) {
  interrupted = 1;
  std::signal(signal, SIG_DFL);
}

std::size_t columns() {
  winsize size = {};
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : 80;
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  rmap::Io io{std::cout, std::cerr};
  io.out_is_terminal = isatty(STDOUT_FILENO) != 0;
  io.interrupted = [] {
    static const auto before = std::signal(SIGINT, on_interrupt);
    return interrupted != 0 && before != SIG_ERR;
  };
  io.out_columns = columns;
  io.err_is_terminal = isatty(STDERR_FILENO) != 0;
  const char* no_color = std::getenv("NO_COLOR");
  io.colour = io.out_is_terminal && (no_color == nullptr || *no_color == '\0');
  const int code = rmap::run_command({argv + 1, argv + argc}, io);
  std::cout.flush();
  if (std::cout) return code;
  std::cerr << "rmapfuzz: the output could not be written; is the disk full, or the reader gone?\n";
  return rmap::kBadInput;
}
