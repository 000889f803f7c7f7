// Tests of deadlocks: found when the cycle closes, and reported as who waits for what.
//
// The declared lock order catches most of them earlier (lock_order_test.cc). These programs
// deadlock in ways that the order permits: a nesting annotation that lies, a wait that takes no
// lock, an upgrade.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/scheduler/fixture.h"

namespace sched {
namespace {

using namespace fixture;

struct World {
  Mutex a{make_object(kMutex, 0)};
  Mutex b{make_object(kMutex, 1)};
  RwSem sem{make_object(kSem, 0)};
  Shared<uint32_t> word{kX, make_object(kWord, 0)};
};

void a_then_b(World& w) {
  Guard a(w.a, kFirst);
  Guard b(w.b, kSecond, 1);
}
void b_then_a(World& w) {
  Guard b(w.b, kSecond);
  Guard a(w.a, kFirst, 1);
}

// Runs all schedules and returns the outcome of the first that deadlocks; counts them all.
template <typename W>
Outcome first_deadlock(Program<W>& p, uint64_t* deadlocks = nullptr) {
  ExhaustiveDecisions all;
  Outcome first;
  uint64_t count = 0;
  do {
    const Outcome& o = p.run(all);
    if (o.ending == Ending::deadlock && count++ == 0) first = o;
  } while (all.next());
  if (deadlocks != nullptr) *deadlocks = count;
  EXPECT_GT(count, 0u);
  return first;
}

TEST(Deadlock, ab_ba_is_a_cycle_that_says_who_waits_for_what) {
  Program<World> p({a_then_b, b_then_a});
  const Outcome o = first_deadlock(p);
  EXPECT_TRUE(o.is_cycle);
  ASSERT_EQ(o.waits.size(), 2u);
  for (uint32_t i = 0; i < 2; i++) {
    const Wait& wait = o.waits[i];
    EXPECT_EQ(wait.holder, o.waits[1 - i].task);
    EXPECT_EQ(wait.object, make_object(kMutex, wait.task == 0 ? 1 : 0));
    EXPECT_EQ(wait.site, wait.task == 0 ? kSecond : kFirst);
  }
}

// Both tasks have 3 stretches. A deadlock needs both to have their first lock before either asks
// for its second.
TEST(Deadlock, ab_ba_ends_badly_in_some_schedules_only) {
  Program<World> p({a_then_b, b_then_a});
  const Tally all = explore(p);
  EXPECT_GT(all.of(Ending::deadlock), 0u);
  EXPECT_GT(all.of(Ending::finished), 0u);
  EXPECT_EQ(all.of(Ending::deadlock) + all.of(Ending::finished), all.executions);
}

// The third task has a million steps to go, but the execution stops at once.
TEST(Deadlock, a_cycle_is_reported_while_another_task_could_still_run) {
  Program<World> p({a_then_b, b_then_a, [](World& w) {
                      for (int i = 0; i < 1'000'000; i++) w.word.load(kThird);
                    }});
  // Start task 0, switch to task 1 at its second lock; task 1 takes b and blocks on a; then task 0
  // goes on.
  const Outcome& o = p.replay({0, 1});
  EXPECT_EQ(o.ending, Ending::deadlock);
  EXPECT_TRUE(o.is_cycle);
  EXPECT_EQ(o.waits.size(), 2u);
  EXPECT_LT(o.steps, 10u);
}

TEST(Deadlock, taking_a_lock_twice_is_a_cycle_of_one) {
  Program<World> p({[](World& w) {
                      Guard outer(w.a, kFirst);
                      Guard inner(w.a, kSecond);
                    },
                    [](World& w) { w.word.load(kThird); }});
  const Outcome& o = p.replay({});
  EXPECT_EQ(o.ending, Ending::deadlock);
  EXPECT_TRUE(o.is_cycle);
  ASSERT_EQ(o.waits.size(), 1u);
  EXPECT_EQ(o.waits[0].task, 0u);
  EXPECT_EQ(o.waits[0].holder, 0u);
  EXPECT_EQ(o.waits[0].site, kSecond);
}

// A reader that wants to write waits for itself; one that reads again waits for a writer that waits
// for it, as soon as there is such a writer. Neither needs the unlucky schedule to be reported.
TEST(Deadlock, a_second_request_by_a_reader_is_reported_at_once) {
  Program<World> upgrade({[](World& w) {
    ReadGuard reading(w.sem, kFirst);
    WriteGuard writing(w.sem, kSecond);
  }});
  Program<World> recursion({[](World& w) {
    ReadGuard reading(w.sem, kFirst);
    ReadGuard again(w.sem, kSecond);
  }});
  for (Program<World>* p : {&upgrade, &recursion}) {
    const Outcome& o = p->replay({});
    EXPECT_EQ(o.ending, Ending::violation);
    EXPECT_EQ(o.violation.rule, kLockOrder);
    EXPECT_EQ(o.violation.site, kSecond);
  }
}

// A writer waits for all readers; that the second of them waits for the writer's mutex closes the
// cycle.
TEST(Deadlock, a_writer_and_the_last_of_its_readers_are_a_cycle) {
  Program<World> p({[](World& w) { ReadGuard reading(w.sem, kThird); },
                    [](World& w) {
                      ReadGuard reading(w.sem, kFirst);
                      w.a.wait_unlocked(kFirst);
                    },
                    [](World& w) {
                      Guard a(w.a, kSecond);
                      WriteGuard writing(w.sem, kSecond);
                    }});
  const Outcome o = first_deadlock(p);
  EXPECT_TRUE(o.is_cycle);
  ASSERT_EQ(o.waits.size(), 2u);
  EXPECT_EQ(o.waits[0].task + o.waits[1].task, 1u + 2u);
}

TEST(Deadlock, a_reader_waits_for_the_writer_that_waits_for_it) {
  Program<World> p({[](World& w) {
                      Guard a(w.a, kFirst);
                      ReadGuard reading(w.sem, kFirst);
                    },
                    [](World& w) {
                      WriteGuard writing(w.sem, kSecond);
                      w.a.wait_unlocked(kSecond);
                    }});
  const Outcome o = first_deadlock(p);
  EXPECT_TRUE(o.is_cycle);
  ASSERT_EQ(o.waits.size(), 2u);
  for (const Wait& wait : o.waits) EXPECT_EQ(wait.holder, 1u - wait.task);
}

// Every task holds its own lock and wants its neighbour's.
template <uint32_t N>
struct Table {
  Table() {
    for (uint32_t i = 0; i < N; i++) forks[i] = Mutex(make_object(kMutex, i));
  }
  Mutex forks[N];
};

template <uint32_t N>
void dine(Table<N>& w) {
  const TaskId i = self();
  Guard left(w.forks[i], kFirst);
  Guard right(w.forks[(i + 1) % N], kSecond, 1);
}

TEST(Deadlock, three_philosophers_are_a_cycle_of_three) {
  Program<Table<3>> p({dine<3>, dine<3>, dine<3>});
  const Outcome o = first_deadlock(p);
  EXPECT_TRUE(o.is_cycle);
  ASSERT_EQ(o.waits.size(), 3u);
  for (uint32_t i = 0; i < 3; i++) {
    EXPECT_EQ(o.waits[i].holder, o.waits[(i + 1) % 3].task);
    EXPECT_EQ(o.waits[i].holder, (o.waits[i].task + 1) % 3);
  }
}

// One suffices: the first task stops between its forks, and each of the others then blocks, which
// is free.
TEST(Deadlock, philosophers_need_one_preemption) {
  Program<Table<3>> p({dine<3>, dine<3>, dine<3>});
  const auto nothing = [](const Table<3>&) { return 0; };
  EXPECT_EQ(explore(p, nothing, 0).of(Ending::deadlock), 0u);
  EXPECT_GT(explore(p, nothing, 1).of(Ending::deadlock), 0u);
}

TEST(Deadlock, waiting_for_nobody_is_a_deadlock_without_a_cycle) {
  struct W {
    Semaphore count{make_object(kCount, 0), 0};
  };
  const auto acquire = [](W& w) { w.count.acquire(kHere); };
  Program<W> p({acquire, acquire});
  const Outcome& o = p.replay({});
  EXPECT_EQ(o.ending, Ending::deadlock);
  EXPECT_FALSE(o.is_cycle);
  ASSERT_EQ(o.waits.size(), 2u);
  EXPECT_EQ(o.waits[1].task, 1u);
  EXPECT_EQ(o.waits[1].holder, kNoTask);
}

}  // namespace
}  // namespace sched
