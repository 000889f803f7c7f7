// Arguments: what a word of the command takes. Told once: parsed here, and shown as --help, as a
// man page and to the shell by manual.h.
//
// arguments.cc is the only file that includes CLI11, which costs ten seconds a file to compile.
// What is bound to an option must live until the word has run.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "repro/cli/manual.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace rmap {

// One option or positional argument. A handle, to be copied.
class Argument {
 public:
  Argument(CLI::Option& option, ManualArgument& manual) : option_(&option), manual_(&manual) {}

  Argument required() const;
  Argument needs(Argument other) const;
  Argument excludes(Argument other) const;
  Argument shows_default() const;   // --help says the value that is bound now.
  Argument one_value_each() const;  // A list whose option is given again for each value.
  Argument one_of(std::vector<std::string> values) const;
  // Values that a shell offers, where others are possible, too.
  Argument offers(std::vector<std::string> values) const;
  // What is wrong with the value, or nothing.
  Argument check(const std::function<std::string(const std::string&)>& wrong) const;

 private:
  CLI::Option* option_;
  ManualArgument* manual_;
};

// What options of these names take, whichever word they belong to.
struct ValueKind {
  std::vector<std::string> names;        // "--kernel"
  std::string value;                     // What stands for it in --help: KERNEL.
  std::vector<std::string> values = {};  // Some that a shell offers,
  std::vector<std::string> parts = {};   // and what it offers behind a + or a -.
};

class Arguments {
 public:
  Arguments(CLI::App& app, ManualWord& word, const std::vector<ValueKind>& kinds)
      : app_(&app), word_(&word), kinds_(&kinds) {}

  // `names` is as in "-o,--output"; without a dash it is positional.
  Argument flag(const char* names, bool& given, std::string help) const;
  Argument option(const char* names, std::string& value, std::string help) const;
  Argument option(const char* names, std::vector<std::string>& values, std::string help) const;
  // A number from `min` to `max`, both included.
  template <typename T>
  Argument number(const char* names, T& value, std::type_identity_t<T> min,
                  std::type_identity_t<T> max, std::string help) const;
  // Paragraphs above the example that --help ends with.
  void remark(std::string text) const;

 private:
  // The option as the manual has it.
  Argument listed(CLI::Option& option, const char* names, std::string value, std::string initial,
                  std::string help) const;

  CLI::App* app_;
  ManualWord* word_;
  const std::vector<ValueKind>* kinds_;
};

// What a word does when it was given.
using Action = std::function<int()>;

// A program of words, each with arguments of its own. `help WORD`, --help, --version, --man and
// --completion are there by themselves.
class CommandLine {
 public:
  // `manual` without its words and options.
  CommandLine(Manual manual, std::vector<ValueKind> kinds);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  // `add` is told the word's arguments and returns its action.
  void word(std::string_view group, std::string_view name, std::string_view help,
            std::string_view example, const std::function<Action(Arguments&)>& add);

  struct Parsed {
    Action action;      // What was asked for; or
    std::string shown;  // what --help or the like says; or
    std::string wrong;  // what is wrong, in one line.
  };
  // Help is as wide as `columns`. There are arguments.
  Parsed parse(std::vector<std::string> args, std::size_t columns);

 private:
  struct Words;
  std::unique_ptr<Words> words_;
};

}  // namespace rmap
