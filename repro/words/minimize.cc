// minimize: finds smaller inputs with the same findings, and keeps one for each finding.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <tuple>

#include "core/kernel/expression.h"
#include "core/text/hint.h"
#include "repro/files/file.h"
#include "repro/files/output.h"
#include "repro/keep/regress.h"
#include "repro/print/json.h"
#include "repro/print/text.h"
#include "repro/run/progress.h"
#include "repro/shrink/minimize_shown.h"
#include "repro/shrink/simplify.h"
#include "repro/words/words.h"

namespace rmap {
namespace {

// Inputs with the same finding under the same kernel, by the smallest of them.
struct Group {
  std::string file;
  NamedKernel kernel;
  Program program;
  Finding finding;
  std::size_t bytes = 0;  // Of the smallest, as encoded.
  uint32_t preemptions = 0;
  std::size_t decisions = 0;  // Written out, without a strategy and a tail.
  uint32_t files = 0;
};

struct MinimizeWord {
  explicit MinimizeWord(const Io& where) : io(where) {}

  const Io& io;
  std::vector<std::string> paths;
  std::string out_path;
  std::string kernel;
  std::string rule;
  uint64_t schedules = MinimizeLimits().schedules_max;
  bool force = false;
  bool json = false;
  Executors executors;
  std::vector<std::string> files;
  std::vector<Group> groups;
  uint32_t clean = 0;   // Files without the finding.
  uint32_t unread = 0;  // Files that hold no input.

  int run() {
    std::vector<Unusable> errors;
    files = regress_files(paths, errors);
    for (const Unusable& u : errors) refuse(u.file, u.error, said(), json);
    if (!rule.empty() && rule_named(rule) == Rule::none && rule != "deadlock" && rule != "livelock")
      return fail(no_rule("--rule", rule));
    if (files.empty()) return kBadInput;
    const bool many = files.size() != 1 || files[0] != paths[0];
    if (many && !is_folder())
      return fail(fmt::format("{}: is no folder, which several results need; end its name with '/'",
                              out_path));
    if (!is_folder()) {
      const std::string wrong = Output(io, out_path, force).objection_to_bytes(files);
      if (!wrong.empty()) return fail(wrong);
    }
    int code = errors.empty() ? kClean : kBadInput;
    for (const std::string& file : files) code = worse(code, add(file, many));
    std::sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) {
      return std::tie(a.finding.signature, a.kernel.name) <
             std::tie(b.finding.signature, b.kernel.name);
    });
    if (many && !json) said().out << summary();
    for (const Group& group : groups) {
      code = worse(code, minimize_group(group, many));
      if (io.interrupted && io.interrupted()) break;
    }
    return code;
  }

  std::string summary() const {
    uint32_t failing = 0;
    for (const Group& group : groups) failing += group.files;
    const std::string not_readable = unread == 0 ? "" : fmt::format(", {} not readable", unread);
    std::string text =
        fmt::format("files: {}, with a finding {}, without {}{}; different findings: {}\n",
                    files.size(), failing, clean, not_readable, groups.size());
    if (clean > 0 && kernel.empty())
      text +=
          "A file of bytes does not say under which kernel it fails; without --kernel it is the "
          "newest.\n";
    return text;
  }

  // --- Which findings there are ------------------------------------------------------------------
  int add(const std::string& file, bool many) {
    const std::optional<Input> input = load(file, said(), json);
    if (!input) {
      unread++;
      return kBadInput;
    }
    std::optional<NamedKernel> k = kernel_for(*input, kernel, io);
    if (!k) return kBadInput;
    Executor& executor = executors.of(k->kernel);
    const Program p = program_for(*input, k->kernel);
    std::optional<Finding> finding;
    sched::PlanRecorder recorder;
    const Result r = executor.run(p, {.plan = &recorder});
    if (r.finding()) finding = describe_finding(executor, p);
    const bool asked_for = finding && rule == finding->rule;
    const std::string lost = asked_for ? "" : not_shown(*input, k->kernel, r, finding);
    if (finding && (asked_for || (rule.empty() && lost.empty()))) {
      add_to_group({file, std::move(*k), p, *finding, encode(p).size(), r.outcome.preemptions,
                    written_out(executor, p, recorder.plan()), 1});
      return kFinding;
    }
    clean++;
    const std::string why = !lost.empty() ? lost
                            : finding
                                ? fmt::format("{}: shows {} under {}, not {}; leave --rule out",
                                              file, finding->rule, k->name, rule)
                                : fmt::format(
                                      "{}: this schedule shows no finding under {}; name another "
                                      "--kernel, or try all schedules: {} matrix {}",
                                      file, k->name, tool(), hinted(file));
    if (many && json) print_json(said(), "error/1", {{"error", why}, {"file", file}});
    if (!many || !lost.empty()) refuse(file, why, said(), json && !many);
    return !lost.empty() ? kInconclusive : many ? kClean : kBadInput;
  }

  static std::size_t written_out(Executor& executor, const Program& p, const sched::Plan& plan) {
    const auto decisions = decisions_of(executor, p, plan);
    return decisions ? decisions->size() : kDecisionsMax + 1;
  }

  void add_to_group(Group one) {
    for (Group& group : groups) {
      if (group.finding.signature != one.finding.signature ||
          !(group.kernel.kernel == one.kernel.kernel))
        continue;
      one.files = group.files + 1;
      if (one.bytes < group.bytes)
        group = std::move(one);
      else
        group.files = one.files;
      return;
    }
    groups.push_back(std::move(one));
  }

  // --- One finding -------------------------------------------------------------------------------
  int minimize_group(const Group& group, bool many) {
    Executor& executor = executors.of(group.kernel.kernel);
    const Goal goal(executor, group.finding.signature);
    const std::optional<Minimized> small =
        minimize_shown(goal, group.program, group.file, io, {.schedules_max = schedules});
    if (!small) {
      return refuse(
          group.file,
          fmt::format("{}: its finding takes more than the {} decisions that an input holds, and "
                      "no schedule with few preemptions "
                      "shows it; drop operations by hand, and try again",
                      group.file, kDecisionsMax),
          said(), json);
    }
    if (small->stopped) complain(io, group.file + ": interrupted; the best so far is kept");
    const std::vector<uint8_t> bytes = encode(small->program);
    std::string path;
    const std::string wrong =
        keep(group.finding, goal, small->program, {bytes.begin(), bytes.end()}, path);
    if (!wrong.empty()) return refuse(group.file, wrong, said(), json);
    if (json)
      print_as_json(group, *small, path);
    else if (many)
      print_line(group, *small, path);
    else
      print_as_text(group, *small, path);
    return kFinding;
  }

  int fail(const std::string& line) const {
    complain(io, line);
    return kBadInput;
  }

  // Where everything goes but an input on standard output.
  Io said() const {
    const Output output(io, out_path, force);
    return output.is_stdout() ? output.said() : io;
  }

  // --- Where it is kept --------------------------------------------------------------------------
  bool is_folder() const {
    std::error_code code;
    return out_path.ends_with('/') ||
           (out_path != "-" && std::filesystem::is_directory(out_path, code));
  }

  // Writes the input; in a folder, under the finding's name. What is there already stays: an input
  // with the same finding that is as small is as good, and something else makes way for .2, .3, ...
  std::string keep(const Finding& finding, const Goal& goal, const Program& p,
                   const std::string& content, std::string& path) {
    if (!is_folder()) return Output(io, path = out_path, force).write(content);
    const std::string base = fmt::format("{}{}{}-{}", out_path, out_path.ends_with('/') ? "" : "/",
                                         finding.rule, finding.hash8);
    std::error_code code;
    for (uint32_t n = 1;; n++) {
      path = n == 1 ? base : fmt::format("{}.{}", base, n);
      const bool taken = std::filesystem::exists(path, code);
      if (taken && is_as_good(goal, p, path)) return {};
      const bool worse_one = taken && force && shows(goal, path) && !is_one_of(path, files);
      const std::string wrong = write_file(path, content, worse_one);
      if (wrong.empty() || !taken) return wrong;
    }
  }
  static std::optional<Program> kept_program(const std::string& path) {
    const InputResult there = load_input(path);
    if (!there.input) return std::nullopt;
    return there.input->litmus.program;
  }
  static bool shows(const Goal& goal, const std::string& path) {
    const std::optional<Program> p = kept_program(path);
    return p && goal.shown_by(*p);
  }
  static bool is_as_good(const Goal& goal, const Program& p, const std::string& path) {
    const std::optional<Program> there = kept_program(path);
    return there && goal.shown_by(*there) && there->tail == 0 && !is_simpler(p, *there) &&
           there->decisions.size() <= p.decisions.size();
  }

  // --- Report ------------------------------------------------------------------------------------
  static std::string minimal_words(const Minimized& m) {
    if (!m.fewest_preemptions) return "";
    return fmt::format("minimal: no schedule with fewer preemptions fails{}\n",
                       m.one_minimal ? ", and none of a simpler program" : "");
  }

  void print_as_text(const Group& g, const Minimized& m, const std::string& path) const {
    Litmus litmus;
    litmus.name = word_of_path(path);
    litmus.program = m.program;
    said().out << fmt::format("kernel   {}\n{}: {}, {} and {}, from {}, {} and {}\n", g.kernel.name,
                              g.finding.signature, counted(m.program.ops.size(), "operation"),
                              counted(m.preemptions, "preemption"),
                              counted(m.program.decisions.size(), "decision"), g.program.ops.size(),
                              g.preemptions, g.decisions);
    said().out << minimal_words(m) << print_litmus(litmus) << fmt::format("kept {}\n", path);
  }

  void print_line(const Group& g, const Minimized& m, const std::string& path) const {
    said().out << fmt::format("{} under {}, in {}: {}, {}, {}, from {}, {} and {} ({}){}\n",
                              g.finding.signature, g.kernel.name, counted(g.files, "file"),
                              counted(m.program.ops.size(), "operation"),
                              counted(m.preemptions, "preemption"),
                              counted(encode(m.program).size(), "byte"), g.program.ops.size(),
                              g.preemptions, g.bytes, g.file,
                              m.fewest_preemptions ? "" : "; not proven to be minimal")
               << fmt::format("  kept {}\n", path) << std::flush;
  }

  void print_as_json(const Group& g, const Minimized& m, const std::string& path) const {
    print_json(said(), "minimize/1",
               {{"bytes", encode(m.program).size()},
                {"bytes_before", g.bytes},
                {"decisions", m.program.decisions.size()},
                {"decisions_before", g.decisions},
                {"executions", m.executions},
                {"failures", m.program.failures},
                {"failures_before", g.program.failures},
                {"fewest_preemptions", m.fewest_preemptions},
                {"file", g.file},
                {"files", g.files},
                {"kept", path},
                {"kernel", g.kernel.name},
                {"one_minimal", m.one_minimal},
                {"operations", m.program.ops.size()},
                {"operations_before", g.program.ops.size()},
                {"preemptions", m.preemptions},
                {"preemptions_before", g.preemptions},
                {"signature", g.finding.signature},
                {"stopped", m.stopped}});
  }
};

}  // namespace

Action add_minimize(Arguments& args, const Io& io) {
  auto word = std::make_shared<MinimizeWord>(io);
  args.option("files", word->paths,
              "inputs, bytes or litmus text, or folders of them; one is kept for each finding")
      .required();
  args.option(
          "-o,--output", word->out_path,
          "where to keep it: a file, - for stdout, or a folder, where the finding gives the name")
      .required();
  args.option("--kernel", word->kernel,
              "a kernel expression (default: the first witness's, else the newest)");
  args.option("--rule", word->rule, "only findings of this rule");
  add_schedules(args, word->schedules, "a candidate");
  args.flag("--force", word->force, "overwrite a file with another content");
  args.flag("--json", word->json, "one JSON object for each finding");
  return [word] { return word->run(); };
}

}  // namespace rmap
