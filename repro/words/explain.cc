// explain: shows an execution in columns, one per cpu, and says in words what went wrong.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "repro/formats/columns.h"
#include "repro/session.h"
#include "repro/story/story.h"
#include "repro/words/words.h"

namespace rmap {
namespace {

struct Explain {
  explicit Explain(const Io& where) : io(where) {}

  const Io& io;
  std::vector<std::string> files;
  std::string kernel;
  RuleOptions rule_options;
  bool all = false;
  Executors executors;

  int run() {
    const std::optional<RuleSet> rules = chosen_rules(rule_options, io);
    if (!rules) return kBadInput;
    if (!kernel.empty() && !find_kernel(kernel, io)) return kBadInput;
    return for_each_file(files, [&](const std::string& path) { return explain(path, *rules); });
  }

  std::string rule_words() const {
    std::string text = rule_options.early ? " --early" : "";
    for (const std::string& rule : rule_options.without) text += " --without " + rule;
    return text;
  }

  int explain(const std::string& path, RuleSet rules) {
    const std::optional<Input> input = load(path, io);
    if (!input) return kBadInput;
    const std::optional<NamedKernel> k = kernel_for(*input, kernel, io);
    if (!k) return kBadInput;
    const Recording r = record(executors.of(k->kernel), *k, program_for(*input, k->kernel), rules);
    io.out << fmt::format("kernel   {}\n", r.kernel) << print_setup(r) << "\n";
    io.out << print_columns(r, {.all = all, .colour = io.colour}) << "\n";
    if (r.trace.truncated())
      io.out << "Only the beginning is shown: the trace was too long to keep.\n";
    io.out << print_story(r) << "\n";
    const bool red = io.colour && r.finding;
    io.out << fmt::format("{}SUMMARY: {}{}\n", red ? kRed : "", summary_of(r), red ? kPlain : "");
    io.out << fmt::format("replay: ./run rmapfuzz replay {} --kernel '{}'{}\n", path, r.kernel,
                          rule_words());
    return exit_code(r.result);
  }
};

}  // namespace

Action add_explain(CLI::App& app, const Io& io) {
  auto explain = std::make_shared<Explain>(io);
  app.add_option("files", explain->files, "inputs: bytes or litmus text")->required();
  app.add_option("--kernel", explain->kernel,
                 "a kernel expression (default: the first witness's, else the newest)");
  add_rule_options(app, explain->rule_options);
  app.add_flag("--all", explain->all, "every event, and the set-up's");
  return [explain] { return explain->run(); };
}

}  // namespace rmap
