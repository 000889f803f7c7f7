// matrix: explores a program under every kernel, one row each.
//
// The same decisions mean little under another kernel, so kernels are compared by exploring the
// program under each; what the file's own decisions do there is a column of its own.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "repro/search.h"
#include "repro/words/words.h"

namespace rmap {
namespace {

// Releases, and v3.0 with one change each.
std::vector<std::string> matrix_kernels() {
  std::vector<std::string> names(releases().begin(), releases().end());
  const std::string oldest(releases()[0]);
  std::string last;
  for (const Change& c : changes()) {
    std::string name = fmt::format("{}+{}", oldest, c.commit);
    if (name == last || !parse_kernel(name).kernel) continue;
    names.push_back(last = name);
  }
  return names;
}

struct Matrix {
  explicit Matrix(const Io& where) : io(where) {}

  const Io& io;
  std::vector<std::string> files;
  uint32_t preemptions = 2;
  bool json = false;
  Executors executors;

  int run() {
    return for_each_file(files, [&](const std::string& path) -> int {
      const std::optional<Input> input = load(path, io);
      if (!input) return kBadInput;
      if (!json) {
        io.out << fmt::format(
            "{}: all schedules with at most {} preemptions\n{:<28} {:<30} {:<28} {}\n", path,
            preemptions, "kernel", "explored", "findings by rule", "raw replay");
      }
      for (const std::string& name : matrix_kernels()) row(*input, name);
      return kClean;
    });
  }

  void row(const Input& input, const std::string& name) {
    Executor& executor = executors.of(kernel_named(name).kernel);
    ExploreLimits limits;
    limits.preemptions_max = preemptions;
    const Exploration x =
        explore_shown(executor, input.litmus.program, limits, input.path + ": " + name, io);
    const std::string raw = raw_replay(executor, input);
    const std::string verdict = x.findings == 0
                                    ? (x.exhausted && x.inconclusive == 0 ? "never" : "unknown")
                                : x.findings == x.schedules ? "always"
                                                            : "sometimes";
    if (json) {
      print_json(io, {{"failing", x.findings},
                      {"file", input.path},
                      {"kernel", name},
                      {"preemptions", preemptions},
                      {"raw_replay", raw},
                      {"rules", rules_as_json(x)},
                      {"total", x.schedules},
                      {"verdict", verdict}});
      return;
    }
    const std::string explored =
        fmt::format("{} {}", verdict, counts_words(x.findings, x.schedules, preemptions));
    const std::string rules = rules_words(x);
    io.out << fmt::format("{:<28} {:<30} {:<28} {}\n", name, explored, rules.empty() ? "-" : rules,
                          raw)
           << std::flush;
  }

  static nlohmann::json rules_as_json(const Exploration& x) {
    nlohmann::json rules = nlohmann::json::object();
    for (uint32_t rule = 0; rule < kRulesEnd; rule++) {
      if (x.by_rule[rule] != 0) rules[rule_name(rule)] = x.by_rule[rule];
    }
    return rules;
  }

  // The file's own decisions: those of its program, else of its first witness.
  static std::string raw_replay(Executor& executor, const Input& input) {
    Program p = input.litmus.program;
    if (p.decisions.empty() && p.tail == 0 && !input.litmus.witnesses.empty()) {
      use_decisions(p, input.litmus.witnesses[0].decisions);
    }
    const Result& r = executor.run(p);
    return r.finding() ? describe_finding(executor, p, r).rule : ending_name(r.outcome.ending);
  }
};

}  // namespace

Action add_matrix(CLI::App& app, const Io& io) {
  auto matrix = std::make_shared<Matrix>(io);
  app.add_option("files", matrix->files, "inputs: bytes or litmus text")->required();
  app.add_option("--preemptions", matrix->preemptions, "the bound (default 2)")
      ->check(CLI::Range(0, 1000));
  app.add_flag("--json", matrix->json, "one JSON object per row");
  return [matrix] { return matrix->run(); };
}

}  // namespace rmap
