// Tests of the declared lock order and of sleeping in atomic context: findings even when nothing
// went wrong.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/scheduler/fixture.h"

namespace sched {
namespace {

using namespace fixture;

struct World {
  Mutex mutex{make_object(kMutex, 0)};
  Mutex other{make_object(kMutex, 1)};
  RwSem sem{make_object(kSem, 0)};
  SpinLock spin{make_object(kSpin, 0)};
  SpinLock watched{make_object(kWatched, 0)};
  Rcu rcu{make_object(kRcu, 0)};
  CondVar cond{make_object(kCond, 0)};
  Semaphore count{make_object(kCount, 0), 1};
};

// How one task alone ends.
Outcome alone(void (*body)(World&)) {
  Program<World> p({body});
  return p.replay({});
}

TEST(LockOrder, the_declared_order_is_fine) {
  const Outcome o = alone([](World& w) {
    Guard mutex(w.mutex, kFirst);
    ReadGuard sem(w.sem, kSecond);
    Guard spin(w.spin, kThird);
    Guard watched(w.watched, kHere);
  });
  EXPECT_EQ(o.ending, Ending::finished);
}

// One task alone cannot deadlock here; another one that goes the declared way could meet it.
TEST(LockOrder, an_inversion_is_a_finding_although_this_schedule_did_not_deadlock) {
  const Outcome o = alone([](World& w) {
    WriteGuard sem(w.sem, kFirst);
    Guard mutex(w.mutex, kSecond);
  });
  EXPECT_EQ(o.ending, Ending::violation);
  EXPECT_EQ(o.violation.rule, kLockOrder);
  EXPECT_EQ(o.violation.task, 0u);
  EXPECT_EQ(o.violation.site, kSecond);
  EXPECT_EQ(o.violation.object, make_object(kMutex, 0));
  EXPECT_EQ(o.violation.a, make_object(kSem, 0).word());
}

TEST(LockOrder, a_released_lock_no_longer_counts) {
  const Outcome o = alone([](World& w) {
    { Guard spin(w.spin, kFirst); }
    Guard mutex(w.mutex, kSecond);
  });
  EXPECT_EQ(o.ending, Ending::finished);
}

TEST(LockOrder, locks_may_be_released_in_any_order) {
  const Outcome o = alone([](World& w) {
    w.mutex.lock(kFirst);
    w.sem.down_read(kFirst);
    w.mutex.unlock(kFirst);
    w.spin.lock(kFirst);
    w.sem.up_read(kFirst);
    w.spin.unlock(kFirst);
  });
  EXPECT_EQ(o.ending, Ending::finished);
}

TEST(LockOrder, two_locks_of_a_class_need_a_nesting) {
  const Outcome without = alone([](World& w) {
    Guard first(w.mutex, kFirst);
    Guard second(w.other, kSecond);
  });
  EXPECT_EQ(without.violation.rule, kLockOrder);
  const Outcome with = alone([](World& w) {
    Guard first(w.mutex, kFirst);
    Guard second(w.other, kSecond, 1);
  });
  EXPECT_EQ(with.ending, Ending::finished);
}

TEST(LockOrder, a_nesting_does_not_excuse_a_lower_rank) {
  const Outcome o = alone([](World& w) {
    ReadGuard sem(w.sem, kFirst);
    Guard mutex(w.mutex, kSecond, 1);
  });
  EXPECT_EQ(o.violation.rule, kLockOrder);
}

TEST(LockOrder, a_trylock_adds_no_edge) {
  const Outcome o = alone([](World& w) {
    Guard spin(w.spin, kFirst);
    if (w.mutex.trylock(kSecond)) w.mutex.unlock(kSecond);
    if (w.sem.down_write_trylock(kThird)) w.sem.up_write(kThird);
  });
  EXPECT_EQ(o.ending, Ending::finished);
}

// What was taken by trylock is held all the same: waiting for an earlier lock under it can
// deadlock.
TEST(LockOrder, a_request_under_a_trylocked_lock_is_checked) {
  const Outcome o = alone([](World& w) {
    CHECK(w.sem.down_read_trylock(kFirst));
    w.mutex.lock(kSecond);
  });
  EXPECT_EQ(o.violation.rule, kLockOrder);
}

TEST(LockOrder, nothing_carries_over_to_the_next_execution) {
  Program<World> one_way({[](World& w) {
    Guard mutex(w.mutex, kFirst);
    Guard spin(w.spin, kSecond);
  }});
  for (int i = 0; i < 3; i++) {
    EXPECT_EQ(alone([](World& w) {
                Guard spin(w.spin, kFirst);
                Guard mutex(w.mutex, kSecond);
              }).ending,
              Ending::violation);
    EXPECT_EQ(one_way.replay({}).ending, Ending::finished);
  }
}

void expect_sleep_in_atomic(void (*body)(World&), Class what, Class under) {
  const Outcome o = alone(body);
  EXPECT_EQ(o.ending, Ending::violation);
  EXPECT_EQ(o.violation.rule, kSleepInAtomic);
  EXPECT_EQ(o.violation.object, make_object(what, 0));
  EXPECT_EQ(o.violation.a, under == kNothing ? 0u : make_object(under, 0).word());
}

TEST(SleepInAtomic, a_sleeping_lock_under_a_spin_lock) {
  expect_sleep_in_atomic(
      [](World& w) {
        Guard spin(w.spin, kFirst);
        Guard mutex(w.mutex, kSecond);
      },
      kMutex, kSpin);
}

TEST(SleepInAtomic, a_sleeping_lock_inside_an_rcu_section) {
  expect_sleep_in_atomic(
      [](World& w) {
        RcuGuard section(w.rcu, kFirst);
        ReadGuard sem(w.sem, kSecond);
      },
      kSem, kNothing);
}

TEST(SleepInAtomic, a_semaphore_under_a_spin_lock) {
  expect_sleep_in_atomic(
      [](World& w) {
        Guard spin(w.spin, kFirst);
        w.count.acquire(kSecond);
      },
      kCount, kSpin);
}

TEST(SleepInAtomic, a_wait_on_a_condition_under_another_spin_lock) {
  expect_sleep_in_atomic(
      [](World& w) {
        w.mutex.lock(kFirst);
        w.spin.lock(kFirst);
        w.cond.wait(w.mutex, kSecond);
      },
      kCond, kSpin);
}

TEST(SleepInAtomic, a_grace_period_under_a_spin_lock) {
  expect_sleep_in_atomic(
      [](World& w) {
        Guard spin(w.spin, kFirst);
        w.rcu.synchronize(kSecond);
      },
      kRcu, kSpin);
}

TEST(SleepInAtomic, a_spin_lock_inside_an_rcu_section_is_fine) {
  const Outcome o = alone([](World& w) {
    RcuGuard section(w.rcu, kFirst);
    Guard spin(w.spin, kSecond);
  });
  EXPECT_EQ(o.ending, Ending::finished);
}

TEST(SleepInAtomic, after_the_section_sleeping_is_fine) {
  const Outcome o = alone([](World& w) {
    { RcuGuard section(w.rcu, kFirst); }
    { Guard spin(w.spin, kFirst); }
    Guard mutex(w.mutex, kSecond);
  });
  EXPECT_EQ(o.ending, Ending::finished);
}

}  // namespace
}  // namespace sched
