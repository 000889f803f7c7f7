// SPDX-License-Identifier: Apache-2.0
#include "repro/goal.h"

#include <utility>

namespace rmap {

Goal::Goal(Executor& executor, const Result& result, Finding finding)
    : executor_(&executor),
      ending_(result.outcome.ending),
      rule_(result.outcome.violation.rule),
      manner_(result.outcome.violation.manner),
      finding_(std::move(finding)) {}

std::optional<Goal> Goal::of(Executor& executor, const Program& p) {
  const Result& result = executor.run(p);
  if (!result.finding()) return std::nullopt;
  Finding finding = describe_finding(executor, p);
  return Goal(executor, executor.result(), std::move(finding));
}

bool Goal::resembles() const {
  const sched::Outcome& o = executor_->result().outcome;
  return o.ending == ending_ && o.violation.rule == rule_ && o.violation.manner == manner_;
}

bool Goal::shown(const Program& p, sched::Decisions& again) const {
  return resembles() && describe_finding(*executor_, p, again).signature == finding_.signature;
}

bool Goal::shown_by(const Program& p) const {
  executor_->run(p);
  sched::ByteDecisions again({p.decisions.data(), p.decisions.size()}, p.tail);
  return shown(p, again);
}

}  // namespace rmap
