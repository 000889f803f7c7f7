// The synchronisation primitives of a model: locks, condition variables, semaphores, atomics and
// RCU.
//
// Each is a few plain bytes with an identity (Object), so that a model's state can be copied and
// compared, and each takes the name of the place that uses it. A point stands before each request.
// Releasing wakes *all* waiters and the strategy picks who gets it: a superset of every hand-over
// policy of exclusive locks, so that "never" does not depend on fairness. A waiting writer does not
// keep new readers out, as a fair semaphore would; the deadlocks that this adds need a second
// request by a reader, which is reported at once (RwSem).
//
// Lock order is declared, not learned: a class has a rank (ObjectClass), and a lock of equal rank
// may be taken only with a higher `nesting` than the ones held (like mutex_lock_nested). Breaking
// it is a finding (kLockOrder) even when this schedule did not deadlock. A trylock cannot deadlock
// and is not checked. Taking a sleeping lock under a spin lock or inside an RCU section is a
// finding (kSleepInAtomic). A task may hold 16 locks at once.
//
// Whoever looks at a lock without waiting (trylock, is_locked) needs its class to be `observed`:
// only then are releases scheduling points, so that the held state can be seen at all.
//
// All functions run in a task, except where a constructor names an object. Unlocking what one does
// not hold is a CHECK.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "scheduler/scheduler.h"

namespace sched {

// One owner at a time. Whether it spins or sleeps is a property of its class; SpinLock and Mutex
// say which is meant.
class ExclusiveLock {
 public:
  ExclusiveLock() = default;
  explicit ExclusiveLock(Object object) : object_(object) {}

  void lock(Site site, uint8_t nesting = 0) {
    Scheduler& s = Scheduler::running();
    s.lock_requested(object_, nesting, site);
    s.point(site);
    while (owner_ != kNoTask) s.block(object_, site);
    take(s, site, nesting);
    s.happened(EventKind::lock, site, object_, nesting);
  }
  bool trylock(Site site) {
    Scheduler& s = Scheduler::running();
    s.point(site);
    const bool free = owner_ == kNoTask;
    if (free) take(s, site, 0);
    s.happened(EventKind::trylock, site, object_, free);
    return free;
  }
  void unlock(Site site) {
    Scheduler& s = Scheduler::running();
    CHECK_EQ(owner_, s.current());
    if (s.class_of(object_).observed) s.point(site);
    owner_ = kNoTask;
    s.lock_released(object_);
    s.wake(object_);
    s.happened(EventKind::unlock, site, object_);
  }
  // Looks without waiting. Requires: the class is `observed`.
  bool is_locked(Site site) const {
    Scheduler& s = Scheduler::running();
    s.point(site);
    s.happened(EventKind::is_locked, site, object_, owner_ != kNoTask);
    return owner_ != kNoTask;
  }
  // Waits until nobody holds it, without taking it. The declared order does not cover it; a
  // deadlock that it takes part in is reported as the cycle it is.
  void wait_unlocked(Site site) const { wait(site, true); }
  // The same, but whoever takes the lock after that release is not waited for.
  void wait_for_unlock(Site site) const { wait(site, false); }

  // For oracles and lock masks; no visible operation.
  TaskId owner() const { return owner_; }
  bool held() const { return owner_ == Scheduler::running().current(); }
  Object object() const { return object_; }

 private:
  void wait(Site site, bool until_free) const {
    Scheduler& s = Scheduler::running();
    s.might_sleep(object_, site);
    s.point(site);
    while (owner_ != kNoTask) {
      s.block(object_, site);
      if (!until_free) break;
    }
    s.happened(EventKind::is_locked, site, object_, 0);
  }
  void take(Scheduler& s, Site site, uint8_t nesting) {
    owner_ = s.current();
    s.lock_acquired(object_, nesting, site);
  }
  Object object_;
  TaskId owner_ = kNoTask;
};

class SpinLock : public ExclusiveLock {
 public:
  using ExclusiveLock::ExclusiveLock;
};
class Mutex : public ExclusiveLock {
 public:
  using ExclusiveLock::ExclusiveLock;
};

// Many readers or one writer. Not recursive: a second request by a holder, even for read, is a
// finding (kLockOrder).
class RwSem {
 public:
  RwSem() = default;
  explicit RwSem(Object object) : object_(object) {}

  void down_read(Site site, uint8_t nesting = 0) {
    Scheduler& s = request(site, nesting);
    while (writer_ != kNoTask) s.block(object_, site);
    take_read(s, site, nesting);
    s.happened(EventKind::lock_shared, site, object_);
  }
  bool down_read_trylock(Site site) {
    Scheduler& s = Scheduler::running();
    s.point(site);
    const bool free = writer_ == kNoTask;
    if (free) take_read(s, site, 0);
    s.happened(EventKind::trylock, site, object_, free);
    return free;
  }
  void up_read(Site site) {
    CHECK(held_for_read());
    before_release(site);
    readers_.remove(Scheduler::running().current());
    release(site);
  }
  void down_write(Site site, uint8_t nesting = 0) {
    Scheduler& s = request(site, nesting);
    while (writer_ != kNoTask || !readers_.empty()) s.block(object_, site);
    take_write(s, site, nesting);
    s.happened(EventKind::lock, site, object_);
  }
  bool down_write_trylock(Site site) {
    Scheduler& s = Scheduler::running();
    s.point(site);
    const bool free = writer_ == kNoTask && readers_.empty();
    if (free) take_write(s, site, 0);
    s.happened(EventKind::trylock, site, object_, free);
    return free;
  }
  // The writer becomes a reader. Nobody can write in between.
  void downgrade_write(Site site) {
    CHECK(held_for_write());
    before_release(site);
    Scheduler& s = Scheduler::running();
    writer_ = kNoTask;
    readers_.insert(s.current());
    s.wake(object_);
    s.happened(EventKind::lock_shared, site, object_);
  }
  void up_write(Site site) {
    CHECK(held_for_write());
    before_release(site);
    writer_ = kNoTask;
    release(site);
  }

  // Looks without waiting. Requires: the class is `observed`.
  bool is_locked(Site site) const {
    Scheduler& s = Scheduler::running();
    s.point(site);
    const bool locked = writer_ != kNoTask || !readers_.empty();
    s.happened(EventKind::is_locked, site, object_, locked);
    return locked;
  }

  bool held_for_read() const { return readers_.contains(Scheduler::running().current()); }
  bool held_for_write() const { return writer_ == Scheduler::running().current(); }
  Object object() const { return object_; }

 private:
  Scheduler& request(Site site, uint8_t nesting) {
    Scheduler& s = Scheduler::running();
    s.lock_requested(object_, nesting, site);
    // Even a second read may wait for a writer that waits for the first.
    if (held_for_read() || held_for_write()) s.broken(kLockOrder, object_, object_, site);
    s.point(site);
    return s;
  }
  void take_read(Scheduler& s, Site site, uint8_t nesting) {
    readers_.insert(s.current());
    s.lock_acquired(object_, nesting, site);
  }
  void take_write(Scheduler& s, Site site, uint8_t nesting) {
    writer_ = s.current();
    s.lock_acquired(object_, nesting, site);
  }
  void before_release(Site site) const {
    Scheduler& s = Scheduler::running();
    if (s.class_of(object_).observed) s.point(site);
  }
  void release(Site site) {
    Scheduler& s = Scheduler::running();
    s.lock_released(object_);
    s.wake(object_);
    s.happened(EventKind::unlock, site, object_);
  }
  Object object_;
  TaskId writer_ = kNoTask;
  TaskSet readers_;
};

// A condition variable. Which waiter signal() wakes is a choice; there are no spurious wake-ups.
class CondVar {
 public:
  CondVar() = default;
  explicit CondVar(Object object) : object_(object) {}

  // Atomically unlocks and waits; locks again before it returns. Requires: `mutex` is held.
  void wait(ExclusiveLock& mutex, Site site) {
    Scheduler& s = Scheduler::running();
    mutex.unlock(site);
    s.might_sleep(object_, site);
    s.block(object_, site);
    mutex.lock(site);
  }
  void signal(Site site) {
    Scheduler& s = Scheduler::running();
    s.point(site);
    s.wake_one(object_, site);
    s.happened(EventKind::notify, site, object_, 1);
  }
  void broadcast(Site site) {
    Scheduler& s = Scheduler::running();
    s.point(site);
    s.wake(object_);
    s.happened(EventKind::notify, site, object_, 0);
  }

 private:
  Object object_;
};

// A counting semaphore.
class Semaphore {
 public:
  Semaphore() = default;
  Semaphore(Object object, uint32_t count) : object_(object), count_(count) {}

  void acquire(Site site) {
    Scheduler& s = Scheduler::running();
    s.might_sleep(object_, site);
    s.point(site);
    while (count_ == 0) s.block(object_, site);
    count_--;
    s.happened(EventKind::lock, site, object_, count_);
  }
  bool try_acquire(Site site) {
    Scheduler& s = Scheduler::running();
    s.point(site);
    const bool taken = count_ > 0;
    if (taken) count_--;
    s.happened(EventKind::trylock, site, object_, taken);
    return taken;
  }
  void release(Site site) {
    Scheduler& s = Scheduler::running();
    s.point(site);
    count_++;
    s.wake(object_);
    s.happened(EventKind::unlock, site, object_, count_);
  }

 private:
  Object object_;
  uint32_t count_ = 0;
};

// Read-copy-update: sections that never wait, and grace periods that wait for the sections under
// way.
class Rcu {
 public:
  Rcu() = default;
  // `observed` classes have grace periods, so that entering a section is a point; without any it is
  // none.
  explicit Rcu(Object object) : object_(object) {}

  void read_lock(Site site);
  void read_unlock(Site site);
  // Returns when every section that was under way at the call has ended. May sleep.
  void synchronize(Site site);

 private:
  Object object_;
  TaskSet readers_;
  uint8_t depth_[kTasksMax] = {};
  uint32_t sections_[kTasksMax] = {};  // Sections begun, to tell an old one from a new one.
};

}  // namespace sched
