// Terminal: the status line of a campaign, and messages between.
//
// On a terminal the line is renewed in its place and a message takes that over; elsewhere both are
// lines of their own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/ioctl.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "repro/io.h"

namespace rmap {

class Terminal {
 public:
  explicit Terminal(const Io& io) : io_(&io) {}

  bool renews() const { return io_->err_is_terminal; }
  void say(std::string_view line) const { io_->err << cleared() << line << "\n" << std::flush; }
  void show(std::string_view line) const {
    if (!renews()) return say(line);
    io_->err << cleared() << line.substr(0, columns() - 1) << std::flush;
  }
  void clear() const { io_->err << cleared() << std::flush; }

 private:
  std::string_view cleared() const { return renews() ? "\r\033[K" : ""; }
  static std::size_t columns() {
    winsize size = {};
    return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : 80;
  }
  const Io* io_;
};

}  // namespace rmap
