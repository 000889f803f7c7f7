// The manual as a man page, in the macros of man(7).
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "core/text/quote.h"
#include "repro/cli/manual.h"

namespace rmap {
namespace {

// As roff text: a dash that is typed stays one, and no line begins a request.
std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '\\': out += "\\e"; break;
      case '-': out += "\\-"; break;
      case '`': out += "\\(ga"; break;
      case '\'': out += "\\(aq"; break;
      case '^': out += "\\(ha"; break;
      case '~': out += "\\(ti"; break;
      default: out += c;
    }
  }
  return out.starts_with('.') ? "\\&" + out : out;
}

std::string section(std::string_view title) { return fmt::format(".SH {}\n", title); }

std::string entry(std::string_view term, std::string_view meaning) {
  return fmt::format(".TP\n.B {}\n{}\n", escaped(term), escaped(meaning));
}

std::string paragraph(std::string_view text) { return fmt::format(".PP\n{}\n", escaped(text)); }

std::string word_section(const Manual& manual, const ManualWord& word) {
  std::string text = fmt::format(".SS {} {} {}\n{}\n", escaped(manual.name), escaped(word.name),
                                 escaped(synopsis_of(word)), escaped(sentence(word.help)));
  for (const ManualArgument& a : word.arguments) {
    if (a.names.back() != "--help") text += entry(synopsis_of(a), meaning_of(a));
  }
  for (const std::string& remark : paragraphs_of(word.remark)) text += paragraph(remark);
  return text;
}

std::string examples(const Manual& manual) {
  std::string text = section("EXAMPLES") + paragraph("From the root of the repository:");
  text += ".PP\n.nf\n";
  for (const ManualWord& word : manual.words)
    text += escaped(fmt::format("{} {}", manual.name, word.example)) + "\n";
  return text + ".fi\n";
}

}  // namespace

std::string man_page(const Manual& manual) {
  std::string text = fmt::format(
      ".\\\" SPDX-License-Identifier: Apache-2.0\n.TH {} 1 \"\" \"{}\" \"User Commands\"\n",
      upper_case(manual.name), manual.version);
  text += section("NAME");
  text += fmt::format("{} \\- {}\n", manual.name, escaped(manual.summary));
  text += section("SYNOPSIS");
  text +=
      fmt::format(".B {0}\n.I WORD\n[\\fIARGUMENTS\\fR]\n.br\n.B {0} help\n.I WORD\n", manual.name);
  text += section("DESCRIPTION") + escaped(manual.description) + "\n";
  text += section("OPTIONS");
  for (const ManualArgument& a : manual.options) text += entry(synopsis_of(a), sentence(a.help));
  text += section("WORDS");
  for (const ManualWord& word : manual.words) text += word_section(manual, word);
  text += examples(manual);
  for (const ManualSection& s : manual.sections) {
    text += section(s.title);
    for (const auto& [term, meaning] : s.entries) text += entry(term, sentence(meaning));
  }
  return text;
}

}  // namespace rmap
