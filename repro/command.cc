// SPDX-License-Identifier: Apache-2.0
#include "repro/command.h"

#include <fmt/format.h>

#include "core/kernel/chain.h"
#include "core/program/program.h"
#include "repro/words/words.h"

namespace rmap {
namespace {

struct Word {
  std::string_view name;
  std::string_view help;
  std::string_view example;
  Action (*add)(Arguments& args, const Io& io) = nullptr;
};

// An example works as typed from the root of the repository. A row with nothing but a name begins a
// group.
constexpr Word kWords[] = {
    {"Look at an execution", "", ""},
    {"replay", "run inputs and say how they end",
     "replay tests/litmus/mremap-merge+migrate.litmus  # [exits 1]", add_replay},
    {"explain", "show an execution in columns, one per cpu, and say in words what went wrong",
     "explain tests/litmus/mremap-merge+migrate.litmus  # [exits 1]", add_explain},
    {"show", "print inputs as litmus text", "show tests/litmus/mremap-merge+migrate.litmus",
     add_show},
    {"assemble", "turn litmus text into the bytes of an input",
     "assemble tests/litmus/mremap-merge+migrate.litmus -o build/mremap-merge", add_assemble},
    {"Ask all schedules, all kernels", "", ""},
    {"litmus", "enumerate schedules and check, or rewrite, what litmus files expect",
     "litmus tests/litmus/mremap-into-unfaulted-walk.litmus", add_litmus},
    {"matrix", "explore a program under every kernel",
     "matrix tests/litmus/mremap-merge+migrate.litmus", add_matrix},
    {"Make findings small, and keep them", "", ""},
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
    {"Fuzz for long, and see how far it came", "", ""},
    {"coverage", "say what a corpus reaches: operations that meet, places, rules, interleavings",
     "coverage corpus/rmap_fuzzer", add_coverage},
    {"soak", "fuzz a kernel for hours or weeks, and go on after a kill",
     "soak --kernel v3.0 --hours 0.01  # [exits 1]", add_soak},
    {"List what there is", "", ""},
    {"kernels", "list the kernels, or explain a kernel expression", "kernels v3.0+486cf46f3f9b",
     add_kernels},
    {"rules", "list what the oracle checks", "rules", add_rules},
    {"ops", "list the operations of a program", "ops", add_ops},
    {"sites", "list the named places of the model", "sites", add_sites},
    {"points", "list which accesses are scheduling points under a kernel", "points --kernel v3.0",
     add_points},
};

constexpr std::size_t kColumnsUnknown = 80;

// What options of these names take, in every word that has them.
std::vector<ValueKind> value_kinds() {
  std::vector<std::string> rules = {"deadlock", "livelock"};
  for (const RuleInfo& info : all_rules()) rules.emplace_back(info.name);
  const std::vector<std::string> kernels(releases().begin(), releases().end());
  std::vector<std::string> commits;
  for (const Change& c : changes()) commits.push_back(name_of(c));
  return {{{"--kernel", "expression"}, "KERNEL", kernels, commits},
          {{"--rule", "--without"}, "RULE", rules},
          {{"--output", "--junit", "--fuzzer"}, "FILE", {}},
          {{"--campaigns", "--directory", "--corpus"}, "DIR", {}},
          {{"file"}, "FILE", {}},
          {{"files", "paths"}, "FILE", {}},
          {{"--name"}, "NAME", {}},
          {{"--format"}, "FORMAT", {}},
          {{"--color"}, "WHEN", {}}};
}

Manual manual() {
  Manual m;
  m.name = "rmapfuzz";
  m.version = fmt::format("rmapfuzz {}, model version {}", kVersion, kModelVersion);
  m.summary = "inputs of the reverse-map fuzzer: replay, explain, check, shorten";
  m.description =
      "rmapfuzz replays, explains, checks and shortens inputs of the reverse-map fuzzer: small "
      "programs of memory operations, which run under a model of the Linux kernel's reverse map, "
      "one release or another, and under a schedule that decides who runs when.";
  m.shell_prefix = "./run ";
  m.sections = {
      {"EXIT STATUS",
       {{"0", "clean: nothing was found, or the word did its job"},
        {"1", "a finding, or a check that failed"},
        {"2", "usage or bad input"},
        {"3",
         "inconclusive: a bound was reached, a campaign was ended early, or a regression is "
         "stale"}}},
      {"ENVIRONMENT",
       {{"NO_COLOR", "if it is set and not empty, nothing is coloured unless --color asks for it"},
        {"TERM", "a dumb terminal gets neither colours nor a line that is renewed"}}},
      {"FILES",
       {{"tests/litmus/*.litmus", "programs as text, with what is expected of them"},
        {"repro/regressions/", "findings that are kept; keep writes there, regress reads"},
        {"build/soak/KERNEL/", "the campaign of a kernel: report.txt, report.html, findings/"}}},
      {"SEE ALSO",
       {{"README.md", "what this is, and a glossary"},
        {"repro/RECIPES.md", "from a question to its answer"},
        {"core/program/litmus.h", "the text form of an input"},
        {"core/README.md", "the model, its kernels and its rules"},
        {"repro/README.md", "how an input becomes small, and long campaigns"}}}};
  return m;
}

void add_words(CommandLine& line, const Io& io) {
  std::string_view group;
  for (const Word& word : kWords) {
    if (word.add == nullptr) {
      group = word.name;
      continue;
    }
    line.word(group, word.name, word.help, word.example,
              [&](Arguments& arguments) { return word.add(arguments, io); });
  }
}

}  // namespace

int run_command(std::vector<std::string> args, const Io& io) {
  CommandLine line(manual(), value_kinds());
  add_words(line, io);
  const bool is_wide = io.out_is_terminal && io.out_columns;
  const bool says_nothing = args.empty();
  if (says_nothing) args = {"help"};
  const CommandLine::Parsed parsed =
      line.parse(std::move(args), is_wide ? io.out_columns() : kColumnsUnknown);
  if (parsed.action) return parsed.action();
  (says_nothing ? io.err : io.out) << parsed.shown;
  if (says_nothing) return kBadInput;
  if (parsed.wrong.empty()) return kClean;
  complain(io, parsed.wrong);
  return kBadInput;
}

}  // namespace rmap
