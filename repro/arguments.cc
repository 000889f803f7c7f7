// SPDX-License-Identifier: Apache-2.0
#include "repro/arguments.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>

namespace rmap {

// --- One argument --------------------------------------------------------------------------------

Argument Argument::required() const {
  option_->required();
  return *this;
}

Argument Argument::needs(Argument other) const {
  option_->needs(other.option_);
  return *this;
}

Argument Argument::excludes(Argument other) const {
  option_->excludes(other.option_);
  return *this;
}

Argument Argument::shows_default() const {
  option_->capture_default_str();
  return *this;
}

Argument Argument::one_value_each() const {
  option_->allow_extra_args(false);
  return *this;
}

Argument Argument::one_of(std::initializer_list<const char*> values) const {
  option_->check(CLI::IsMember(std::vector<std::string>(values.begin(), values.end())));
  return *this;
}

Argument Argument::check(const std::function<std::string(const std::string&)>& wrong) const {
  option_->check(wrong);
  return *this;
}

// --- The arguments of a word ---------------------------------------------------------------------

namespace {

template <typename T>
Argument add_option(CLI::App& app, const char* names, T& value, std::string help) {
  return Argument(*app.add_option(names, value, std::move(help)));
}

template <typename T>
Argument add_number(CLI::App& app, const char* names, T& value, T min, T max, std::string help) {
  CLI::Option* option = app.add_option(names, value, std::move(help));
  option->check(CLI::Range(min, max));
  return Argument(*option);
}

}  // namespace

Argument Arguments::flag(const char* names, bool& given, std::string help) const {
  return Argument(*app_->add_flag(names, given, std::move(help)));
}

Argument Arguments::option(const char* names, std::string& value, std::string help) const {
  return add_option(*app_, names, value, std::move(help));
}

Argument Arguments::option(const char* names, std::vector<std::string>& values,
                           std::string help) const {
  return add_option(*app_, names, values, std::move(help));
}

Argument Arguments::number(const char* names, int& value, int min, int max,
                           std::string help) const {
  return add_number(*app_, names, value, min, max, std::move(help));
}

Argument Arguments::number(const char* names, uint32_t& value, uint32_t min, uint32_t max,
                           std::string help) const {
  return add_number(*app_, names, value, min, max, std::move(help));
}

Argument Arguments::number(const char* names, uint64_t& value, uint64_t min, uint64_t max,
                           std::string help) const {
  return add_number(*app_, names, value, min, max, std::move(help));
}

Argument Arguments::number(const char* names, double& value, double min, double max,
                           std::string help) const {
  return add_number(*app_, names, value, min, max, std::move(help));
}

void Arguments::remark(const std::string& text) const {
  app_->footer(text + "\n\n" + app_->get_footer());
}

// --- The whole command ---------------------------------------------------------------------------

// CLI11 keeps pointers into an action's arguments, so the actions live as long as the App.
struct CommandLine::Words {
  Words(std::string description, std::string name) : app(std::move(description), name) {}

  CLI::App app;
  std::vector<std::pair<CLI::App*, Action>> actions;
};

CommandLine::CommandLine(std::string name, std::string description, std::string version,
                         std::string footer)
    : words_(new Words(std::move(description), std::move(name))) {
  words_->app.require_subcommand(1);
  words_->app.set_version_flag("--version", std::move(version));
  words_->app.footer(std::move(footer));
}

CommandLine::~CommandLine() = default;

void CommandLine::word(std::string_view name, std::string_view help, std::string footer,
                       const std::function<Action(Arguments&)>& add) {
  CLI::App* sub = words_->app.add_subcommand(std::string(name), std::string(help));
  sub->footer(std::move(footer));
  Arguments arguments(*sub);
  words_->actions.emplace_back(sub, add(arguments));
}

namespace {

// A kernel that was given, but is empty: a variable of the shell that is not set, most likely.
bool has_empty_kernel(const CLI::App& sub) {
  for (const char* name : {"--kernel", "expression"}) {
    const CLI::Option* option = sub.get_option_no_throw(name);
    if (option == nullptr || option->count() == 0) continue;
    if (option->results().empty() || option->results()[0].empty()) return true;
  }
  return false;
}

std::string empty_kernel(const CLI::App& app, const CLI::App& sub) {
  return fmt::format(
      "{0} {1}: the kernel is empty, but a kernel expression is wanted, such as v3.0; "
      "`{0} kernels` lists them",
      app.get_name(), sub.get_name());
}

// One line: what is wrong, and what to do.
std::string usage_error(const CLI::App& app, const CLI::ParseError& e) {
  const auto words = app.get_subcommands();
  const std::string word = app.get_name() + (words.empty() ? "" : " " + words[0]->get_name());
  std::string what = e.what();
  std::replace(what.begin(), what.end(), '\n', ' ');
  return fmt::format("{0}: {1}; see {0} --help", word, what);
}

}  // namespace

CommandLine::Parsed CommandLine::parse(std::vector<std::string> args) {
  CLI::App& app = words_->app;
  std::reverse(args.begin(), args.end());  // As CLI11 wants them.
  try {
    app.parse(args);
  } catch (const CLI::Success& e) {  // --help and --version.
    std::ostringstream shown;
    app.exit(e, shown, shown);
    return {{}, shown.str(), {}};
  } catch (const CLI::ParseError& e) {
    return {{}, {}, usage_error(app, e)};
  }
  for (const auto& [sub, action] : words_->actions) {
    if (!sub->parsed()) continue;
    if (has_empty_kernel(*sub)) return {{}, {}, empty_kernel(app, *sub)};
    return {action, {}, {}};
  }
  return {{}, {}, app.get_name() + ": no word was given; see " + app.get_name() + " --help"};
}

}  // namespace rmap
