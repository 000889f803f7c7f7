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
  uint64_t schedules = 1'000'000;
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
      int code = kClean;
      nlohmann::json rows = nlohmann::json::array();
      for (const std::string& name : matrix_kernels()) code = worse(code, row(*input, name, rows));
      if (json) {
        print_json(io, {{"file", path},
                        {"preemptions", preemptions},
                        {"rows", rows},
                        {"schedules_max", schedules}});
      }
      return code;
    });
  }

  // kInconclusive when not all that was asked for is known.
  int row(const Input& input, const std::string& name, nlohmann::json& rows) {
    Executor& executor = executors.of(kernel_named(name).kernel);
    ExploreLimits limits;
    limits.preemptions_max = preemptions;
    limits.schedules_max = schedules;
    const Exploration x =
        explore_shown(executor, input.litmus.program, limits, input.path + ": " + name, io);
    const std::string raw = raw_replay(executor, input);
    if (json) {
      rows.push_back({{"exhausted", x.exhausted},
                      {"failing", x.findings},
                      {"inconclusive", x.inconclusive},
                      {"kernel", name},
                      {"raw_replay", raw},
                      {"rules", rules_as_json(x)},
                      {"total", x.schedules},
                      {"verdict", verdict_on(x)}});
    } else {
      print_row(name, x, raw);
    }
    return x.exhausted && verdict_on(x) != "unknown" ? kClean : kInconclusive;
  }

  // "sometimes" is known as soon as schedules end both ways; the others need every schedule's end.
  static std::string verdict_on(const Exploration& x) {
    const bool some_end_well = x.findings + x.inconclusive < x.schedules;
    if (x.findings != 0 && some_end_well) return "sometimes";
    if (!x.exhausted || x.inconclusive != 0) return "unknown";
    return x.findings == 0 ? "never" : "always";
  }

  void print_row(const std::string& name, const Exploration& x, const std::string& raw) const {
    const std::string explored =
        fmt::format("{} {}", verdict_on(x), counts_words(x.findings, x.schedules, preemptions));
    const std::string rules = rules_words(x);
    io.out << fmt::format("{:<28} {:<30} {:<28} {}\n", name, explored, rules.empty() ? "-" : rules,
                          raw);
    if (!x.exhausted) {
      io.out << fmt::format(
          "  gave up after {} schedules, and there are more; give more --schedules, or fewer "
          "--preemptions\n",
          x.schedules);
    }
    if (x.inconclusive != 0)
      io.out << fmt::format("  {} of the schedules reached the step limit\n", x.inconclusive);
    io.out << std::flush;
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
      CHECK(use_decisions(p, input.litmus.witnesses[0].decisions));  // load() made sure.
    }
    const Result& r = executor.run(p);
    return r.finding() ? describe_finding(executor, p).rule : ending_name(r.outcome.ending);
  }
};

}  // namespace

Action add_matrix(CLI::App& app, const Io& io) {
  auto matrix = std::make_shared<Matrix>(io);
  app.add_option("files", matrix->files, "inputs: bytes or litmus text")->required();
  app.add_option("--preemptions", matrix->preemptions, "the bound (default 2)")
      ->check(CLI::Range(0, 1000));
  app.add_option("--schedules", matrix->schedules,
                 "give up on a kernel after so many schedules (default 1000000)")
      ->check(CLI::Range(1, 1'000'000'000));
  app.add_flag("--json", matrix->json, "one JSON object per file, with a row per kernel");
  return [matrix] { return matrix->run(); };
}

}  // namespace rmap
