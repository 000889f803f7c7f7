// SPDX-License-Identifier: Apache-2.0
#include "repro/keep/rebase.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text/hint.h"
#include "repro/print/text.h"
#include "repro/run/search.h"

namespace rmap {
namespace {

// For each bound; some seconds.
constexpr uint64_t kSchedulesMax = 2'000'000;
// When there is no schedule to count them in.
constexpr uint32_t kPreemptions = 2;

// An execution that shows the finding again, and how it was found; or why there is none.
struct Found {
  std::optional<Program> program;
  std::string how;
  int code = kFinding;  // Without a program: kInconclusive where schedules are left.
};

class Finder {
 public:
  Finder(const Input& input, const Kept& kept, Executors& executors, Progress& progress)
      : input_(input),
        kept_(kept),
        executor_(executors.of(kept.kernel)),
        goal_(executor_, kept.finding->signature),
        progress_(progress) {}

  Found find() {
    Found best = as_kept();
    if (!best.program) best = search();
    return best;
  }

 private:
  std::string_view rule() const { return kept_.finding->rule(); }

  // The schedule, else the witness, if it still breaks the rule; one with the same signature first.
  Found as_kept() {
    const Program& program = input_.litmus.program;
    Found best;
    const auto consider = [&](const std::vector<uint8_t>& decisions, std::string_view how) {
      Program p = program;
      if (!use_decisions(p, decisions) || broken_rule(executor_.run(p)) != rule()) return;
      const bool same = goal_.shown_by(p);
      if (!best.program || (same && !has_signature_))
        best = {p, fmt::format("followed its {}", how)};
      has_signature_ |= same;
    };
    if (kept_.schedule != nullptr) {
      if (const auto d = decisions_of(executor_, program, kept_.schedule->plan))
        consider(*d, "schedule");
    }
    if (kept_.witness != nullptr) consider(kept_.witness->decisions, "witness");
    return best;
  }

  uint32_t preemptions() const {
    if (kept_.schedule == nullptr) return kPreemptions;
    const sched::Plan& plan = kept_.schedule->plan;
    return static_cast<uint32_t>(
        std::count_if(plan.begin(), plan.end(),
                      [](const sched::PlanStep& s) { return s.kind == sched::PlanKind::preempt; }));
  }

  Found search() {
    const auto rule_index =
        static_cast<std::size_t>(rule_named(rule()));  // 0: deadlocks, livelocks
    Found none;
    for (uint32_t bound : {preemptions(), preemptions() + 1}) {
      const ExploreLimits limits{.preemptions_max = bound, .schedules_max = kSchedulesMax};
      const Exploration x =
          explore_shown(executor_, input_.litmus.program, limits,
                        fmt::format("{} {}", input_.litmus.name, kept_.kernel), progress_);
      if (x.by_rule[rule_index] > 0) {
        const Found found = take(x.witness[rule_index], bound);
        if (found.program) return found;
      }
      none = {std::nullopt, why_not(x, bound), x.exhausted ? kFinding : kInconclusive};
      if (x.stopped) break;
    }
    return none;
  }

  std::string why_not(const Exploration& x, uint32_t bound) const {
    if (x.stopped) return fmt::format("{} for {}", unfinished_words(x), rule());
    const std::string others = rules_words(x);
    return fmt::format(
        "the rule {} {} under {}: {} {} with at most {} were run, and found "
        "{}; more preemptions than were tried may break it; if none do, remove the file",
        rule(), x.exhausted ? "can no longer be broken" : "was not broken again", kept_.kernel,
        x.exhausted ? "all" : "only", counted(x.schedules, "schedule"),
        counted(bound, "preemption"), others.empty() ? "nothing" : others);
  }

  // A schedule with the same signature, if there is one, else `any`.
  Found take(const std::vector<uint8_t>& any, uint32_t bound) {
    Program p = input_.litmus.program;
    const Search same = find_schedule(
        goal_, p, {.preemptions_max = bound, .schedules_max = kSchedulesMax, .stop = [this] {
                     return progress_.stop_asked();
                   }});
    if (!use_decisions(p, same.decisions ? *same.decisions : any)) return {};
    if (broken_rule(executor_.run(p)) != rule()) return {};
    return {p, fmt::format("searched the schedules with at most {}", counted(bound, "preemption"))};
  }

  const Input& input_;
  const Kept& kept_;
  Executor& executor_;
  Goal goal_;
  Progress& progress_;
  bool has_signature_ = false;
};

// Rewrites `input` if the regression is found again.
RebaseLine rebase_one(Input& input, const Kept& kept, const Judgement& j, Executors& executors,
                      Progress& progress) {
  const std::string kernel(kept.kernel);
  if (j.by_hand)
    return {kernel, j.line, j.standing == Standing::failed ? kFinding : kInconclusive, j.what};
  if (kept.finding == nullptr) {
    return {kernel, j.line, kFinding,
            fmt::format("{}; it keeps no finding, so nothing is looked for: {} litmus --update {}",
                        j.what, tool(), hinted(input.path))};
  }
  const uint32_t line = kept.finding->line;
  const std::string before = kept.finding->signature;
  const Found found = Finder(input, kept, executors, progress).find();
  if (!found.program) return {kernel, line, found.code, found.how};
  const auto keepsake = make_keepsake(executors.of(kernel), *found.program);
  if (!keepsake) {
    return {
        kernel, line, kFinding,
        fmt::format("{} is found again under {} only by more than {} decisions; drop operations",
                    before, kernel, kDecisionsMax)};
  }
  put_keepsake(*keepsake, kernel, input.litmus);
  input.content = update_kept(input.content, input.litmus, kernel);
  input.litmus = *parse_litmus(input.content).litmus;  // Lines have moved.
  const bool same = keepsake->finding.signature == before;
  return {
      kernel, line, kClean,
      fmt::format("{}{}", found.how, same ? "" : ", and now shows " + keepsake->finding.signature)};
}

}  // namespace

Rebased rebase(const Input& input, Executors& executors, Progress& progress) {
  Rebased rebased;
  Input now = input;
  Replayer replayer(executors);
  for (std::size_t i = 0; i < kept_in(now.litmus).size(); i++) {
    rebased.complete &= !progress.stop_asked();
    if (!rebased.complete) break;
    const Kept kept = kept_in(now.litmus)[i];
    const Judgement j = replayer.judge(now.litmus, kept);
    if (j.standing == Standing::holds) continue;
    rebased.lines.push_back(rebase_one(now, kept, j, executors, progress));
  }
  rebased.text = std::move(now.content);
  return rebased;
}

}  // namespace rmap
