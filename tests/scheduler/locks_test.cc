// Tests of the locks: mutual exclusion under every schedule, trylock, readers, semaphores and
// guards.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <type_traits>

#include "tests/scheduler/fixture.h"

namespace sched {
namespace {

using namespace fixture;

// Counts who is inside of a critical section that has a scheduling point within.
struct Inside {
  Shared<uint32_t> word{kX, make_object(kWord, 0)};
  uint32_t readers = 0;
  uint32_t writers = 0;
  uint32_t readers_most = 0;
  bool broken = false;

  void read() {
    readers_most = std::max(readers_most, ++readers);
    word.load(kThere);
    broken |= writers > 0;
    readers--;
  }
  void write() {
    writers++;
    word.store(1, kThere);
    broken |= writers > 1 || readers > 0;
    writers--;
  }
};

struct Exclusive {
  SpinLock spin{make_object(kSpin, 0)};
  Mutex mutex{make_object(kMutex, 0)};
  Semaphore count{make_object(kCount, 0), 2};
  Inside inside;
};

bool broken(const Exclusive& w) { return w.inside.broken; }

void enter_spin(Exclusive& w) {
  Guard g(w.spin, kHere);
  w.inside.write();
}

void enter_mutex(Exclusive& w) {
  Guard g(w.mutex, kHere);
  w.inside.write();
}

void enter_semaphore(Exclusive& w) {
  w.count.acquire(kHere);
  w.inside.read();
  w.count.release(kHere);
}

TEST(SpinLock, lets_one_task_in_under_every_schedule) {
  Program<Exclusive> p({enter_spin, enter_spin, enter_spin});
  const Tally all = explore(p, broken);
  EXPECT_TRUE(all.always(Ending::finished));
  EXPECT_FALSE(all.saw(true));
  EXPECT_GT(all.executions, 6u);
}

TEST(Mutex, lets_one_task_in_under_every_schedule) {
  Program<Exclusive> p({enter_mutex, enter_mutex, enter_mutex});
  const Tally all = explore(p, broken);
  EXPECT_TRUE(all.always(Ending::finished));
  EXPECT_FALSE(all.saw(true));
}

// The pair of the two tests above: without a common lock the same section is broken.
TEST(Mutex, does_not_exclude_a_task_that_takes_another_lock) {
  Program<Exclusive> p({enter_mutex, enter_spin});
  const Tally all = explore(p, broken);
  EXPECT_TRUE(all.saw(true));
  EXPECT_TRUE(all.saw(false));
}

// All waiters are woken and the strategy picks: each order of the two that wait is reached.
TEST(Mutex, any_waiter_may_get_it) {
  struct W {
    Mutex lock{make_object(kMutex, 0)};
    uint32_t order = 1;
  };
  const auto body = [](W& w) {
    Guard g(w.lock, kHere);
    w.order = w.order * 4 + self();
  };
  Program<W> p({body, body, body});
  EXPECT_EQ(explore(p, [](const W& w) { return w.order; }).results.size(), 6u);
}

TEST(Semaphore, lets_as_many_in_as_it_counts) {
  Program<Exclusive> p({enter_semaphore, enter_semaphore, enter_semaphore});
  const Tally all = explore(p, [](const Exclusive& w) { return w.inside.readers_most; });
  EXPECT_TRUE(all.always(Ending::finished));
  EXPECT_TRUE(all.saw(1));
  EXPECT_TRUE(all.saw(2));
  EXPECT_FALSE(all.saw(3));
}

TEST(Semaphore, may_be_released_by_another_task) {
  struct W {
    Semaphore done{make_object(kCount, 0), 0};
    uint32_t value = 0;
    uint32_t seen = 0;
  };
  Program<W> p({[](W& w) {
                  w.done.acquire(kHere);
                  w.seen = w.value;
                },
                [](W& w) {
                  w.value = 7;
                  w.done.release(kHere);
                }});
  const Tally all = explore(p, [](const W& w) { return w.seen; });
  EXPECT_EQ(all.results.size(), 1u);
  EXPECT_TRUE(all.saw(7));
}

TEST(Semaphore, try_acquire_fails_at_zero_and_does_not_wait) {
  struct W {
    Semaphore count{make_object(kCount, 0), 1};
    uint32_t taken = 0;
  };
  const auto body = [](W& w) { w.taken += w.count.try_acquire(kHere); };
  Program<W> p({body, body});
  const Tally all = explore(p, [](const W& w) { return w.taken; });
  EXPECT_EQ(all.results.size(), 1u);
  EXPECT_TRUE(all.saw(1));
}

struct Sem {
  RwSem sem{make_object(kSem, 0)};
  Inside inside;
};

void reader(Sem& w) {
  ReadGuard g(w.sem, kHere);
  w.inside.read();
}

void writer(Sem& w) {
  WriteGuard g(w.sem, kHere);
  w.inside.write();
}

TEST(RwSem, readers_share_and_writers_exclude) {
  Program<Sem> p({reader, reader, writer});
  const Tally all =
      explore(p, [](const Sem& w) { return w.inside.readers_most * 2 + w.inside.broken; });
  EXPECT_TRUE(all.always(Ending::finished));
  EXPECT_EQ(all.results.size(), 2u);
  EXPECT_TRUE(all.saw(1 * 2));
  EXPECT_TRUE(all.saw(2 * 2));
}

TEST(RwSem, two_writers_exclude_each_other) {
  Program<Sem> p({writer, writer});
  const Tally all = explore(p, [](const Sem& w) { return w.inside.broken; });
  EXPECT_FALSE(all.saw(true));
}

// Bit 0: the read trylock succeeded; bit 1: the write trylock did.
TEST(RwSem, trylocks_see_who_is_in) {
  struct W : Sem {
    uint32_t taken = 0;
  };
  Program<W> p({[](W& w) {
                  ReadGuard g(w.sem, kHere);
                  w.inside.read();
                },
                [](W& w) {
                  if (w.sem.down_read_trylock(kHere)) {
                    w.taken |= 1;
                    w.sem.up_read(kHere);
                  }
                  if (w.sem.down_write_trylock(kHere)) {
                    w.taken |= 2;
                    w.sem.up_write(kHere);
                  }
                }});
  const Tally all = explore(p, [](const W& w) { return w.taken; });
  EXPECT_EQ(all.results.size(), 2u);
  EXPECT_TRUE(all.saw(1));
  EXPECT_TRUE(all.saw(3));
}

TEST(RwSem, says_who_holds_it_and_how) {
  Program<Sem> p({[](Sem& w) {
    CHECK(!w.sem.held_for_read());
    {
      ReadGuard g(w.sem, kHere);
      CHECK(w.sem.held_for_read());
      CHECK(!w.sem.held_for_write());
    }
    WriteGuard g(w.sem, kHere);
    CHECK(w.sem.held_for_write());
  }});
  EXPECT_EQ(p.replay({}).ending, Ending::finished);
}

struct Watched {
  SpinLock lock{make_object(kWatched, 0)};
  uint32_t seen = 0;
};

TEST(Trylock, sees_both_states_of_an_observed_lock) {
  Program<Watched> p({[](Watched& w) { Guard g(w.lock, kHere); },
                      [](Watched& w) {
                        w.seen = w.lock.trylock(kThere);
                        if (w.seen) w.lock.unlock(kThere);
                      }});
  const Tally all = explore(p, [](const Watched& w) { return w.seen; });
  EXPECT_TRUE(all.saw(false));
  EXPECT_TRUE(all.saw(true));
}

// Because nobody looks at it without waiting, the same release is no point for a lock that is not
// observed.
TEST(Unlock, is_a_point_only_where_somebody_looks) {
  struct W {
    SpinLock spin{make_object(kSpin, 0)};
    SpinLock watched{make_object(kWatched, 0)};
  };
  const auto spin = [](W& w) { Guard g(w.spin, kHere); };
  const auto watched = [](W& w) { Guard g(w.watched, kHere); };
  Program<W> two_points({spin, spin});
  Program<W> three_points({watched, watched});
  EXPECT_EQ(explore(two_points).executions, 2u);
  EXPECT_GT(explore(three_points).executions, 2u);
}

TEST(IsLocked, sees_both_states) {
  Program<Watched> p({[](Watched& w) { Guard g(w.lock, kHere); },
                      [](Watched& w) { w.seen = w.lock.is_locked(kThere); }});
  const Tally all = explore(p, [](const Watched& w) { return w.seen; });
  EXPECT_TRUE(all.saw(false));
  EXPECT_TRUE(all.saw(true));
}

TEST(WaitUnlocked, returns_when_nobody_holds_the_lock_and_does_not_take_it) {
  Program<Exclusive> p({enter_mutex, [](Exclusive& w) {
                          w.mutex.wait_unlocked(kThere);
                          w.inside.broken |= w.inside.writers > 0 || w.mutex.held();
                        }});
  const Tally all = explore(p, broken);
  EXPECT_TRUE(all.always(Ending::finished));
  EXPECT_FALSE(all.saw(true));
}

TEST(Guard, holds_for_the_length_of_its_block) {
  static_assert(!std::is_copy_constructible_v<Guard>);
  Program<Exclusive> p({[](Exclusive& w) {
    CHECK(!w.mutex.held());
    {
      Guard g(w.mutex, kHere);
      CHECK(w.mutex.held());
      CHECK(Scheduler::running().holds(w.mutex.object()));
    }
    CHECK(!w.mutex.held());
    CHECK(!Scheduler::running().holds(w.mutex.object()));
  }});
  EXPECT_EQ(p.replay({}).ending, Ending::finished);
}

TEST(LocksDeathTest, unlocking_what_another_task_holds_is_our_bug) {
  Program<Exclusive> p({[](Exclusive& w) { w.mutex.unlock(kHere); }});
  EXPECT_DEATH(p.replay({}), "CHECK failed: owner_ == s.current\\(\\)");
}

TEST(LocksDeathTest, a_task_that_ends_with_a_lock_is_our_bug) {
  Program<Exclusive> p({[](Exclusive& w) { w.mutex.lock(kHere); }});
  EXPECT_DEATH(p.replay({}), "CHECK failed: .*held.empty.*\n.*step 1, task 0, after here");
}

// The lost update: two atomic accesses are not one. fetch_add and compare_exchange are.
struct Counter {
  Atomic<uint32_t> word{kX, make_object(kWord, 0)};
};

template <void (*body)(Counter&)>
std::map<uint64_t, uint64_t> sums() {
  Program<Counter> p({body, body});
  return explore(p, [](const Counter& w) { return w.word.peek(); }).results;
}

void load_and_store(Counter& w) {
  const uint32_t old = w.word.load(kHere);
  w.word.store(old + 1, kThere);
}
void fetch_add(Counter& w) { w.word.fetch_add(1, kHere); }
void compare_exchange(Counter& w) {
  for (;;) {
    const uint32_t old = w.word.load(kHere);
    if (w.word.compare_exchange(old, old + 1, kThere)) return;
  }
}

// Two tasks of 2 stretches: C(4, 2) = 6 schedules, of which only those lose nothing in which one
// task has stored before the other one loads.
TEST(Shared, a_load_and_a_store_lose_updates) {
  EXPECT_EQ(sums<load_and_store>(), (std::map<uint64_t, uint64_t>{{1, 4}, {2, 2}}));
}

TEST(Atomic, fetch_add_loses_none) {
  EXPECT_EQ(sums<fetch_add>(), (std::map<uint64_t, uint64_t>{{2, 2}}));
}

TEST(Atomic, compare_exchange_loses_none) {
  const auto results = sums<compare_exchange>();
  EXPECT_EQ(results.size(), 1u);
  EXPECT_TRUE(results.contains(2));
}

}  // namespace
}  // namespace sched
