// SPDX-License-Identifier: Apache-2.0
#include "core/run/since.h"

#include <utility>

namespace rmap {
namespace {

using sched::Event;
using sched::EventKind;

// Looks after each event whether the state is broken, and keeps the event that made it so.
class Observer final : public sched::Watcher {
 public:
  Observer(World& w, const sched::Violation& v) : w_(w), violation_(v) {}

  void event(const Event& e) override {
    const bool was_in_section = std::exchange(in_section_, w_.oracle.ranges.in_section());
    if (in_section_ && !was_in_section) before_section_ = since_;
    look(changes(e) || e.task == last_.task ? moment_of(e) : last_);
    // Half of a section is no state to judge by: what was broken before it and is so after it was
    // never mended.
    if (was_in_section && !in_section_ && since_ && before_section_) since_ = before_section_;
    last_ = moment_of(e);
  }
  std::optional<Moment> moment() {
    look(last_);
    return since_;
  }

 private:
  // Another kind of event changes nothing, so that what is new then was done behind the event
  // before.
  static bool changes(const Event& e) {
    return e.kind == EventKind::write || e.kind == EventKind::add || e.kind >= EventKind::note;
  }
  Moment moment_of(const Event& e) const {
    return {.step = e.step,
            .task = e.task,
            .site = Site{e.site},
            .op = w_.oracle.actors.operation_of(e.task),
            .branch = w_.oracle.actors.branch_of(e.task)};
  }
  void look(const Moment& moment) {
    if (!w_.oracle.lasts(w_, violation_)) {
      since_.reset();
    } else if (!since_) {
      since_ = moment;
      since_->moved = w_.oracle.tokens.entry_moved(violation_, moment.step);
    }
  }

  World& w_;
  sched::Violation violation_;
  Moment last_;
  bool in_section_ = false;
  std::optional<Moment> before_section_;
  std::optional<Moment> since_;
};

}  // namespace

std::optional<Moment> since_when(Executor& executor, const Program& p, sched::Decisions& again) {
  World& w = executor.world();
  const sched::Violation violation = executor.result().outcome.violation;
  if (!Oracle::is_noticed_late(violation)) return std::nullopt;
  Observer observer(w, violation);
  sched::Trace trace(0);
  trace.watch(&observer);
  const RuleSet rules = w.oracle.rules;
  executor.run(p, again, {.rules = rules, .trace = &trace});
  CHECK_EQ(executor.result().outcome.violation.step, violation.step);
  return observer.moment();
}

}  // namespace rmap
