// Terminal: how far long work is, on a line that never wraps, and how wide what is printed may be.
//
// Work that is done in two seconds says nothing. On a terminal the line is renewed in its place;
// elsewhere, and where the terminal knows no escape sequences (TERM=dumb), it is a line of its own,
// and they are rare: a log shows that the work goes on. Read next: io.h, which has the facts.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "repro/io.h"

namespace rmap {

class StatusLine {
 public:
  explicit StatusLine(const Io& io);
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;
  ~StatusLine() { clear(); }

  // Whether show() would show something now; for who makes the line only then.
  bool is_due() const;
  // Where the window is too narrow, the line's end is shown, which says how far it is. As often as
  // you like: what is shown too early is left out.
  void show(std::string_view line);
  // A message, which takes the line's place. It is printed to any err, in full.
  void say(std::string_view message);
  // Before anything else is printed, and at the end.
  void clear();

 private:
  bool renews() const { return io_.err_is_terminal && !io_.is_dumb; }
  uint64_t now() const;

  const Io& io_;
  uint64_t next_ms_;  // Not before this.
  bool shown_ = false;
};

// As much of the end of `text` as takes at most so many columns: no character is cut in two, one
// beyond ASCII counts as two columns, and what would move the cursor becomes '?'.
std::string end_of(std::string_view text, std::size_t columns);

// Finds out what `io`'s streams lead to, as standard output and standard error.
void look_at_terminals(Io& io);

}  // namespace rmap
