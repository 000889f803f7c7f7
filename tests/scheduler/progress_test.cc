// Tests of executions that do not end by themselves: livelock, an unfair schedule, and a loop that
// is merely long.
//
// Past the step limit an execution goes on fairly. Only what then still retries, and nothing else,
// is a livelock.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/scheduler/fixture.h"

namespace sched {
namespace {

using namespace fixture;

struct World {
  Shared<uint32_t> flag{kX, make_object(kWord, 0)};
  SpinLock a{make_object(kWatched, 0)};
  SpinLock b{make_object(kWatched, 1)};
  uint32_t rounds = 0;
};

Outcome run(std::vector<void (*)(World&)> bodies, std::vector<uint8_t> bytes = {},
            uint32_t steps_max = 1000) {
  Program<World> p(std::move(bodies));
  Direct direct;
  ByteDecisions decisions(bytes, 0);
  return p.run({.strategy = &direct,
                .decisions = &decisions,
                .steps_max = steps_max,
                .fair_steps_max = 1000});
}

void set_flag(World& w) { w.flag.store(1, kThere); }

void relax_until_flag(World& w) {
  while (w.flag.load(kHere) == 0) Scheduler::running().cpu_relax(kHere);
}

void spin_until_flag(World& w) {
  while (w.flag.load(kHere) == 0) {
  }
}

void loop_for_ever(World& w) {
  for (;;) w.flag.load(kHere);
}

TEST(Progress, a_retry_loop_that_relaxes_lets_the_others_go_first) {
  const Outcome o = run({relax_until_flag, set_flag});
  EXPECT_EQ(o.ending, Ending::finished);
  EXPECT_LT(o.steps, 10u);
  EXPECT_EQ(o.preemptions, 0u);
}

// Without the rule about cpu_relax() the tree of schedules would be infinite.
TEST(Progress, a_retry_loop_that_relaxes_has_finitely_many_schedules) {
  Program<World> p({relax_until_flag, set_flag});
  const Tally all = explore(p);
  EXPECT_TRUE(all.always(Ending::finished));
  EXPECT_LT(all.executions, 100u);
}

TEST(Progress, waiting_for_what_nobody_does_is_a_livelock) {
  EXPECT_EQ(run({relax_until_flag}).ending, Ending::livelock);
  EXPECT_EQ(run({relax_until_flag, relax_until_flag}).ending, Ending::livelock);
}

// Others that finish before the limit do not make it any better.
TEST(Progress, a_livelock_is_one_although_another_task_finished_long_ago) {
  EXPECT_EQ(run({relax_until_flag, [](World&) {}}).ending, Ending::livelock);
}

// Each takes its lock, fails to get the other's and backs off: in lockstep, for ever.
TEST(Progress, two_tasks_that_back_off_in_lockstep_are_a_livelock) {
  struct Dance {
    static bool both(SpinLock& mine, SpinLock& yours) {
      mine.lock(kFirst);
      const bool got = yours.trylock(kSecond);
      if (got) yours.unlock(kSecond);
      mine.unlock(kFirst);
      return got;
    }
    static void one(World& w) {
      while (!both(w.a, w.b)) Scheduler::running().cpu_relax(kThird);
    }
    static void two(World& w) {
      while (!both(w.b, w.a)) Scheduler::running().cpu_relax(kThird);
    }
  };
  // When nobody preempts, the first task gets both locks at once. When both stand before their
  // first request and then alternate, nobody ever does.
  EXPECT_EQ(run({Dance::one, Dance::two}).ending, Ending::finished);
  EXPECT_EQ(run({Dance::one, Dance::two}, {0, 1}, 2).ending, Ending::livelock);
}

// A spin without cpu_relax() and a schedule that never switches: unfair, but no fault of the
// program.
TEST(Progress, an_unfair_spin_ends_well_under_the_fair_continuation) {
  const Outcome o = run({spin_until_flag, set_flag});
  EXPECT_EQ(o.ending, Ending::finished);
  EXPECT_GE(o.steps, 1000u);
  EXPECT_LT(o.steps, 1010u);
}

TEST(Progress, a_long_loop_is_no_livelock_but_a_limit) {
  const Outcome alone = run({loop_for_ever});
  EXPECT_EQ(alone.ending, Ending::step_limit);
  EXPECT_EQ(alone.steps, 2000u);
  EXPECT_EQ(run({loop_for_ever, relax_until_flag}).ending, Ending::step_limit);
}

TEST(Progress, a_loop_that_ends_within_the_continuation_is_finished) {
  const Outcome o = run({[](World& w) {
    for (int i = 0; i < 1500; i++) w.flag.load(kHere);
  }});
  EXPECT_EQ(o.ending, Ending::finished);
  EXPECT_EQ(o.steps, 1500u);
}

TEST(Progress, a_task_that_blocks_past_the_limit_hands_over) {
  struct W {
    Semaphore count{make_object(kCount, 0), 0};
    Shared<uint32_t> word{kX, make_object(kWord, 0)};
  };
  Program<W> p({[](W& w) {
                  for (int i = 0; i < 150; i++) w.word.load(kHere);
                  w.count.acquire(kHere);
                },
                [](W& w) {
                  for (int i = 0; i < 150; i++) w.word.load(kThere);
                  w.count.release(kThere);
                }});
  Direct direct;
  ByteDecisions decisions({}, 0);
  const Outcome& o = p.run(
      {.strategy = &direct, .decisions = &decisions, .steps_max = 100, .fair_steps_max = 1000});
  EXPECT_EQ(o.ending, Ending::finished);
}

}  // namespace
}  // namespace sched
