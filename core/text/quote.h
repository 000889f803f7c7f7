// Quoting: commands that we print work when they are pasted into a shell, and words that we repeat
// in messages say nothing to a terminal.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace rmap {

// `text` as one word of a POSIX shell; as it is, where that is one.
std::string shell_quoted(std::string_view text);

// What somebody typed, for a message of one line: control characters as \xNN, and cut where it is
// longer than anybody means.
std::string printable(std::string_view text, std::size_t length_max = 200);
// The same for a whole line, which says at its end what to do: cut in its middle.
std::string printable_line(std::string_view line);

// ASCII only.
std::string lower_case(std::string_view text);
std::string upper_case(std::string_view text);

}  // namespace rmap
