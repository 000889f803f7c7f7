// explain: shows an execution, in columns or another format, and says in words what went wrong.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "core/quote.h"
#include "repro/formats/format.h"
#include "repro/minimize.h"
#include "repro/session.h"
#include "repro/words/words.h"

namespace rmap {
namespace {

struct Explain {
  explicit Explain(const Io& where) : io(where) {}

  const Io& io;
  std::vector<std::string> files;
  std::string kernel;
  std::string format = "columns";
  std::string out_path;
  RuleOptions rule_options;
  bool all = false;
  bool force = false;
  bool minimized = false;
  Executors executors;
  std::string text;  // For the file.

  int run() {
    const Format* printer = format_named(format);
    if (printer == nullptr)
      return wrong(fmt::format("unknown format '{}'; known: {}", format, format_names()));
    if (files.size() > 1 && !printer->concatenates)
      return wrong(fmt::format("one file at a time with --format {}, but {} were given", format,
                               files.size()));
    const std::optional<RuleSet> rules = chosen_rules(rule_options, io);
    if (!rules) return kBadInput;
    if (minimized && !(*rules == RuleSet::proof()))
      return wrong("--minimize knows the proof rules only; leave --early and --without out");
    if (!kernel.empty() && !find_kernel(kernel, io)) return kBadInput;
    const int code = for_each_file(
        files, [&](const std::string& path) { return explain(path, *rules, *printer); });
    if (out_path.empty() || code == kBadInput) return code;
    const std::string error = write_file(out_path, text, force);
    if (error.empty()) return code;
    io.err << error << "\n";
    return kBadInput;
  }

  int wrong(const std::string& what) const {
    io.err << fmt::format("rmapfuzz explain: {}\n", what);
    return kBadInput;
  }

  std::string rule_words() const {
    std::string words = rule_options.early ? " --early" : "";
    for (const std::string& rule : rule_options.without) words += " --without " + rule;
    return words;
  }

  // The smallest program that shows the same finding; `p` itself if it shows none.
  Program smallest(Executor& executor, const Program& p) const {
    if (!executor.run(p).finding()) return p;
    const Goal goal(executor, describe_finding(executor, p).signature);
    const std::optional<Minimized> m = minimize(goal, p, {.stop = io.interrupted});
    return m ? m->program : p;
  }

  int explain(const std::string& path, RuleSet rules, const Format& printer) {
    const std::optional<Input> input = load(path, io);
    if (!input) return kBadInput;
    const std::optional<NamedKernel> k = kernel_for(*input, kernel, io);
    if (!k) return kBadInput;
    Executor& executor = executors.of(k->kernel);
    const Program p = program_for(*input, k->kernel);
    Recording r = record(executor, *k, minimized ? smallest(executor, p) : p, rules);
    r.name = input->litmus.name;
    const std::string what =
        fmt::format("{} --kernel {}", shell_quoted(path), shell_quoted(r.kernel));
    r.replay =
        minimized
            ? fmt::format(
                  "./run rmapfuzz minimize {} -o FILE; ./run rmapfuzz replay FILE --kernel {}",
                  what, shell_quoted(r.kernel))
            : fmt::format("./run rmapfuzz replay {}{}", what, rule_words());
    const bool to_file = !out_path.empty();
    const std::string printed = printer.print(r, {.all = all, .colour = io.colour && !to_file});
    if (to_file) {
      text += printed;
    } else {
      io.out << printed;
    }
    return exit_code(r.result);
  }
};

std::string format_help() {
  std::string text = "how to print it (default: columns)";
  for (const Format& format : all_formats())
    text += fmt::format("{} {}: {}", &format == all_formats().data() ? ":" : ";", format.name,
                        format.meaning);
  return text;
}

}  // namespace

Action add_explain(CLI::App& app, const Io& io) {
  auto explain = std::make_shared<Explain>(io);
  app.add_option("files", explain->files, "inputs: bytes or litmus text")->required();
  app.add_option("--kernel", explain->kernel,
                 "a kernel expression (default: the first witness's, else the newest)");
  add_rule_options(app, explain->rule_options);
  app.add_flag("-m,--minimize", explain->minimized,
               "explain the smallest input that shows the same finding; nothing is written");
  app.add_option("--format", explain->format, format_help());
  app.add_option("-o,--output", explain->out_path, "where to write (default: stdout)");
  app.add_flag("--force", explain->force, "overwrite a file with another content");
  app.add_flag("--all", explain->all, "columns: every event, and the set-up's");
  return [explain] { return explain->run(); };
}

}  // namespace rmap
