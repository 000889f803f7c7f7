// Tests of stacks and their reuse: many tasks, and executions that stop half-way, ten thousand
// times in a row.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>

#include "tests/scheduler/fixture.h"

namespace sched {
namespace {

using namespace fixture;

// The resident pages of this process.
long resident_pages() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  long size = 0;
  long resident = 0;
  const int read = std::fscanf(file, "%ld %ld", &size, &resident);
  std::fclose(file);
  return read == 2 ? resident : 0;
}

struct Counter {
  Mutex lock{make_object(kMutex, 0)};
  uint32_t sum = 0;
  TaskSet ran;
};

void count_twice(Counter& w) {
  for (int i = 0; i < 2; i++) {
    Guard g(w.lock, kHere);
    w.sum++;
    w.ran.insert(self());
  }
}

TEST(Tasks, up_to_128_run_to_their_ends) {
  Program<Counter> p(std::vector<Program<Counter>::Body>(kTasksMax, count_twice));
  for (uint64_t seed = 0; seed < 20; seed++) {
    SeededDecisions decisions(seed);
    EXPECT_EQ(p.run(decisions).ending, Ending::finished);
    EXPECT_EQ(p.world.sum, 2 * kTasksMax);
    EXPECT_EQ(p.world.ran.size(), kTasksMax);
  }
}

TEST(TasksDeathTest, one_more_is_our_bug) {
  Program<Counter> p(std::vector<Program<Counter>::Body>(kTasksMax + 1, count_twice));
  EXPECT_DEATH(p.replay({}), "CHECK failed: spawned_ < kTasksMax");
}

TEST(Tasks, may_be_added_between_two_runs) {
  Scheduler& s = scheduler();
  Direct direct;
  ByteDecisions decisions({}, 0);
  Counter w;
  const auto body = [](void* argument) { count_twice(*static_cast<Counter*>(argument)); };
  s.begin({.strategy = &direct, .decisions = &decisions});
  EXPECT_EQ(s.run().ending, Ending::finished);  // Nobody is there yet.
  for (uint32_t sum = 2; sum <= 6; sum += 2) {
    EXPECT_EQ(s.spawn(body, &w), sum / 2 - 1);
    EXPECT_EQ(s.run().ending, Ending::finished);
    EXPECT_EQ(w.sum, sum);
  }
}

// Ends in a deadlock, with each stack cut off inside of two guards and some frames of its own.
struct Stuck {
  Mutex locks[2] = {Mutex(make_object(kMutex, 0)), Mutex(make_object(kMutex, 1))};
};

void get_stuck(Stuck& w) {
  volatile char frame[512] = {};  // AddressSanitizer puts it on a fake stack.
  Guard mine(w.locks[self()], kFirst);
  frame[100] = frame[99];
  Guard yours(w.locks[1 - self()], kSecond, 1);
}

// Preempts the first task at its second lock.
const std::vector<uint8_t> kStuckBytes = {0, 1};

#ifndef __has_feature
#define __has_feature(x) 0  // g++ 12 has none.
#endif

TEST(Abandoning, ten_thousand_deadlocks_in_a_row_do_not_grow) {
  if (__has_feature(thread_sanitizer))
    GTEST_SKIP() << "ThreadSanitizer keeps some 400 bytes of every fiber that it ever knew";
  Program<Stuck> p({get_stuck, get_stuck});
  const auto deadlock = [&] {
    for (int i = 0; i < 10'000; i++) ASSERT_EQ(p.replay(kStuckBytes).ending, Ending::deadlock);
  };
  deadlock();  // AddressSanitizer's own pools fill up here: about 900 pages, once.
  const long before = resident_pages();
  deadlock();
  // One leaked page per execution would be 10,000; a leaked fake stack of AddressSanitizer is
  // larger still.
  EXPECT_LT(resident_pages() - before, 500);
}

TEST(Abandoning, an_execution_after_it_is_like_any_other) {
  Program<Stuck> stuck({get_stuck, get_stuck});
  Program<Counter> counter({count_twice, count_twice, count_twice});
  Trace fresh;
  SeededDecisions decisions(5);
  counter.run(decisions, &fresh);
  for (int i = 0; i < 100; i++) {
    ASSERT_EQ(stuck.replay(kStuckBytes).ending, Ending::deadlock);
    Trace again;
    SeededDecisions same(5);
    ASSERT_EQ(counter.run(same, &again).ending, Ending::finished);
    EXPECT_EQ(again.hash(), fresh.hash());
  }
}

// The second task is stopped before it ran at all; its parked stack serves the next execution.
TEST(Abandoning, a_task_that_never_started_needs_no_care) {
  Program<Stuck> p({[](Stuck& w) {
                      Guard once(w.locks[0], kFirst);
                      Guard twice(w.locks[0], kSecond);
                    },
                    get_stuck});
  Program<Counter> counter({count_twice, count_twice});
  for (int i = 0; i < 100; i++) {
    ASSERT_EQ(p.replay({}).ending, Ending::deadlock);
    ASSERT_EQ(counter.replay({}).ending, Ending::finished);
  }
}

TEST(Abandoning, a_cycle_of_128_tasks_is_reported_whole) {
  struct Ring {
    Ring() {
      for (uint32_t i = 0; i < kTasksMax; i++) locks[i] = Mutex(make_object(kMutex, i));
    }
    Mutex locks[kTasksMax];
    Shared<uint32_t> seated{kX, make_object(kWord, 0)};
  };
  const auto body = [](Ring& w) {
    Guard mine(w.locks[self()], kFirst);
    w.seated.fetch_add(1, kThird);
    while (w.seated.load(kThird) < kTasksMax) Scheduler::running().cpu_relax(kThird);
    Guard yours(w.locks[(self() + 1) % kTasksMax], kSecond, 1);
  };
  Program<Ring> p(std::vector<Program<Ring>::Body>(kTasksMax, body));
  for (int i = 0; i < 10; i++) {
    const Outcome& o = p.replay({});
    ASSERT_EQ(o.ending, Ending::deadlock);
    EXPECT_TRUE(o.is_cycle);
    EXPECT_EQ(o.waits.size(), kTasksMax);
  }
}

TEST(Abandoning, a_finding_stops_the_execution_where_it_is) {
  struct W {
    uint32_t after = 0;
  };
  Program<W> p({[](W& w) {
    Scheduler& s = Scheduler::running();
    s.fail({.rule = kClientRules,
            .manner = 3,
            .task = s.current(),
            .site = kThere,
            .object = {},
            .a = 7});
    w.after = 1;
  }});
  const Outcome& o = p.replay({});
  EXPECT_EQ(o.ending, Ending::violation);
  EXPECT_EQ(o.violation.rule, kClientRules);
  EXPECT_EQ(o.violation.manner, 3u);
  EXPECT_EQ(o.violation.a, 7u);
  EXPECT_EQ(p.world.after, 0u);
}

}  // namespace
}  // namespace sched
