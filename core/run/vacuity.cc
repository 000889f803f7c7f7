// SPDX-License-Identifier: Apache-2.0
#include "core/run/vacuity.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/kernel/expression.h"

namespace rmap {
namespace {

// What the expression begins with.
NamedKernel release_of(const NamedKernel& kernel) {
  return kernel_named(std::string_view(kernel.name).substr(0, kernel.name.find_first_of("+-{")));
}

// The set-up is there for what the cpus do; where they do nothing, it is the question itself.
bool is_all_setup(const Program& p) {
  return std::all_of(p.ops.begin(), p.ops.end(), [](const Op& op) { return op.task == 0; });
}

bool has_effect(const Program& p, const Result& r) {
  const bool all = is_all_setup(p);
  for (uint32_t i = 0; i < p.ops.size(); i++) {
    if ((all || p.ops[i].task != 0) && r.ops[i].took_effect) return true;
  }
  return false;
}

// One program under one kernel, schedule by schedule.
class Enumeration {
 public:
  Enumeration(Executor& executor, const Program& p, uint32_t preemptions_max)
      : executor_(executor), p_(p), decisions_(preemptions_max) {}

  const Result& run() { return executor_.run(p_, decisions_, {.trace = &trace_}); }
  // False behind the last schedule.
  bool next() { return decisions_.next(); }
  // Of the last schedule. A state at rest may differ where no event does.
  bool ran_like(const Enumeration& other) const {
    const sched::Outcome& a = executor_.result().outcome;
    const sched::Outcome& b = other.executor_.result().outcome;
    return trace_.hash() == other.trace_.hash() && a.ending == b.ending &&
           a.violation.rule == b.violation.rule;
  }

 private:
  Executor& executor_;
  const Program& p_;
  sched::ExhaustiveDecisions decisions_;
  sched::Trace trace_{0};
};

std::vector<std::string> rules_apart(const Kernel& kernel, const Kernel& release) {
  std::vector<std::string> rules = describe(kernel);
  const std::vector<std::string> same = describe(release);
  std::erase_if(rules, [&](const std::string& rule) {
    return std::find(same.begin(), same.end(), rule) != same.end();
  });
  return rules;
}

}  // namespace

Vacuity vacuity(Executor& executor, const Never& never, const Watch& watch) {
  Program direct = never.program;
  direct.strategy = StrategyId::direct;
  const Kernel release = release_of(never.kernel).kernel;
  // With the same access table, so that what runs otherwise does so because of the code. As long as
  // nothing does, both make the same choices, and are at the same schedule.
  Executor beside(release, executor.table());
  Enumeration own(executor, direct, never.preemptions_max);
  Enumeration others(beside, direct, never.preemptions_max);
  bool effect = false;
  bool judged = never.rule == Rule::none;
  bool differs = release == never.kernel.kernel;
  bool more = true;
  for (uint64_t schedules = 0; more && !(effect && judged && differs); schedules++) {
    if (schedules % kWatchEvery == 0 && watch && watch(schedules)) return Vacuity::stopped;
    const Result& r = own.run();
    effect |= has_effect(direct, r);
    judged |= (r.judged >> static_cast<uint32_t>(never.rule) & 1) != 0;
    if (!differs) {
      others.run();
      differs = !own.ran_like(others);
    }
    more = own.next();
    if (!differs) differs = others.next() != more;
  }
  if (!effect) return Vacuity::no_effect;
  if (!judged) return Vacuity::not_judged;
  return differs ? Vacuity::none : Vacuity::as_release;
}

std::string vacuity_words(Vacuity v, const Never& never) {
  switch (v) {
    case Vacuity::none: return "";
    case Vacuity::no_effect:
      return fmt::format("no operation {}took effect in any schedule",
                         is_all_setup(never.program) ? "" : "of a cpu ");
    case Vacuity::not_judged:
      return fmt::format("no schedule had anything that {} could be held against",
                         rule_info(never.rule).name);
    case Vacuity::as_release: {
      const NamedKernel release = release_of(never.kernel);
      return fmt::format("no schedule runs otherwise than under {}, so nothing here depends on {}",
                         release.name,
                         fmt::join(rules_apart(never.kernel.kernel, release.kernel), ", "));
    }
    case Vacuity::stopped: return "interrupted before it was known whether it says anything";
  }
  return "";
}

}  // namespace rmap
