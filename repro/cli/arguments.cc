// SPDX-License-Identifier: Apache-2.0
#include "repro/cli/arguments.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <deque>
#include <type_traits>

#include "core/text/hint.h"
#include "core/text/nearest.h"
#include "core/text/quote.h"

namespace rmap {
namespace {

std::string hint(std::string_view word, const std::vector<std::string>& names) {
  return did_you_mean(word, std::vector<std::string_view>(names.begin(), names.end()));
}

}  // namespace

// --- One argument --------------------------------------------------------------------------------

Argument Argument::required() const {
  option_->required();
  manual_->required = true;
  return *this;
}

Argument Argument::needs(Argument other) const {
  option_->needs(other.option_);
  return *this;
}

Argument Argument::excludes(Argument other) const {
  option_->excludes(other.option_);
  manual_->others.push_back(other.manual_->names.back());
  return *this;
}

Argument Argument::shows_default() const {
  manual_->shows_default = true;
  return *this;
}

Argument Argument::one_value_each() const {
  option_->allow_extra_args(false);
  return *this;
}

Argument Argument::one_of(std::vector<std::string> values) const {
  offers(values);
  return check([values = std::move(values)](const std::string& value) -> std::string {
    if (std::find(values.begin(), values.end(), value) != values.end()) return {};
    return fmt::format("'{}' is none of {}{}", printable(value), fmt::join(values, ", "),
                       hint(value, values));
  });
}

Argument Argument::offers(std::vector<std::string> values) const {
  manual_->values = std::move(values);
  return *this;
}

Argument Argument::check(const std::function<std::string(const std::string&)>& wrong) const {
  option_->check(wrong);
  return *this;
}

// --- The arguments of a word ---------------------------------------------------------------------

namespace {

// "-o,--output"
std::vector<std::string> split_names(std::string_view names) {
  std::vector<std::string> split;
  for (std::size_t at = 0; at <= names.size();) {
    const std::size_t comma = std::min(names.find(',', at), names.size());
    split.emplace_back(names.substr(at, comma - at));
    at = comma + 1;
  }
  return split;
}

// What is printed and written has the same options in every word.
constexpr std::string_view kOutputOptions[] = {"--all",   "--color", "--force", "--format",
                                               "--help",  "--json",  "--junit", "--output",
                                               "--trace", "--width"};

}  // namespace

Argument Arguments::listed(CLI::Option& option, const char* names, std::string value,
                           std::string initial, std::string help) const {
  ManualArgument& a = word_->arguments.emplace_back();
  a.names = split_names(names);
  a.help = std::move(help);
  a.initial = std::move(initial);
  a.is_output = std::find(std::begin(kOutputOptions), std::end(kOutputOptions), a.names.back()) !=
                std::end(kOutputOptions);
  a.value = a.is_positional() ? upper_case(a.names.back()) : std::move(value);
  for (const ValueKind& kind : *kinds_) {
    if (std::find(kind.names.begin(), kind.names.end(), a.names.back()) == kind.names.end())
      continue;
    a.value = kind.value;
    a.values = kind.values;
    a.parts = kind.parts;
  }
  return {option, a};
}

Argument Arguments::flag(const char* names, bool& given, std::string help) const {
  return listed(*app_->add_flag(names, given), names, "", "", std::move(help));
}

Argument Arguments::option(const char* names, std::string& value, std::string help) const {
  return listed(*app_->add_option(names, value), names, "TEXT", value, std::move(help));
}

Argument Arguments::option(const char* names, std::vector<std::string>& values,
                           std::string help) const {
  const std::string initial = fmt::format("{}", fmt::join(values, " "));
  const Argument list =
      listed(*app_->add_option(names, values), names, "TEXT", initial, std::move(help));
  word_->arguments.back().repeated = true;
  return list;
}

template <typename T>
Argument Arguments::number(const char* names, T& value, std::type_identity_t<T> min,
                           std::type_identity_t<T> max, std::string help) const {
  CLI::Option* option = app_->add_option(names, value);
  option->check(CLI::Range(min, max));
  if constexpr (std::is_floating_point_v<T>) {
    option->check([](const std::string& text) {  // nan is in every range.
      const double number = std::strtod(text.c_str(), nullptr);
      return number == number ? std::string() : fmt::format("'{}' is no number", text);
    });
  }
  return listed(*option, names, "N", fmt::format("{}", value), std::move(help));
}

template Argument Arguments::number(const char*, int&, int, int, std::string) const;
template Argument Arguments::number(const char*, uint32_t&, uint32_t, uint32_t, std::string) const;
template Argument Arguments::number(const char*, uint64_t&, uint64_t, uint64_t, std::string) const;
template Argument Arguments::number(const char*, double&, double, double, std::string) const;

void Arguments::remark(std::string text) const { word_->remark = std::move(text); }

// --- The whole command ---------------------------------------------------------------------------

namespace {

// The option that was given an empty text, or nothing: nobody means that, and an empty name would
// be that of another file, or of standard output.
std::string empty_option(const CLI::App& word) {
  for (const CLI::Option* option : word.get_options()) {
    const auto& given = option->results();
    if (option->count() != 0 && !option->get_lnames().empty() &&
        std::find(given.begin(), given.end(), "") != given.end())
      return "--" + option->get_lnames().back();
  }
  return {};
}

// A kernel that was given, but is empty: a variable of the shell that is not set, most likely.
bool has_empty_kernel(const CLI::App& word) {
  for (const char* name : {"--kernel", "expression"}) {
    const CLI::Option* option = word.get_option_no_throw(name);
    if (option == nullptr || option->count() == 0) continue;
    if (option->results().empty() || option->results()[0].empty()) return true;
  }
  return false;
}

std::vector<std::string> names_of_options(const ManualWord& word) {
  std::vector<std::string> names;
  for (const ManualArgument& a : word.arguments) {
    if (!a.is_positional()) names.push_back(a.names.back());
  }
  return names;
}

// What is wrong, in one line. An option that is none explains all that is wrong besides.
std::string usage_words(const CLI::App& app, const ManualWord& word, const CLI::ParseError& e) {
  for (const std::string& given : app.remaining()) {
    if (given.size() < 2 || !given.starts_with('-')) continue;
    const std::string name = given.substr(0, given.find('='));
    return fmt::format("no option is called '{}'{}", printable(name),
                       hint(name, names_of_options(word)));
  }
  for (const ManualArgument& a : word.arguments) {
    if (a.required && app.get_option(a.names.back())->count() == 0)
      return synopsis_of(a) + " is missing";
  }
  return e.what();
}

}  // namespace

// CLI11 keeps pointers into an action's arguments, so the actions live as long as the Apps.
struct CommandLine::Words {
  struct Word {
    explicit Word(ManualWord& told) : manual(told) {}

    ManualWord& manual;
    CLI::App app;
    Action action;
  };

  Words(Manual told, std::vector<ValueKind> value_kinds)
      : manual(std::move(told)), kinds(std::move(value_kinds)) {}

  Word* named(std::string_view name) {
    const auto it = std::find_if(words.begin(), words.end(),
                                 [&](const Word& word) { return word.manual.name == name; });
    return it == words.end() ? nullptr : &*it;
  }

  Parsed wrong(std::string_view what) const {
    return {{}, {}, fmt::format("{}: {}; see {} --help", manual.name, what, tool())};
  }

  Parsed unknown(const std::string& name) const {
    std::vector<std::string_view> names;
    for (const ManualWord& word : manual.words) names.push_back(word.name);
    return wrong(fmt::format("unknown word '{}'{}; the words are {}", printable(name),
                             did_you_mean(name, names), fmt::join(names, ", ")));
  }

  Parsed help(const std::vector<std::string>& args, std::size_t columns) {
    if (args.size() == 1 || args[1] == "help") return {{}, help_of(manual, columns), {}};
    const Word* word = named(args[1]);
    return word == nullptr ? unknown(args[1])
                           : Parsed{{}, help_of(manual, word->manual, columns), {}};
  }

  // --version and the like, which stand in the place of a word.
  Parsed option(const std::vector<std::string>& args, std::size_t columns) const {
    const std::string& name = args[0];
    if (name == "--help" || name == "-h") return {{}, help_of(manual, columns), {}};
    if (name == "--version") return {{}, manual.version + "\n", {}};
    if (name == "--man") return {{}, man_page(manual), {}};
    if (name == "--completion") {
      if (args.size() == 2 && args[1] == "bash") return {{}, bash_completion(manual), {}};
      return wrong("--completion takes the name of a shell, and knows bash");
    }
    std::vector<std::string_view> names;
    for (const ManualArgument& a : manual.options) names.push_back(a.names.back());
    return wrong(fmt::format("'{}' is no option in the place of a word{}", printable(name),
                             did_you_mean(name, names)));
  }

  Parsed parse(Word& word, std::vector<std::string> args, std::size_t columns) {
    std::reverse(args.begin(), args.end());  // As CLI11 wants them.
    const std::string name = fmt::format("{} {}", manual.name, word.manual.name);
    try {
      word.app.parse(args);
    } catch (const CLI::Success& e) {  // --help
      return {{}, help_of(manual, word.manual, columns), {}};
    } catch (const CLI::ParseError& e) {
      const std::string what = usage_words(word.app, word.manual, e);
      return {
          {}, {}, fmt::format("{}: {}; see {} {} --help", name, what, tool(), word.manual.name)};
    }
    if (has_empty_kernel(word.app)) {
      return {{},
              {},
              fmt::format("{}: the kernel is empty, but a kernel expression is wanted, such as "
                          "v3.0; `{} kernels` lists them",
                          name, tool())};
    }
    if (const std::string empty = empty_option(word.app); !empty.empty())
      return {
          {}, {}, fmt::format("{}: {} is empty; give it a value, or leave it out", name, empty)};
    return {word.action, {}, {}};
  }

  Manual manual;
  std::vector<ValueKind> kinds;
  std::deque<Word> words;
};

CommandLine::CommandLine(Manual manual, std::vector<ValueKind> kinds)
    : words_(new Words(std::move(manual), std::move(kinds))) {
  words_->manual.options = {
      {.names = {"-h", "--help"}, .help = "this text"},
      {.names = {"--version"}, .help = "the version, and that of the model"},
      {.names = {"--man"}, .help = "all of this as a man page, for man -l"},
      {.names = {"--completion"},
       .value = "bash",
       .help = "a script by which bash completes words, options, kernels and rules",
       .values = {"bash"}}};
}

CommandLine::~CommandLine() = default;

void CommandLine::word(std::string_view group, std::string_view name, std::string_view help,
                       std::string_view example, const std::function<Action(Arguments&)>& add) {
  ManualWord& told = words_->manual.words.emplace_back();
  told.group = group;
  told.name = name;
  told.help = help;
  told.example = example;
  Words::Word& word = words_->words.emplace_back(told);
  Arguments arguments(word.app, told, words_->kinds);
  word.action = add(arguments);
  told.arguments.push_back({.names = {"-h", "--help"}, .help = "this text", .is_output = true});
}

CommandLine::Parsed CommandLine::parse(std::vector<std::string> args, std::size_t columns) {
  if (args[0] == "help") return words_->help(args, columns);
  if (args[0].starts_with('-')) return words_->option(args, columns);
  Words::Word* word = words_->named(args[0]);
  if (word == nullptr) return words_->unknown(args[0]);
  args.erase(args.begin());
  return words_->parse(*word, std::move(args), columns);
}

}  // namespace rmap
