// The manual as --help prints it.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "core/text/quote.h"
#include "repro/cli/manual.h"
#include "repro/print/text.h"

namespace rmap {
namespace {

constexpr std::size_t kTermMax = 24;

// Terms on the left, their meanings wrapped on the right; a term that is too long has a line.
std::string definitions(const std::vector<std::pair<std::string, std::string>>& entries,
                        std::size_t columns) {
  std::size_t width = 0;
  for (const auto& [term, meaning] : entries) {
    if (term.size() <= kTermMax) width = std::max(width, term.size());
  }
  std::string text;
  for (const auto& [term, meaning] : entries) {
    const bool fits = term.size() <= width;
    if (!fits) text += fmt::format("  {}\n", term);
    text += wrapped(fmt::format("  {:<{}}  ", fits ? term : "", width), meaning, columns);
  }
  return text;
}

std::string arguments_under(const std::string& title, const ManualWord& word, std::size_t columns,
                            const std::function<bool(const ManualArgument&)>& belongs) {
  std::vector<std::pair<std::string, std::string>> entries;
  for (const ManualArgument& a : word.arguments) {
    if (belongs(a)) entries.emplace_back(synopsis_of(a), meaning_of(a));
  }
  return entries.empty() ? "" : fmt::format("\n{}:\n{}", title, definitions(entries, columns));
}

}  // namespace

std::string synopsis_of(const ManualArgument& a) {
  const std::string dots = a.repeated ? "..." : "";
  if (a.is_positional()) return a.value + dots;
  const std::string names = fmt::format("{}", fmt::join(a.names, ", "));
  return a.value.empty() ? names : fmt::format("{} {}{}", names, a.value, dots);
}

std::string synopsis_of(const ManualWord& word) {
  std::string required;
  std::string positional;
  for (const ManualArgument& a : word.arguments) {
    if (a.is_positional()) {
      positional += a.required ? " " + synopsis_of(a) : fmt::format(" [{}]", synopsis_of(a));
    } else if (a.required) {
      required += fmt::format(" {} {}", a.names.back(), a.value);
    }
  }
  return "[OPTIONS]" + required + positional;
}

std::string meaning_of(const ManualArgument& a) {
  std::string text = a.help;
  if (a.shows_default) text += fmt::format(" (default: {})", a.initial);
  if (!a.others.empty()) text += fmt::format(" (not with {})", fmt::join(a.others, ", "));
  return text;
}

std::string sentence(std::string text) {
  text.replace(0, 1, upper_case(text.substr(0, 1)));
  return text.ends_with('.') ? text : text + ".";
}

std::vector<std::string> paragraphs_of(const std::string& text) {
  std::vector<std::string> paragraphs;
  bool goes_on = false;
  for (const std::string& line : lines_of(text)) {
    if (goes_on && !line.empty()) paragraphs.back() += " " + line;
    if (!goes_on && !line.empty()) paragraphs.push_back(line);
    goes_on = !line.empty();
  }
  return paragraphs;
}

std::string help_of(const Manual& manual, std::size_t columns) {
  columns = std::min(columns, kTextWidth);
  std::string text = fmt::format("usage: {0} WORD [ARGUMENTS]\n       {0} help WORD\n\n{1}",
                                 manual.name, wrapped("", manual.description, columns));
  std::string group;
  std::vector<std::pair<std::string, std::string>> entries;
  const auto end_group = [&] {
    if (!entries.empty()) text += fmt::format("\n{}:\n{}", group, definitions(entries, columns));
    entries.clear();
  };
  for (const ManualWord& word : manual.words) {
    if (word.group != group) end_group();
    group = word.group;
    entries.emplace_back(word.name, word.help);
  }
  end_group();
  group = "Instead of a word";
  for (const ManualArgument& a : manual.options) entries.emplace_back(synopsis_of(a), a.help);
  end_group();
  for (const ManualSection& section : manual.sections) {
    if (section.title == "EXIT STATUS")
      text += "\nExit codes:\n" + definitions(section.entries, columns);
  }
  return text + fmt::format("\n`{} WORD --help` shows an example of each word.\n", manual.name);
}

std::string help_of(const Manual& manual, const ManualWord& word, std::size_t columns) {
  columns = std::min(columns, kTextWidth);
  std::string text =
      wrapped(fmt::format("usage: {} {} ", manual.name, word.name), synopsis_of(word), columns);
  text += "\n" + wrapped("", sentence(word.help), columns);
  text += arguments_under("Arguments", word, columns,
                          [](const ManualArgument& a) { return a.is_positional(); });
  text += arguments_under("Options", word, columns, [](const ManualArgument& a) {
    return !a.is_positional() && !a.is_output;
  });
  text +=
      arguments_under("Output", word, columns, [](const ManualArgument& a) { return a.is_output; });
  for (const std::string& paragraph : paragraphs_of(word.remark))
    text += "\n" + wrapped("", paragraph, columns);
  return text +
         fmt::format("\nExample:\n  {}{} {}\n", manual.shell_prefix, manual.name, word.example);
}

}  // namespace rmap
