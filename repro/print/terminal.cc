// SPDX-License-Identifier: Apache-2.0
#include "repro/print/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

#include "core/text/quote.h"
#include "repro/print/every.h"

namespace rmap {
namespace {

constexpr uint64_t kQuickMs = 2'000;
constexpr uint64_t kRenewMs = 100;
constexpr uint64_t kPlainMs = 15'000;
constexpr std::size_t kColumnsUnknown = 80;

std::size_t columns_of(int fd) {
  winsize size = {};
  return ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : kColumnsUnknown;
}

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

}  // namespace

StatusLine::StatusLine(const Io& io)
    : io_(io), next_ms_(now() + (renews() ? kQuickMs : kPlainMs)) {}

uint64_t StatusLine::now() const { return io_.clock_ms ? io_.clock_ms() : now_ms(); }

bool StatusLine::is_due() const { return now() >= next_ms_; }

void StatusLine::show(std::string_view line) {
  if (!is_due()) return;
  next_ms_ = now() + (renews() ? kRenewMs : kPlainMs);
  clear();
  // A window may have been made narrower. A line that fills it would wrap on some terminals.
  const std::size_t columns = io_.err_columns ? io_.err_columns() : kColumnsUnknown;
  io_.err << (io_.err_is_terminal ? end_of(line, columns - 1) : printable_line(line))
          << (renews() ? "" : "\n") << std::flush;
  shown_ = renews();
}

void StatusLine::say(std::string_view message) {
  clear();
  complain(io_, message);
}

void StatusLine::clear() {
  io_.out << std::flush;  // What was printed before the line stands above it.
  if (shown_) io_.err << "\r\033[K" << std::flush;
  shown_ = false;
}

std::string end_of(std::string_view text, std::size_t columns) {
  std::string end;
  std::size_t used = 0;
  while (!text.empty()) {
    std::size_t at = text.size() - 1;
    while (at > 0 && is_continuation(text[at])) at--;
    const auto first = static_cast<unsigned char>(text[at]);
    if (first < 0xc0) at = text.size() - 1;  // What belongs to no character stands for itself.
    const auto byte = static_cast<unsigned char>(text[at]);
    used += byte < 0x80 ? 1 : 2;
    if (used > columns) break;
    const bool is_control = byte < 0x20 || byte == 0x7f;
    end.insert(0, is_control ? "?" : text.substr(at));
    text.remove_suffix(text.size() - at);
  }
  return end;
}

void look_at_terminals(Io& io) {
  io.out_is_terminal = ::isatty(STDOUT_FILENO) != 0;
  io.err_is_terminal = ::isatty(STDERR_FILENO) != 0;
  const char* term = std::getenv("TERM");
  io.is_dumb = term != nullptr && std::string_view(term) == "dumb";
  io.colour = io.out_is_terminal && !io.is_dumb && !is_set("NO_COLOR");
  io.out_columns = [] { return columns_of(STDOUT_FILENO); };
  io.err_columns = [] { return columns_of(STDERR_FILENO); };
}

}  // namespace rmap
