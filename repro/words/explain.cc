// explain: shows an execution, in columns or another format, and says in words what went wrong.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "core/kernel/expression.h"
#include "core/text/hint.h"
#include "core/text/nearest.h"
#include "core/text/quote.h"
#include "repro/files/output.h"
#include "repro/formats/format.h"
#include "repro/keep/regression.h"
#include "repro/print/text.h"
#include "repro/run/progress.h"
#include "repro/run/session.h"
#include "repro/shrink/minimize_shown.h"
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
  PageOptions page;
  bool all = false;
  bool force = false;
  bool minimized = false;
  Executors executors;
  std::string text;  // For the file.

  int run() {
    const Format* printer = format_named(format);
    if (printer == nullptr)
      return wrong(fmt::format("unknown format '{}'{}; known: {}", printable(format),
                               did_you_mean(format, formats()), format_names()));
    if (files.size() > 1 && !printer->concatenates)
      return wrong(fmt::format("one file at a time with --format {}, but {} were given", format,
                               files.size()));
    const std::optional<RuleSet> rules = chosen_rules(rule_options, io);
    if (!rules) return kBadInput;
    if (minimized && !(*rules == RuleSet::proof()))
      return wrong("--minimize cannot be combined with --early or --without");
    if (!kernel.empty() && !find_kernel(kernel, io)) return kBadInput;
    const Output output(io, out_path, force);
    if (const std::string error = output.objection(files); !error.empty()) return fail(error);
    const int code = for_each_file(
        files, [&](const std::string& path) { return explain(path, *rules, *printer, output); });
    if (output.is_stdout() || code == kBadInput) return code;
    const std::string error = output.write(text);
    return error.empty() ? code : fail(error);
  }

  int fail(const std::string& line) const {
    complain(io, line);
    return kBadInput;
  }

  static std::vector<std::string_view> formats() {
    std::vector<std::string_view> names;
    for (const Format& each : all_formats()) names.push_back(each.name);
    return names;
  }

  int wrong(const std::string& what) const { return fail("rmapfuzz explain: " + what); }

  std::string rule_words() const {
    std::string words = rule_options.early ? " --early" : "";
    for (const std::string& rule : rule_options.without) words += " --without " + rule;
    return words;
  }

  // The smallest program that shows the same finding, and a line on io.err that says so; nothing if
  // `p` shows none.
  std::optional<Program> smallest(const std::string& path, Executor& executor,
                                  const Program& p) const {
    const uint32_t preemptions = executor.run(p).outcome.preemptions;
    if (!executor.result().finding()) return std::nullopt;
    const Goal goal(executor, describe_finding(executor, p).signature);
    const std::optional<Minimized> m = minimize_shown(goal, p, path, io);
    if (!m) return std::nullopt;
    complain(io,
             fmt::format("{}: {}; minimized from {} and {} to {} and {}", path, goal.signature(),
                         counted(p.ops.size(), "operation"), counted(preemptions, "preemption"),
                         m->program.ops.size(), m->preemptions));
    return m->program;
  }

  int explain(const std::string& path, RuleSet rules, const Format& printer, const Output& output) {
    const std::optional<Input> input = load(path, io, format == "json");
    if (!input) return kBadInput;
    const std::optional<NamedKernel> k = kernel_for(*input, kernel, io);
    if (!k) return kBadInput;
    Executor& executor = executors.of(k->kernel);
    const Program p = program_for(*input, k->kernel);
    const std::optional<Program> small = minimized ? smallest(path, executor, p) : std::nullopt;
    Recording r = record(executor, *k, small ? *small : p, rules);
    r.name = input->litmus.name;
    look_for_kept(*input, k->kernel, rules, r);
    const std::string with_kernel = "--kernel " + shell_quoted(r.kernel);
    r.replay =
        small ? fmt::format("{0} minimize {1} {2} -o {3}; {0} replay {3} {2}", tool(), hinted(path),
                            with_kernel, hinted(path + ".min"))
              : fmt::format("{} replay {} {}{}", tool(), hinted(path), with_kernel, rule_words());
    const bool to_stdout = output.is_stdout();
    const std::string printed = printer.print(r, {.all = all,
                                                  .colour = has_colour(page, io, !to_stdout),
                                                  .width = width_of(page, io, !to_stdout)});
    if (to_stdout) {
      io.out << printed;
    } else {
      text += printed;
    }
    return code_of_text(r, io);
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

Action add_explain(Arguments& args, const Io& io) {
  auto explain = std::make_shared<Explain>(io);
  args.option("files", explain->files, "inputs: bytes or litmus text").required();
  args.option("--kernel", explain->kernel,
              "a kernel expression (default: the first witness's, else the newest)");
  add_rule_options(args, explain->rule_options);
  args.flag("-m,--minimize", explain->minimized,
            "explain the smallest input that shows the same finding; nothing is written");
  const std::vector<std::string_view> formats = Explain::formats();
  args.option("--format", explain->format, format_help()).offers({formats.begin(), formats.end()});
  args.option("-o,--output", explain->out_path, "where to write; - is stdout, the default");
  args.flag("--force", explain->force, "overwrite a file with another content");
  args.flag("--all", explain->all, "columns: every event, and the set-up's");
  add_width_option(args, explain->page);
  add_colour_option(args, explain->page);
  return [explain] { return explain->run(); };
}

}  // namespace rmap
