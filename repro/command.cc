// SPDX-License-Identifier: Apache-2.0
#include "repro/command.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/program.h"
#include "repro/words/words.h"

namespace rmap {
namespace {

struct Word {
  std::string_view name;
  std::string_view help;
  std::string_view example;
  Action (*add)(Arguments& args, const Io& io);
};

// An example works as typed from the root of the repository.
constexpr Word kWords[] = {
    {"replay", "run inputs and say how they end",
     "replay tests/litmus/mremap-merge+migrate.litmus  # [exits 1]", add_replay},
    {"explain", "show an execution in columns, one per cpu, and say in words what went wrong",
     "explain tests/litmus/mremap-merge+migrate.litmus  # [exits 1]", add_explain},
    {"show", "print inputs as litmus text", "show tests/litmus/mremap-merge+migrate.litmus",
     add_show},
    {"assemble", "turn litmus text into the bytes of an input",
     "assemble tests/litmus/mremap-merge+migrate.litmus -o build/mremap-merge", add_assemble},
    {"litmus", "enumerate schedules and check, or rewrite, what litmus files expect",
     "litmus tests/litmus/mremap-into-unfaulted-walk.litmus", add_litmus},
    {"matrix", "explore a program under every kernel",
     "matrix tests/litmus/mremap-merge+migrate.litmus", add_matrix},
    {"minimize", "find a smaller input with the same finding, and keep it",
     "minimize tests/litmus/mremap-merge+migrate.litmus --kernel v3.0 -o build/findings/v3.0/  "
     "# [exits 1]",
     add_minimize},
    {"keep", "minimize findings, and keep them as regressions",
     "keep tests/litmus/mremap-merge+migrate.litmus --name merge-order -o build/regressions",
     add_keep},
    {"regress", "replay folders of regressions and inputs", "regress", add_regress},
    {"rebase", "find the schedules of regressions again after the model has changed",
     "rebase --check", add_rebase},
    {"coverage", "say what a corpus reaches: operations that meet, places, rules, interleavings",
     "coverage corpus/rmap_fuzzer", add_coverage},
    {"soak", "fuzz a kernel for hours or weeks, and go on after a kill",
     "soak --kernel v3.0 --hours 0.01  # [exits 1]", add_soak},
    {"kernels", "list the kernels, or explain a kernel expression", "kernels v3.0+486cf46f3f9b",
     add_kernels},
    {"rules", "list what the oracle checks", "rules", add_rules},
    {"ops", "list the operations of a program", "ops", add_ops},
    {"sites", "list the named places of the model", "sites", add_sites},
    {"points", "list which accesses are scheduling points under a kernel", "points --kernel v3.0",
     add_points},
};

void add_words(CommandLine& line, const Io& io) {
  for (const Word& word : kWords) {
    line.word(word.name, word.help, fmt::format("Example:\n  ./run rmapfuzz {}", word.example),
              [&](Arguments& arguments) { return word.add(arguments, io); });
  }
}

bool is_word(std::string_view name) {
  return std::any_of(std::begin(kWords), std::end(kWords),
                     [&](const Word& word) { return word.name == name; });
}

int unknown_word(const std::string& name, const Io& io) {
  std::vector<std::string_view> names;
  for (const Word& word : kWords) names.push_back(word.name);
  io.err << fmt::format("rmapfuzz: unknown word '{}'; the words are {}; see rmapfuzz --help\n",
                        name, fmt::join(names, ", "));
  return kBadInput;
}

}  // namespace

int run_command(std::vector<std::string> args, const Io& io) {
  if (!args.empty() && !args[0].starts_with('-') && !is_word(args[0])) {
    return unknown_word(args[0], io);
  }
  CommandLine line(
      "rmapfuzz",
      "rmapfuzz: replays, explains, checks and shortens inputs of the reverse-map fuzzer.",
      fmt::format("rmapfuzz {}, model version {}", kVersion, kModelVersion),
      "Exit codes: 0 clean, 1 a finding, 2 bad input or usage, 3 inconclusive.\n"
      "`rmapfuzz WORD --help` shows an example of each word.");
  add_words(line, io);
  const CommandLine::Parsed parsed = line.parse(std::move(args));
  if (parsed.action) return parsed.action();
  io.out << parsed.shown;
  if (parsed.wrong.empty()) return kClean;
  io.err << parsed.wrong << "\n";
  return kBadInput;
}

}  // namespace rmap
