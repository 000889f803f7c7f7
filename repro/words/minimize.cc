// minimize: finds a smaller input with the same finding, and keeps it.
// SPDX-License-Identifier: Apache-2.0
#include "repro/minimize.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "repro/words/words.h"

namespace rmap {
namespace {

struct MinimizeWord {
  explicit MinimizeWord(const Io& where) : io(where) {}

  const Io& io;
  std::string file;
  std::string out_path;
  std::string kernel;
  std::string rule;
  bool force = false;
  bool json = false;
  Executors executors;

  int run() {
    const std::optional<Input> input = load(file, io);
    if (!input) return kBadInput;
    const std::optional<NamedKernel> k = kernel_for(*input, kernel, io);
    if (!k) return kBadInput;
    Executor& executor = executors.of(k->kernel);
    const Program p = program_for(*input, k->kernel);
    const Result& r = executor.run(p);
    if (!r.finding())
      return fail(fmt::format(
          "{}: this schedule shows no finding under {}; name another --kernel, or try all "
          "schedules: ./run rmapfuzz matrix {}",
          file, k->name, file));
    const Finding finding = describe_finding(executor, p);
    if (!rule.empty() && rule != finding.rule) {
      return fail(fmt::format("{}: shows {} under {}, not {}; leave --rule out", file, finding.rule,
                              k->name, rule));
    }
    const std::optional<Program> small = minimize(executor, p, finding.signature);
    if (!small) return fail(too_many_decisions());
    const std::vector<uint8_t> bytes = encode(*small);
    std::string path;
    const std::string wrong = keep(finding, {bytes.begin(), bytes.end()}, path);
    if (!wrong.empty()) return fail(wrong);
    report(p, *small, finding, *k, path);
    return kFinding;
  }

  std::string too_many_decisions() const {
    return fmt::format(
        "{}: its finding takes more than the {} decisions that an input holds, and no schedule "
        "with few preemptions shows it; drop operations by hand, and try again",
        file, kDecisionsMax);
  }

  int fail(const std::string& line) const {
    io.err << line << "\n";
    return kBadInput;
  }

  // Writes the input; in a folder, under the finding's name, with .2, .3, ... where that is taken
  // by another input.
  std::string keep(const Finding& finding, const std::string& content, std::string& path) const {
    std::error_code code;
    const bool folder = out_path.ends_with('/') || std::filesystem::is_directory(out_path, code);
    if (!folder) return write_file(path = out_path, content, force);
    const std::string base = fmt::format("{}{}{}-{}", out_path, out_path.ends_with('/') ? "" : "/",
                                         finding.rule, finding.hash8);
    for (uint32_t n = 1;; n++) {
      path = n == 1 ? base : fmt::format("{}.{}", base, n);
      const bool taken = std::filesystem::exists(path, code);
      const std::string wrong = write_file(path, content, false);
      if (wrong.empty() || !taken) return wrong;
    }
  }

  void report(const Program& before, const Program& after, const Finding& finding,
              const NamedKernel& k, const std::string& path) const {
    if (json) {
      print_json(io, {{"decisions", after.decisions.size()},
                      {"file", file},
                      {"kept", path},
                      {"kernel", k.name},
                      {"operations", after.ops.size()},
                      {"operations_before", before.ops.size()},
                      {"signature", finding.signature}});
      return;
    }
    Litmus litmus;
    litmus.name = word_of_path(path);
    litmus.program = after;
    io.out << fmt::format("kernel   {}\n{}: {} operations and {} decisions, from {} and {}\n",
                          k.name, finding.signature, after.ops.size(), after.decisions.size(),
                          before.ops.size(), before.decisions.size());
    io.out << print_litmus(litmus) << fmt::format("kept {}\n", path);
  }
};

}  // namespace

Action add_minimize(CLI::App& app, const Io& io) {
  auto word = std::make_shared<MinimizeWord>(io);
  app.add_option("file", word->file, "an input: bytes or litmus text")->required();
  app.add_option("-o,--output", word->out_path,
                 "where to keep it: a file, or a folder, where the finding gives the name")
      ->required();
  app.add_option("--kernel", word->kernel,
                 "a kernel expression (default: the first witness's, else the newest)");
  app.add_option("--rule", word->rule, "insist on a finding of this rule");
  app.add_flag("--force", word->force, "overwrite a file with another content");
  app.add_flag("--json", word->json, "one JSON object");
  return [word] { return word->run(); };
}

}  // namespace rmap
