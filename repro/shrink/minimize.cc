// SPDX-License-Identifier: Apache-2.0
#include "repro/shrink/minimize.h"

#include <algorithm>

#include "repro/shrink/simplify.h"

namespace rmap {
namespace {

constexpr uint32_t kPreemptionsSearched = 3;  // With more, there are too many schedules.
constexpr uint64_t kProgressEvery = 1 << 14;

// A program's plan by cpus instead of tasks, so that it outlives an operation that goes.
void to_cpus(const Program& p, sched::Plan& plan) {
  const Tasks tasks(p);
  for (sched::PlanStep& step : plan) {
    if (step.kind != sched::PlanKind::start) step.task = tasks.cpu(step.task);
    if (step.kind != sched::PlanKind::data) step.choice = tasks.cpu(step.choice);
  }
}

// The same back. Steps of cpus that have no operations any more are left out.
sched::Plan to_tasks(const Program& p, const sched::Plan& by_cpu) {
  const Tasks tasks(p);
  sched::Plan plan;
  for (sched::PlanStep step : by_cpu) {
    if (step.kind != sched::PlanKind::start) step.task = tasks.task(step.task);
    if (step.kind != sched::PlanKind::data) step.choice = tasks.task(step.choice);
    const bool has_task = step.kind == sched::PlanKind::start || step.task != sched::kNoTask;
    if (has_task && step.choice != sched::kNoTask) plan.push_back(step);
  }
  return plan;
}

class Minimizer {
 public:
  Minimizer(const Goal& goal, const MinimizeLimits& limits) : goal_(goal), limits_(limits) {}

  std::optional<Minimized> run(const Program& p) {
    if (!take_schedule_of(p)) return std::nullopt;
    shorten_plan();
    simplify();  // By following the plan: an execution for each candidate.
    searching_ = true;
    fewest_preemptions();
    simplify();  // By searching where the plan does not do: every schedule for each candidate.
    fewest_preemptions();
    return result();
  }

 private:
  // --- One candidate -----------------------------------------------------------------------------
  // The execution of `ops` that follows `by_cpu`: is it the goal? Then it is the best so far.
  bool follow(const Program& ops, const sched::Plan& by_cpu) {
    executions_++;
    planned_.follow(to_tasks(ops, by_cpu));
    Executor& executor = goal_.executor();
    executor.run(ops, planned_, {.plan = &recorder_});
    if (!goal_.resembles() || executor.result().outcome.preemptions > preemptions_) return false;
    const sched::Plan plan = recorder_.plan();
    planned_.follow(to_tasks(ops, by_cpu));
    if (!goal_.shown(ops, planned_)) return false;
    best_ = ops;
    preemptions_ = executor.result().outcome.preemptions;
    plan_ = plan;
    to_cpus(ops, plan_);
    return true;
  }

  // Some schedule of `ops`, with as few preemptions as possible and no more than the best so far.
  bool search(const Program& ops, uint32_t preemptions_min, uint64_t schedules_max, bool shortest) {
    const uint32_t preemptions_max = std::min(preemptions_, kPreemptionsSearched);
    const Search found =
        find_schedule(goal_, ops,
                      {.preemptions_min = std::min(preemptions_min, preemptions_max),
                       .preemptions_max = preemptions_max,
                       .schedules_max = schedules_max,
                       .shortest = shortest,
                       .stop = [this] { return stops(); }});
    exhausted_ = found.exhausted && preemptions_ <= kPreemptionsSearched;
    if (!found.decisions) return false;
    Program p = ops;
    CHECK(use_decisions(p, *found.decisions));  // find_schedule() gives none that do not fit.
    CHECK(take_schedule_of(p));
    return true;
  }

  bool take(const Candidate& c) {
    sched::Plan plan = plan_;
    for (sched::PlanStep& step : plan) {
      if (step.kind != sched::PlanKind::start) step.task = c.cpu[step.task];
      if (step.kind != sched::PlanKind::data) step.choice = c.cpu[step.choice];
    }
    const Program p = c.program();
    if (follow(p, plan)) return true;
    if (executions_ > limits_.executions_max) searching_ = false;
    return searching_ && search(p, preemptions_, limits_.schedules_max, false);
  }

  // --- The stages --------------------------------------------------------------------------------
  // p's own schedule, whatever its strategy, is the best so far.
  bool take_schedule_of(const Program& p) {
    goal_.executor().run(p, {.plan = &recorder_});
    preemptions_ = goal_.executor().result().outcome.preemptions;
    sched::Plan plan = recorder_.plan();
    to_cpus(p, plan);
    Program ops = p;
    ops.strategy = StrategyId::direct;
    ops.tail = 0;
    ops.decisions.clear();
    return follow(ops, plan);
  }

  // Halves of the plan, then quarters, and so on; later steps first.
  void shorten_plan() {
    for (std::size_t size = plan_.size(); size > 0 && !stops(); size /= 2) {
      for (std::size_t end = plan_.size(); end > 0 && !stops();) {
        const std::size_t begin = end - std::min(end, size);
        sched::Plan plan = plan_;
        plan.erase(plan.begin() + static_cast<std::ptrdiff_t>(begin),
                   plan.begin() + static_cast<std::ptrdiff_t>(end));
        follow(best_, plan);
        end = std::min(begin, plan_.size());
      }
    }
  }

  // Steps down until there is none left.
  void simplify() {
    bool stepped = true;
    while (stepped && !stops()) {
      stepped = false;
      one_minimal_ = true;
      for (const Simplification& s : simplifications()) stepped |= simplify_by(s);
      if (stepped && !searching_) shorten_plan();
    }
  }

  bool simplify_by(const Simplification& s) {
    bool stepped = false;
    std::vector<Candidate> candidates = s.candidates(best_);
    for (std::size_t i = 0; i < candidates.size() && !stops();) {
      exhausted_ = false;
      if (!take(candidates[i])) {
        one_minimal_ &= exhausted_;
        i++;
        continue;
      }
      stepped = true;
      candidates =
          s.candidates(best_);  // What failed before this one would most likely fail again.
    }
    return stepped;
  }

  void fewest_preemptions() {
    if (search(best_, 0, 10 * limits_.schedules_max, true)) {
      fewest_ = exhausted_;
    } else {
      shorten_plan();
    }
  }

  std::optional<Minimized> result() {
    planned_.follow(to_tasks(best_, plan_));
    goal_.executor().run(best_, planned_, {.record = &record_});
    Minimized m;
    m.program = best_;
    if (record_.full() || !use_decisions(m.program, {record_.begin(), record_.end()}))
      return std::nullopt;
    CHECK(goal_.shown_by(m.program));
    m.preemptions = preemptions_;
    m.stopped = stopped_;
    m.fewest_preemptions = fewest_ && !stopped_;
    m.one_minimal = one_minimal_ && !stopped_;
    m.executions = executions_;
    return m;
  }

  bool stops() {
    if (!stopped_ && limits_.stop) stopped_ = limits_.stop();
    executions_++;
    if (asked_++ % kProgressEvery == 0 && limits_.progress)
      limits_.progress({best_.ops.size(), preemptions_, executions_});
    return stopped_;
  }

  const Goal& goal_;
  const MinimizeLimits& limits_;
  Program best_;              // Without decisions.
  sched::Plan plan_;          // Its schedule, by cpus.
  uint32_t preemptions_ = 0;  // Of that schedule.
  bool searching_ = false;    // Candidates are worth a search.
  bool exhausted_ = false;    // The last search ran all schedules.
  bool one_minimal_ = false;  // Since the last step, all searches did.
  bool fewest_ = false;
  bool stopped_ = false;
  uint64_t executions_ = 0;
  uint64_t asked_ = 0;  // How often stops() was.
  sched::PlannedDecisions planned_;
  sched::PlanRecorder recorder_;
  sched::RecordedDecisions record_;
};

}  // namespace

std::optional<Minimized> minimize(const Goal& goal, const Program& p,
                                  const MinimizeLimits& limits) {
  CHECK(goal.shown_by(p));
  return Minimizer(goal, limits).run(p);
}

}  // namespace rmap
