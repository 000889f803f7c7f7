// SPDX-License-Identifier: Apache-2.0
#include "repro/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

#include "core/quote.h"
#include "repro/soak/every.h"

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
  io_.err << (io_.err_is_terminal ? cut_to(line, columns - 1) : printable_line(line))
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

std::string cut_to(std::string_view text, std::size_t columns) {
  std::string cut;
  std::size_t used = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto is_continuation = [&](std::size_t i) {
      return (static_cast<unsigned char>(text[i]) & 0xc0) == 0x80;
    };
    const auto first = static_cast<unsigned char>(text[at]);
    std::size_t end = at + 1;
    while (first >= 0xc0 && end < text.size() && is_continuation(end)) end++;
    used += first < 0x80 ? 1 : 2;
    if (used > columns) break;
    const bool is_control = first < 0x20 || first == 0x7f;
    cut += is_control ? "?" : text.substr(at, end - at);
    at = end;
  }
  return cut;
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
