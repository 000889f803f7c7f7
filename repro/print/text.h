// Text: prose in lines of a given width, and the colours that tell tasks apart.
//
// What goes to a file or a pipe is kTextWidth wide and has no colours, whatever the environment
// says.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rmap {

inline constexpr std::size_t kTextWidth = 100;     // Where nobody asks for another one.
inline constexpr std::size_t kNarrowestText = 60;  // In less, columns cannot be told apart.

// `text` after `first`, broken into lines that start below it, or at `indent`. No word is cut; one
// that is longer than a line has one for itself.
std::string wrapped(const std::string& first, const std::string& text,
                    std::size_t width = kTextWidth);
std::string wrapped(const std::string& first, const std::string& text, std::size_t width,
                    std::size_t indent);
// The same text as a word for wrapped(), which breaks it only if it is longer than a line.
std::string unbroken(std::string_view text);
// The width that wrapped() cannot do without.
std::size_t longest_word(std::string_view text);
// A command of the shell after `first`, which can be pasted: lines that go on end with a backslash.
std::string wrapped_command(const std::string& first, const std::string& command,
                            std::size_t width);
// The lines of a text, without their ends.
std::vector<std::string> lines_of(std::string_view text);

// "1234567" as "1,234,567".
std::string with_commas(uint64_t n);
// "1 file", "1,234 files".
std::string counted(uint64_t n, std::string_view noun);

// Of the eight colours that every terminal has, those that can be read on light and dark ground.
// Red is left for findings.
std::string_view colour_of_cpu(uint8_t cpu);
std::string_view colour_of_finding();
// No colour: as it is. No escape sequence spans lines.
std::string painted(std::string_view line, std::string_view colour);
// Each "cpu1" in its colour.
std::string with_painted_cpus(std::string_view text);

}  // namespace rmap
