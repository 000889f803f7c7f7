// SPDX-License-Identifier: Apache-2.0
#include "repro/keep/regression.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/kernel/expression.h"
#include "core/text/hint.h"
#include "repro/compare/litmus_check.h"

namespace rmap {
namespace {

Kept& of_kernel(std::vector<Kept>& all, std::string_view kernel, uint32_t line) {
  for (Kept& kept : all) {
    if (kept.kernel != kernel) continue;
    kept.line = std::min(kept.line, line);
    return kept;
  }
  all.push_back({.kernel = kernel, .line = line});
  return all.back();
}

// The line of `lines` for that kernel; a new one if there is none.
template <typename Line>
Line& line_for(std::vector<Line>& lines, const std::string& kernel) {
  for (Line& line : lines) {
    if (line.kernel == kernel) return line;
  }
  Line line;
  line.kernel = kernel;
  lines.push_back(std::move(line));
  return lines.back();
}

Judgement by_hand(Standing standing, std::string_view rule, uint32_t line, std::string what) {
  return {standing, rule, line, std::move(what), true};
}

// What the lines alone show to be wrong.
std::optional<Judgement> judge_lines(const Kept& kept) {
  if (kept.is_newer()) {
    return by_hand(Standing::inconclusive, "", kept.trace->line,
                   fmt::format("kept by a newer rmapfuzz, model {}, and this is model {}; use "
                               "that one",
                               kept.trace->model, kModelVersion));
  }
  if (kept.schedule == nullptr || (kept.finding != nullptr && kept.trace != nullptr)) return {};
  return by_hand(Standing::failed, "", kept.schedule->lines[0],
                 fmt::format("a schedule is kept for {}, and no {} line for it; restore the file, "
                             "or keep the finding anew with {} keep",
                             kept.kernel, kept.finding == nullptr ? "finding" : "trace", tool()));
}

// Broken is what the text was kept for, and in another way.
std::optional<Judgement> shows_another(const Kept& kept, std::string_view rule,
                                       const std::string& signature) {
  if (kept.finding == nullptr || signature == kept.finding->signature) return std::nullopt;
  return {{Standing::failed, rule, kept.finding->line,
           fmt::format("shows {}, and was kept for {}", signature, kept.finding->signature)}};
}

}  // namespace

std::vector<Kept> kept_in(const Litmus& l) {
  std::vector<Kept> all;
  for (const Witness& w : l.witnesses) {
    Kept& kept = of_kernel(all, w.kernel, w.line);
    if (kept.witness == nullptr) kept.witness = &w;
  }
  for (const Schedule& s : l.schedules) of_kernel(all, s.kernel, s.lines[0]).schedule = &s;
  for (const KeptFinding& f : l.findings) of_kernel(all, f.kernel, f.line).finding = &f;
  for (const KeptTrace& t : l.traces) of_kernel(all, t.kernel, t.line).trace = &t;
  return all;
}

std::string_view broken_rule(const Result& r) {
  switch (r.outcome.ending) {
    case sched::Ending::violation:
      return rule_info(static_cast<Rule>(r.outcome.violation.rule)).name;
    case sched::Ending::deadlock: return "deadlock";
    case sched::Ending::livelock: return "livelock";
    case sched::Ending::finished:
    case sched::Ending::step_limit: break;
  }
  return "";
}

std::optional<Judgement> ends_otherwise(const Litmus& l, const Kept& kept, const Result& r,
                                        uint32_t line) {
  const std::string_view rule = broken_rule(r);
  const auto failed = [&](uint32_t at, std::string what) {
    return Judgement{Standing::failed, rule, at, std::move(what)};
  };
  if (r.outcome.ending == sched::Ending::step_limit)
    return {{Standing::inconclusive, "", line, "the step limit was reached"}};
  const std::string_view wanted = kept.finding != nullptr ? kept.finding->rule() : "";
  if (rule.empty()) {
    return failed(line, fmt::format("shows no finding under {}{}{}", kept.kernel,
                                    wanted.empty() ? "" : ", and was kept for ", wanted));
  }
  if (!wanted.empty() && rule != wanted) {
    return failed(kept.finding->line,
                  fmt::format("shows {} under {}, and was kept for {}", rule, kept.kernel, wanted));
  }
  const Kernel kernel = kernel_named(kept.kernel).kernel;
  if (wanted.empty() && contradiction(l, kernel, rule_named(rule)) != nullptr) {
    return failed(
        line, fmt::format("shows {} under {}, which the text does not expect", rule, kept.kernel));
  }
  return std::nullopt;
}

std::string not_shown(const Input& input, const Kernel& kernel, const Result& r,
                      const std::optional<Finding>& finding) {
  const std::vector<Kept> all = kept_in(input.litmus);
  const auto kept = std::find_if(all.begin(), all.end(), [&](const Kept& each) {
    return kernel_named(each.kernel).kernel == kernel;
  });
  if (kept == all.end()) return {};
  const uint32_t line = kept->line != 0 ? kept->line : kept->schedule->lines[0];
  auto otherwise = ends_otherwise(input.litmus, *kept, r, line);
  if (!otherwise && finding && !kept->is_stale())
    otherwise = shows_another(*kept, broken_rule(r), finding->signature);
  if (!otherwise || otherwise->standing == Standing::inconclusive) return {};
  return fmt::format(
      "{}:{}: the text no longer shows what it was kept for: it {}; to look for it "
      "again: {} {} {}",
      input.path, otherwise->line, otherwise->what, tool(),
      kept->finding != nullptr ? "rebase" : "litmus --update", hinted(input.path));
}

void look_for_kept(const Input& input, const Kernel& kernel, RuleSet rules, Recording& r) {
  if (rules == RuleSet::proof()) r.not_shown = not_shown(input, kernel, r.result, r.finding);
}

int code_of_text(const Recording& r, const Io& io) {
  if (r.not_shown.empty()) return exit_code(r.result);
  complain(io, r.not_shown);
  return kInconclusive;
}

// --- Replaying -----------------------------------------------------------------------------------

Judgement Replayer::judge(const Litmus& l, const Kept& kept) {
  if (auto unfit = judge_lines(kept)) return *unfit;
  Executor& executor = executors_.of(kept.kernel);
  const Judgement j = judge_executions(l, kept, executor);
  if (j.standing > Standing::stale || kept.finding == nullptr) return j;
  const Expectation* e = contradiction(l, executor.kernel(), rule_named(kept.finding->rule()));
  if (e == nullptr) return j;
  return by_hand(Standing::failed, j.rule, e->line,
                 fmt::format("{} was kept for {}, and the text expects {}; restore the file, or "
                             "correct the verdict",
                             kept.finding->rule(), kept.kernel, print_expectation(*e)));
}

Judgement Replayer::judge_executions(const Litmus& l, const Kept& kept, Executor& executor) {
  program_ = l.program;
  std::optional<Judgement> witness;
  std::optional<Judgement> schedule;
  bool is_same = false;  // Witness and schedule are one execution.
  if (kept.witness != nullptr || kept.schedule == nullptr) {
    witness = judge_witness(l, kept, executor);
    is_same = kept.schedule != nullptr && plan_.plan() == kept.schedule->plan;
  }
  if (kept.schedule != nullptr && !is_same) schedule = judge_schedule(l, kept, executor);
  if (witness && schedule) {  // One that is fine vouches for finding and trace.
    if (witness->standing < schedule->standing) schedule->line = kept.schedule->lines[0];
    if (schedule->standing < witness->standing) witness->line = kept.witness->line;
  }
  const Judgement& first = witness ? *witness : *schedule;
  const Judgement& last = schedule ? *schedule : *witness;
  if (!kept.is_stale()) return last.standing > first.standing ? last : first;
  // What the bytes mean may have changed. The rule is what counts, and one way to break it.
  const Judgement& better = last.standing < first.standing ? last : first;
  if (better.standing > Standing::stale) return better;
  return {
      Standing::stale, better.rule, kept.trace->line,
      fmt::format("kept by model version {}, and this is {}", kept.trace->model, kModelVersion)};
}

Judgement Replayer::judge_witness(const Litmus& l, const Kept& kept, Executor& executor) {
  uint32_t line = kept.line;
  if (kept.witness != nullptr) {
    line = kept.witness->line;
    CHECK(use_decisions(program_, kept.witness->decisions));  // The parser reads no more.
  }
  const Result& r = executor.run(program_, {.trace = kept.trace != nullptr ? &trace_ : nullptr,
                                            .plan = kept.schedule != nullptr ? &plan_ : nullptr});
  return judge_run(l, kept, executor, r, line, nullptr);
}

Judgement Replayer::judge_schedule(const Litmus& l, const Kept& kept, Executor& executor) {
  CHECK(use_decisions(program_, {}));
  planned_.follow(kept.schedule->plan);
  const Result& r =
      executor.run(program_, planned_, {.trace = kept.trace != nullptr ? &trace_ : nullptr});
  return judge_run(l, kept, executor, r, kept.schedule->lines[0], &kept.schedule->plan);
}

// What the execution of program_ that just ended says about what is kept; `line` is where it
// stands, and `plan` what it followed, null for the program's own decisions.
Judgement Replayer::judge_run(const Litmus& l, const Kept& kept, Executor& executor,
                              const Result& r, uint32_t line, const sched::Plan* plan) {
  const std::string_view rule = broken_rule(r);
  const auto failed = [&](uint32_t at, std::string what) {
    return Judgement{Standing::failed, rule, at, std::move(what)};
  };
  if (auto otherwise = ends_otherwise(l, kept, r, line)) return *otherwise;
  if (kept.is_stale()) return {Standing::holds, rule, line, {}};
  if (kept.trace != nullptr && kept.trace->hash != trace_.hash()) {
    return failed(kept.trace->line,
                  fmt::format("the trace hash is {}, and {} was kept: this program's model differs "
                              "from the one that kept it; if you changed the model, see "
                              "CONTRIBUTING.md, else the file was edited",
                              hex16(trace_.hash()), hex16(kept.trace->hash)));
  }
  if (kept.finding == nullptr) return {Standing::holds, rule, line, {}};
  if (plan != nullptr) planned_.follow(*plan);
  const std::string signature = plan != nullptr
                                    ? describe_finding(executor, program_, planned_).signature
                                    : describe_finding(executor, program_).signature;
  if (auto another = shows_another(kept, rule, signature)) return *another;
  return {Standing::holds, rule, line, {}};
}

// --- Keeping -------------------------------------------------------------------------------------

std::optional<Keepsake> make_keepsake(Executor& executor, const Program& p) {
  Keepsake k;
  sched::PlanRecorder recorder;
  sched::Trace trace(0);  // Only the hash is wanted.
  executor.run(p, {.trace = &trace, .plan = &recorder});
  k.plan = recorder.plan();
  k.hash = trace.hash();
  const auto decisions = decisions_of(executor, p, k.plan);
  Program direct = p;
  if (!decisions || !use_decisions(direct, *decisions)) return std::nullopt;
  executor.run(direct, {.trace = &trace});
  CHECK_EQ(trace.hash(), k.hash);  // The plan is the whole schedule.
  k.decisions = *decisions;
  k.finding = describe_finding(executor, direct);
  return k;
}

void put_keepsake(const Keepsake& k, const std::string& kernel, Litmus& l) {
  line_for(l.schedules, kernel).plan = k.plan;
  line_for(l.findings, kernel).signature = k.finding.signature;
  KeptTrace& trace = line_for(l.traces, kernel);
  trace.model = kModelVersion;
  trace.hash = k.hash;
  line_for(l.witnesses, kernel).decisions = k.decisions;
}

}  // namespace rmap
