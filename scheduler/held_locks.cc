// What the scheduler knows of held locks: their declared order, sleeping under a spin lock, and who
// waits for whom.
// SPDX-License-Identifier: Apache-2.0
#include "scheduler/scheduler.h"

namespace sched {

void Scheduler::might_sleep(Object what, Site site) {
  outcome_.judged |= 1u << kSleepInAtomic;
  const Task& task = tasks_[current_];
  if (task.atomic_depth == 0) return;
  Object holding;  // None: it is an RCU section that forbids sleeping.
  for (const Held& held : task.held) {
    if (!class_of(held.lock).sleeps) holding = held.lock;
  }
  broken(kSleepInAtomic, what, holding, site);
}

void Scheduler::broken(LibraryRule rule, Object object, Object held, Site site) {
  if ((run_.rules_off >> rule & 1) != 0) return;
  fail({.rule = rule,
        .task = current_,
        .site = site,
        .step = outcome_.steps,
        .object = object,
        .a = held.word()});
}

void Scheduler::check_order(Object lock, uint8_t nesting, Site site) {
  outcome_.judged |= 1u << kLockOrder;
  const ObjectClass& cls = class_of(lock);
  for (const Held& held : tasks_[current_].held) {
    const bool in_order = cls.rank > held.rank || (cls.rank == held.rank && nesting > held.nesting);
    if (in_order || held.lock == lock)
      continue;  // A second request for a held lock is a deadlock of one.
    broken(kLockOrder, lock, held.lock, site);
  }
}

bool Scheduler::holds(Object lock) const {
  for (const Held& held : tasks_[current_].held) {
    if (held.lock == lock) return true;
  }
  return false;
}

// The nth task that holds what `waiter` waits for.
TaskId Scheduler::blocking_holder(TaskId waiter, uint32_t nth) const {
  const Object object = tasks_[waiter].waiting_for;
  if (class_of(object).rank == 0) return kNoTask;
  for (TaskId t = 0; t < spawned_; t++) {
    if (!runnable_.contains(t) && !blocked_.contains(t)) continue;
    for (const Held& held : tasks_[t].held) {
      if (held.lock == object && nth-- == 0) return t;
    }
  }
  return kNoTask;
}

// A task waits for *all* holders of a lock, so that any cycle through `start` is a deadlock,
// whoever else runs.
void Scheduler::find_cycle(TaskId start) {
  struct Frame {
    TaskId task;
    uint32_t nth;
  };
  Frame path[kTasksMax];
  uint32_t depth = 1;
  TaskSet visited;
  path[0] = {start, 0};
  visited.insert(start);
  while (depth > 0) {
    Frame& top = path[depth - 1];
    const TaskId holder = blocking_holder(top.task, top.nth++);
    if (holder == kNoTask) {
      depth--;
      continue;
    }
    if (holder == start) {
      outcome_.is_cycle = true;
      for (uint32_t i = 0; i < depth; i++) {
        const Task& task = tasks_[path[i].task];
        const TaskId next = i + 1 < depth ? path[i + 1].task : start;
        outcome_.waits.push_back({path[i].task, next, task.waiting_at, task.waiting_for});
      }
      return;
    }
    if (!blocked_.contains(holder) || visited.contains(holder)) continue;
    visited.insert(holder);
    path[depth++] = {holder, 0};
  }
}

void Scheduler::report_deadlock() {
  for (TaskId t = 0; t < spawned_; t++) {
    if (!blocked_.contains(t)) continue;
    outcome_.waits.push_back(
        {t, blocking_holder(t, 0), tasks_[t].waiting_at, tasks_[t].waiting_for});
  }
}

}  // namespace sched
