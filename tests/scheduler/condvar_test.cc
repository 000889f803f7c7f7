// Tests of condition variables: waiting is atomic with the unlock, and who is woken is a choice.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/scheduler/fixture.h"

namespace sched {
namespace {

using namespace fixture;

struct World {
  Mutex lock{make_object(kMutex, 0)};
  CondVar cond{make_object(kCond, 0)};
  uint32_t ready = 0;
  uint32_t order = 1;
};

void wait_for_one(World& w) {
  Guard g(w.lock, kHere);
  while (w.ready == 0) w.cond.wait(w.lock, kHere);
  w.ready--;
  w.order = w.order * 4 + self();
}

TEST(CondVar, a_wait_in_a_loop_under_the_lock_misses_no_signal) {
  Program<World> p({wait_for_one, [](World& w) {
                      Guard g(w.lock, kThere);
                      w.ready++;
                      w.cond.signal(kThere);
                    }});
  const Tally all = explore(p);
  EXPECT_TRUE(all.always(Ending::finished));
  EXPECT_EQ(all.executions, 3u);
}

// The lock is held again when wait() returns: nobody is in the section with us.
TEST(CondVar, wait_returns_with_the_lock_held) {
  Program<World> p({[](World& w) {
                      Guard g(w.lock, kHere);
                      while (w.ready == 0) w.cond.wait(w.lock, kHere);
                      CHECK(w.lock.held());
                    },
                    [](World& w) {
                      Guard g(w.lock, kThere);
                      w.ready = 1;
                      w.cond.broadcast(kThere);
                    }});
  EXPECT_TRUE(explore(p).always(Ending::finished));
}

TEST(CondVar, signal_may_wake_any_waiter) {
  const auto signal_twice = [](World& w) {
    for (int i = 0; i < 2; i++) {
      Guard g(w.lock, kThere);
      w.ready++;
      w.cond.signal(kThere);
    }
  };
  Program<World> p({wait_for_one, wait_for_one, signal_twice});
  const Tally all = explore(
      p, [](const World& w) { return w.order; }, 1);
  EXPECT_TRUE(all.always(Ending::finished));
  EXPECT_TRUE(all.saw((1 * 4 + 0) * 4 + 1));
  EXPECT_TRUE(all.saw((1 * 4 + 1) * 4 + 0));
}

TEST(CondVar, signal_wakes_one_and_broadcast_wakes_all) {
  const auto wait_once = [](World& w) {
    Guard g(w.lock, kHere);
    if (w.ready == 0) w.cond.wait(w.lock, kHere);
  };
  Program<World> signal({wait_once, wait_once, [](World& w) {
                           Guard g(w.lock, kThere);
                           w.ready = 1;
                           w.cond.signal(kThere);
                         }});
  Program<World> broadcast({wait_once, wait_once, [](World& w) {
                              Guard g(w.lock, kThere);
                              w.ready = 1;
                              w.cond.broadcast(kThere);
                            }});
  EXPECT_GT(explore(signal).of(Ending::deadlock), 0u);
  EXPECT_TRUE(explore(broadcast).always(Ending::finished));
}

// Checking before taking the lock: the signal falls between the check and the wait.
TEST(CondVar, a_check_outside_of_the_lock_loses_the_wake_up) {
  struct W : World {
    Shared<uint32_t> flag{kX, make_object(kWord, 0)};
  };
  Program<W> p({[](W& w) {
                  if (w.flag.load(kFirst) != 0) return;
                  Guard g(w.lock, kHere);
                  w.cond.wait(w.lock, kSecond);
                },
                [](W& w) {
                  w.flag.store(1, kThird);
                  w.cond.signal(kThere);
                }});
  ExhaustiveDecisions all;
  uint64_t lost = 0;
  do {
    const Outcome& o = p.run(all);
    if (o.ending != Ending::deadlock) continue;
    lost++;
    EXPECT_FALSE(o.is_cycle);
    ASSERT_EQ(o.waits.size(), 1u);
    EXPECT_EQ(o.waits[0].task, 0u);
    EXPECT_EQ(o.waits[0].holder, kNoTask);
    EXPECT_EQ(o.waits[0].site, kSecond);
    EXPECT_EQ(o.waits[0].object, make_object(kCond, 0));
  } while (all.next());
  EXPECT_GT(lost, 0u);
}

}  // namespace
}  // namespace sched
