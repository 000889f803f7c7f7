// Tasks that wait: for an object, or for others to go on.
// SPDX-License-Identifier: Apache-2.0
#include "scheduler/scheduler.h"

namespace sched {

void Scheduler::block(Object object, Site site) {
  const TaskId self = current_;
  Task& task = tasks_[self];
  task.waiting_for = object;
  task.waiting_at = site;
  runnable_.remove(self);
  blocked_.insert(self);
  note(EventKind::wait, site, object);
  find_cycle(self);
  if (outcome_.is_cycle) stop(Ending::deadlock);
  count_candidates();
  if (runnable_.empty()) {
    report_deadlock();
    stop(Ending::deadlock);
  }
  if (outcome_.steps >= steps_stop_ && !fair_) {
    fair_ = true;
    fair_from_ = outcome_.steps;
  }
  pick_next();
  outcome_.switches++;
  fibers_[self].switch_to(fibers_[current_]);
}

void Scheduler::wake_blocked(Object object) {
  const TaskSet waiting = blocked_;
  const uint32_t n = waiting.size();
  for (uint32_t i = 0; i < n; i++) {
    const TaskId t = waiting.nth(i);
    if (!(tasks_[t].waiting_for == object)) continue;
    blocked_.remove(t);
    runnable_.insert(t);
    decided_at_ = kNever;
  }
  count_candidates();
}

void Scheduler::wake_one(Object object, Site site) {
  TaskSet waiting;
  const uint32_t n = blocked_.size();
  for (uint32_t i = 0; i < n; i++) {
    const TaskId t = blocked_.nth(i);
    if (tasks_[t].waiting_for == object) waiting.insert(t);
  }
  if (waiting.empty()) return;
  const TaskId chosen = waiting.nth(choose(waiting.size(), site));
  blocked_.remove(chosen);
  runnable_.insert(chosen);
  decided_at_ = kNever;
  count_candidates();
}

void Scheduler::cpu_relax(Site site) {
  happened(EventKind::relax, site);
  tasks_[current_].relaxed_at = outcome_.steps;
  arriving_site_ = site;
  if (outcome_.steps >= steps_stop_) return decide();
  relaxed_.insert(current_);
  const TaskId self = current_;
  pick_next();
  if (current_ == self) return;
  outcome_.switches++;
  fibers_[self].switch_to(fibers_[current_]);
}

void Scheduler::relaxed_wake() {
  const bool self_relaxed = relaxed_.contains(current_);
  relaxed_.clear();
  if (self_relaxed) relaxed_.insert(current_);
}

}  // namespace sched
