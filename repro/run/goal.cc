// SPDX-License-Identifier: Apache-2.0
#include "repro/run/goal.h"

#include <utility>

namespace rmap {

Goal::Goal(Executor& executor, std::string signature)
    : executor_(&executor), signature_(std::move(signature)) {
  const std::size_t end = signature_.find("--");
  const std::string rule = signature_.substr(0, end);
  if (rule == ending_name(sched::Ending::deadlock)) ending_ = sched::Ending::deadlock;
  if (rule == ending_name(sched::Ending::livelock)) ending_ = sched::Ending::livelock;
  rule_ = rule_named(rule);
  if (end == std::string::npos) return;
  manner_ = signature_.substr(end + 2, signature_.find("--", end + 2) - (end + 2));
}

bool Goal::resembles() const {
  const sched::Outcome& o = executor_->result().outcome;
  if (o.ending != ending_) return false;
  if (ending_ != sched::Ending::violation) return true;
  return o.violation.rule == static_cast<uint8_t>(rule_) &&
         manner_word(rule_, static_cast<Manner>(o.violation.manner)) == manner_;
}

bool Goal::shown(const Program& p, sched::Decisions& again) const {
  return resembles() && describe_finding(*executor_, p, again).signature == signature_;
}

bool Goal::shown_by(const Program& p) const {
  executor_->run(p);
  sched::ByteDecisions again({p.decisions.data(), p.decisions.size()}, p.tail);
  return shown(p, again);
}

}  // namespace rmap
