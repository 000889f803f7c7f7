// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "repro/story/deed_writer.h"
#include "repro/trace/rows.h"

namespace rmap {

using sched::Event;
using sched::EventKind;

namespace {

bool is_focus_lock(const Focus& focus, sched::Object lock) {
  return is_rmap_lock(lock) && is_in(focus.anon_vmas, lock.ordinal);
}

}  // namespace

void LockDeeds::lock(const Event& e) {
  const bool takes = e.kind == EventKind::lock || e.kind == EventKind::lock_shared ||
                     (e.kind == EventKind::trylock && e.a != 0);
  const bool page_lock = w_.f.has(kPageLocks) && e.object.cls == kPageLockClass &&
                         is_in(w_.f.pages, e.object.ordinal) && e.kind != EventKind::wait;
  if (!page_lock && !(w_.f.has(kLocks) && matters_at_the_end(e))) return;
  const Act act = e.kind == EventKind::wait     ? Act::wait
                  : e.kind == EventKind::unlock ? Act::unlock
                  : takes                       ? Act::lock
                                                : Act::busy;
  Deed& d = w_.add(act, e);
  d.lock = w_.shadow.lock_name(e.object);
  d.holder = w_.shadow.holder(e.object);
}

// A lock that its task still holds, or asks for, when the execution ends.
bool LockDeeds::matters_at_the_end(const Event& e) const {
  const bool suspect = is_suspect(e.task);
  if (e.kind == EventKind::wait) return suspect && is_last_wait(e);
  const bool foreign =
      w_.r.finding->rule == "foreign_unlock" && suspect && is_focus_lock(w_.f, e.object);
  if (e.kind == EventKind::unlock || e.kind == EventKind::trylock) {
    if (e.kind == EventKind::unlock || e.a == 0) return foreign;
  }
  if (w_.r.finding->rule == "foreign_unlock") return foreign;
  return suspect && stays_held(e);
}
bool LockDeeds::is_suspect(sched::TaskId task) const {
  if (w_.r.result.outcome.ending == sched::Ending::violation)
    return task == w_.r.result.outcome.violation.task;
  const auto& waits = w_.r.result.outcome.waits;
  return std::any_of(waits.begin(), waits.end(),
                     [&](const sched::Wait& w) { return w.task == task; });
}
bool LockDeeds::stays_held(const Event& e) const {
  const auto events = w_.events();
  for (uint32_t i = w_.index + 1; i < events.size(); i++) {
    if (events[i].task == e.task && events[i].object == e.object &&
        events[i].kind == EventKind::unlock)
      return false;
  }
  return true;
}
bool LockDeeds::is_last_wait(const Event& e) const {
  const auto events = w_.events();
  for (uint32_t i = w_.index + 1; i < events.size(); i++) {
    if (events[i].task == e.task && events[i].kind != EventKind::stop) return false;
  }
  return true;
}

// Only the section that is still open when it ends.
void LockDeeds::rcu(const Event& e) {
  const auto events = w_.events();
  int depth = 1;
  for (uint32_t i = w_.index + 1; i < events.size() && depth > 0; i++) {
    if (events[i].task != e.task) continue;
    depth += events[i].kind == EventKind::rcu_lock;
    depth -= events[i].kind == EventKind::rcu_unlock;
  }
  if (depth > 0) w_.add(Act::rcu, e);
}

}  // namespace rmap
