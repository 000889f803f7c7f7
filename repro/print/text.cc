// SPDX-License-Identifier: Apache-2.0
#include "repro/print/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace rmap {
namespace {

constexpr char kHardSpace = '\x1f';
constexpr std::string_view kPlain = "\033[0m";

// Words, one after the other, in lines.
class Lines {
 public:
  Lines(const std::string& first, std::size_t width, std::size_t indent)
      : line_(first), width_(width), indent_(indent) {}

  void add(std::string_view word) {
    const bool fits = line_.size() + word.size() <= width_;
    if (!fits && !empty_ && !word.empty()) next_line();
    if (indent_ + word.size() > width_ && word.find(kHardSpace) != std::string_view::npos)
      return add_parts(word);
    if (word.empty() && empty_) return;
    line_ += word;
    line_ += ' ';
    empty_ = false;
  }
  std::string finish() {
    next_line();
    std::replace(text_.begin(), text_.end(), kHardSpace, ' ');
    return std::move(text_);
  }

 private:
  void add_parts(std::string_view word) {
    const std::size_t end = word.find(kHardSpace);
    add(word.substr(0, end));
    add(word.substr(end + 1));
  }
  void next_line() {
    line_.erase(line_.find_last_not_of(' ') + 1);
    text_ += line_ + "\n";
    line_ = std::string(indent_, ' ');
    empty_ = true;
  }

  std::string text_;
  std::string line_;
  std::size_t width_;
  std::size_t indent_;
  bool empty_ = true;  // Only indented so far.
};

// At the spaces that are outside of single quotes, as shell_quoted() writes them.
std::vector<std::string> shell_words(std::string_view command) {
  std::vector<std::string> words(1);
  bool quoted = false;
  for (std::size_t i = 0; i < command.size(); i++) {
    if (command[i] == '\'') quoted = !quoted;
    if (command[i] == ' ' && !quoted) {
      words.emplace_back();
      continue;
    }
    words.back() += command[i];
    if (command[i] == '\\' && !quoted && i + 1 < command.size()) words.back() += command[++i];
  }
  return words;
}

}  // namespace

std::string wrapped(const std::string& first, const std::string& text, std::size_t width) {
  return wrapped(first, text, width, first.size());
}

std::string wrapped(const std::string& first, const std::string& text, std::size_t width,
                    std::size_t indent) {
  Lines lines(first, width, indent);
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    lines.add(std::string_view(text).substr(at, end - at));
    at = end + 1;
  }
  return lines.finish();
}

std::string unbroken(std::string_view text) {
  std::string word(text);
  std::replace(word.begin(), word.end(), ' ', kHardSpace);
  return word;
}

std::size_t longest_word(std::string_view text) {
  constexpr char kSpaces[] = {' ', kHardSpace, '\0'};
  std::size_t longest = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_of(kSpaces, at), text.size());
    longest = std::max(longest, end - at);
    at = end + 1;
  }
  return longest;
}

std::string wrapped_command(const std::string& first, const std::string& command,
                            std::size_t width) {
  if (first.size() + command.size() <= width) return first + command + "\n";
  std::string text;
  std::string line = first;
  for (const std::string& word : shell_words(command)) {
    const bool begins = text.empty() && line == first;
    if (!begins && line.size() + 1 + word.size() + 2 > width) {
      text += line + " \\\n";
      line = "   ";
    }
    line += (begins ? "" : " ") + word;
  }
  return text + line + "\n";
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string with_commas(uint64_t n) {
  std::string text = fmt::format("{}", n);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

std::string counted(uint64_t n, std::string_view noun) {
  return fmt::format("{} {}{}", with_commas(n), noun, n == 1 ? "" : "s");
}

std::string_view colour_of_cpu(uint8_t cpu) {
  constexpr std::string_view kColours[] = {"", "\033[36m", "\033[35m", "\033[32m", "\033[34m"};
  return cpu < std::size(kColours) ? kColours[cpu] : "";
}

std::string_view colour_of_finding() { return "\033[1;31m"; }

std::string painted(std::string_view line, std::string_view colour) {
  if (colour.empty() || line.empty()) return std::string(line);
  return fmt::format("{}{}{}", colour, line, kPlain);
}

std::string with_painted_cpus(std::string_view text) {
  constexpr std::string_view kName = "cpu";
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t digit = at + kName.size();
    const bool is_cpu = text.substr(at).starts_with(kName) && digit < text.size() &&
                        text[digit] >= '1' && text[digit] <= '4';
    const std::size_t size = is_cpu ? kName.size() + 1 : 1;
    result += painted(text.substr(at, size),
                      is_cpu ? colour_of_cpu(static_cast<uint8_t>(text[digit] - '0')) : "");
    at += size;
  }
  return result;
}

}  // namespace rmap
