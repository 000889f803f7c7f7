// How wide and how colourful what a word prints is; options of several words.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "repro/print/text.h"
#include "repro/words/words.h"

namespace rmap {

void add_width_option(Arguments& args, PageOptions& options) {
  args.number("--width", options.width, kNarrowestText, 1000,
              "columns to print in, 72 for a mail (default: the terminal's; 100 elsewhere)");
}

void add_colour_option(Arguments& args, PageOptions& options) {
  args.option("--color", options.colour,
              "a colour for each task: auto (on a terminal, without NO_COLOR), always, never")
      .one_of({"auto", "always", "never"})
      .shows_default();
}

std::size_t width_of(const PageOptions& options, const Io& io, bool to_file) {
  if (options.width != 0) return options.width;
  if (to_file || !io.out_is_terminal || !io.out_columns) return kTextWidth;
  return std::max(io.out_columns(), kNarrowestText);
}

std::size_t prose_width_of(const PageOptions& options, const Io& io, bool to_file) {
  return std::min(width_of(options, io, to_file), kTextWidth);
}

bool has_colour(const PageOptions& options, const Io& io, bool to_file) {
  if (options.colour != "auto") return options.colour == "always";
  return io.colour && !to_file;
}

}  // namespace rmap
