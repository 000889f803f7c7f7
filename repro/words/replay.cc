// replay: runs inputs and says how they end.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/kernel/expression.h"
#include "core/text/quote.h"
#include "repro/keep/regression.h"
#include "repro/print/json.h"
#include "repro/print/text.h"
#include "repro/run/session.h"
#include "repro/trace/rows.h"
#include "repro/words/words.h"

namespace rmap {
namespace {

struct Replay {
  explicit Replay(const Io& where) : io(where) {}

  const Io& io;
  std::vector<std::string> files;
  std::string kernel;
  RuleOptions rule_options;
  PageOptions page;
  bool trace = false;
  bool json = false;
  Executors executors;
  std::string printed_kernel;

  int run() {
    const std::optional<RuleSet> rules = chosen_rules(rule_options, io);
    if (!rules) return kBadInput;
    if (!kernel.empty() && !find_kernel(kernel, io)) return kBadInput;
    return for_each_file(files, [&](const std::string& path) { return replay(path, *rules); });
  }

  int replay(const std::string& path, RuleSet rules) {
    const std::optional<Input> input = load(path, io, json);
    if (!input) return kBadInput;
    const std::optional<NamedKernel> k = kernel_for(*input, kernel, io);
    if (!k) return kBadInput;
    Recording r = record(executors.of(k->kernel), *k, program_for(*input, k->kernel), rules);
    look_for_kept(*input, k->kernel, rules, r);
    if (json) {
      print_as_json(path, r);
    } else {
      print_as_text(path, r);
    }
    return code_of_text(r, io);
  }

  void print_as_text(const std::string& path, const Recording& r) {
    if (printed_kernel != r.kernel) io.out << fmt::format("kernel      {}\n", r.kernel);
    printed_kernel = r.kernel;
    const sched::Outcome& o = r.result.outcome;
    io.out << fmt::format("file        {}\noutcome     {}\n", printable_line(path),
                          ending_name(o.ending));
    if (r.finding) {
      io.out << fmt::format("rule        {}\nmanner      {}\nsignature   {}\n", r.finding->rule,
                            r.finding->manner, r.finding->signature);
    }
    io.out << fmt::format("steps       {}\npreemptions {}\ntrace hash  {}\nmodel       {}\n",
                          o.steps, o.preemptions, hex16(r.trace.hash()), kModelVersion);
    if (trace) print_trace(r);
  }

  void print_trace(const Recording& r) const {
    const bool colour = has_colour(page, io);
    for (const Row& row : all_rows(r)) {
      for (const std::string& line : lines_of(trace_row(row)))
        io.out << painted(line, colour ? colour_of_cpu(row.cpu) : "") << "\n";
    }
    if (r.trace.truncated())
      io.out << fmt::format("(only the first {} events were kept)\n", r.trace.events().size());
  }

  std::string trace_row(const Row& row) const {
    const std::string first = fmt::format("{:>5}{} {:<6} {:<9}", row.step, row.is_step ? " " : "+",
                                          cpu_name(row.cpu), row.verb);
    return wrapped(first, fmt::format("{:<34} {}", row.what, row.where), width_of(page, io));
  }

  void print_as_json(const std::string& path, const Recording& r) const {
    const sched::Outcome& o = r.result.outcome;
    nlohmann::json j = {{"file", path},
                        {"kernel", r.kernel},
                        {"model", kModelVersion},
                        {"outcome", ending_name(o.ending)},
                        {"preemptions", o.preemptions},
                        {"steps", o.steps},
                        {"trace_hash", hex16(r.trace.hash())}};
    if (r.finding) {
      j["rule"] = r.finding->rule;
      j["manner"] = r.finding->manner;
      j["signature"] = r.finding->signature;
      j["hash8"] = r.finding->hash8;
      j["sentence"] = r.finding->sentence;
    }
    if (!r.not_shown.empty()) j["not_shown"] = r.not_shown;
    if (trace) {
      for (const Row& row : all_rows(r)) {
        j["trace"].push_back({{"cpu", row.cpu},
                              {"is_step", row.is_step},
                              {"site", row.where},
                              {"step", row.step},
                              {"verb", row.verb},
                              {"what", row.what}});
      }
    }
    print_json(io, "replay/1", j);
  }
};

}  // namespace

Action add_replay(Arguments& args, const Io& io) {
  auto replay = std::make_shared<Replay>(io);
  args.option("files", replay->files, "inputs: bytes or litmus text").required();
  args.option("--kernel", replay->kernel,
              "a kernel expression (default: the first witness's, else the newest)");
  add_rule_options(args, replay->rule_options);
  args.flag("--trace", replay->trace, "print every event; '+' marks what is no step of its own");
  args.flag("--json", replay->json, "one JSON object per file");
  add_width_option(args, replay->page);
  add_colour_option(args, replay->page);
  return [replay] { return replay->run(); };
}

}  // namespace rmap
