// Arguments: what a word of the command takes. Told once; parsed and shown by --help.
//
// arguments.cc is the only file that includes CLI11, which costs ten seconds a file to compile.
// What is bound to an option must live until the word has run.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace rmap {

// One option or positional argument. A handle, to be copied.
class Argument {
 public:
  explicit Argument(CLI::Option& option) : option_(&option) {}

  Argument required() const;
  Argument needs(Argument other) const;
  Argument excludes(Argument other) const;
  Argument shows_default() const;   // --help says the value that is bound now.
  Argument one_value_each() const;  // A list whose option is given again for each value.
  Argument one_of(std::initializer_list<const char*> values) const;
  // What is wrong with the value, or nothing.
  Argument check(const std::function<std::string(const std::string&)>& wrong) const;

 private:
  CLI::Option* option_;
};

class Arguments {
 public:
  explicit Arguments(CLI::App& app) : app_(&app) {}

  // `names` is as in "-o,--output"; without a dash it is positional.
  Argument flag(const char* names, bool& given, std::string help) const;
  Argument option(const char* names, std::string& value, std::string help) const;
  Argument option(const char* names, std::vector<std::string>& values, std::string help) const;
  // A number from `min` to `max`, both included.
  Argument number(const char* names, int& value, int min, int max, std::string help) const;
  Argument number(const char* names, uint32_t& value, uint32_t min, uint32_t max,
                  std::string help) const;
  Argument number(const char* names, uint64_t& value, uint64_t min, uint64_t max,
                  std::string help) const;
  Argument number(const char* names, double& value, double min, double max, std::string help) const;
  // A paragraph above the example that --help ends with.
  void remark(const std::string& text) const;

 private:
  CLI::App* app_;
};

// What a word does when it was given.
using Action = std::function<int()>;

// A program of words, each with arguments of its own.
class CommandLine {
 public:
  CommandLine(std::string name, std::string description, std::string version, std::string footer);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  // `add` is told the word's arguments and returns its action.
  void word(std::string_view name, std::string_view help, std::string footer,
            const std::function<Action(Arguments&)>& add);

  struct Parsed {
    Action action;      // What was asked for; or
    std::string shown;  // what --help or --version says; or
    std::string wrong;  // what is wrong, in one line.
  };
  Parsed parse(std::vector<std::string> args);

 private:
  struct Words;
  std::unique_ptr<Words> words_;
};

}  // namespace rmap
