// SPDX-License-Identifier: Apache-2.0
#include "fuzz/tools/minimize_claims.h"

#include <fmt/format.h>

#include "core/program/litmus.h"
#include "fuzz/tools/program_claims.h"
#include "repro/shrink/simplify.h"

namespace rmap {
namespace {

class MinimizeCheck {
 public:
  MinimizeCheck(const FuzzedKernel& kernel, const MinimizeEffort& effort, MinimizeFunction f)
      : executor_(kernel.executor), effort_(effort), f_(f) {}

  Check run(const Program& p) {
    if (!executor_.run(p).finding()) return {};
    preemptions_ = executor_.result().outcome.preemptions;
    const Goal goal(executor_, describe_finding(executor_, p).signature);
    const std::optional<Minimized> m = minimized(goal, p);
    if (!m) return {};
    details_ = fmt::format("{}, from {} to {}", goal.signature(), words(p), words(m->program));
    if (Check broken = check_result(goal, p, *m)) return broken;
    if (Check broken = check_replay(m->program)) return broken;
    return check_again(goal, *m);
  }

 private:
  std::optional<Minimized> minimized(const Goal& goal, const Program& p) {
    MinimizeLimits limits;
    limits.schedules_max = effort_.schedules_max;
    limits.executions_max = effort_.executions_max;
    uint64_t steps = 0;
    limits.stop = [&] {
      return (steps += executor_.result().outcome.steps + 100) > effort_.steps_max;
    };
    return f_(goal, p, limits);
  }

  static std::string words(const Program& p) {
    Litmus l;
    l.name = "input";
    l.program = p;
    return print_litmus(l);
  }

  Check broken(std::string_view token, std::string_view claim) const {
    return Broken{token, claim, details_};
  }

  Check check_result(const Goal& goal, const Program& p, const Minimized& m) const {
    if (!goal.shown_by(m.program))
      return broken("minimized-other-finding", "what is minimized still shows its finding");
    if (is_simpler(p, m.program))
      return broken("minimized-less-simple", "what is minimized is not less simple");
    if (m.preemptions > preemptions_)
      return broken("minimized-preemptions", "what is minimized has no more preemptions");
    if (m.program.strategy != StrategyId::direct || m.program.tail != 0)
      return broken("minimized-form", "what is minimized has a direct schedule and no tail");
    return check_forms(m.program);
  }

  Check check_replay(const Program& p) {
    sched::Trace first(0);
    sched::Trace second(0);
    executor_.run(p, {.trace = &first});
    executor_.run(p, {.trace = &second});
    if (first.hash() != second.hash())
      return broken("minimized-replay", "what is minimized replays to the same trace");
    return {};
  }

  Check check_again(const Goal& goal, const Minimized& first) {
    const std::optional<Minimized> second = minimized(goal, first.program);
    if (!second) return broken("minimized-once", "what is minimized can be minimized again");
    details_ += "and then to " + words(second->program);
    if (is_simpler(first.program, second->program) || second->preemptions > first.preemptions)
      return broken("minimized-again", "what is minimized again is not less simple");
    const bool proven = first.fewest_preemptions && first.one_minimal;
    const bool again = second->fewest_preemptions && second->one_minimal;
    if (proven && again && encode(first.program) != encode(second->program))
      return broken("minimized-no-fixed-point", "what is proven to be minimal stays as it is");
    return {};
  }

  Executor& executor_;
  const MinimizeEffort& effort_;
  MinimizeFunction f_;
  uint32_t preemptions_ = 0;
  std::string details_;
};

}  // namespace

Check check_minimize(const FuzzedKernel& kernel, const Program& p, const MinimizeEffort& effort,
                     MinimizeFunction minimize_function) {
  return MinimizeCheck(kernel, effort, minimize_function).run(p);
}

}  // namespace rmap
