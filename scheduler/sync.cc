// SPDX-License-Identifier: Apache-2.0
#include "scheduler/sync.h"

namespace sched {

void Rcu::read_lock(Site site) {
  Scheduler& s = Scheduler::running();
  const TaskId self = s.current();
  const bool observed = s.class_of(object_).observed;
  if (observed) s.point(site);
  if (depth_[self]++ == 0) {
    readers_.insert(self);
    sections_[self]++;
  }
  s.atomic_section(+1);
  if (observed) {
    s.happened(EventKind::rcu_lock, site, object_);
  } else {
    s.note(EventKind::rcu_lock, site, object_);
  }
}

void Rcu::read_unlock(Site site) {
  Scheduler& s = Scheduler::running();
  const TaskId self = s.current();
  CHECK(depth_[self] > 0);
  if (--depth_[self] == 0) {
    readers_.remove(self);
    s.wake(object_);
  }
  s.atomic_section(-1);
  s.note(EventKind::rcu_unlock, site, object_);
}

void Rcu::synchronize(Site site) {
  Scheduler& s = Scheduler::running();
  s.might_sleep(object_, site);
  s.point(site);
  const TaskSet readers = readers_;
  for (uint32_t i = 0; i < readers.size(); i++) {
    const TaskId reader = readers.nth(i);
    const uint32_t section = sections_[reader];
    while (readers_.contains(reader) && sections_[reader] == section) s.block(object_, site);
  }
  s.happened(EventKind::rcu_wait, site, object_);
}

}  // namespace sched
