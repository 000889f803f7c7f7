// Tests of exhaustive search: that the number of schedules is the one that combinatorics gives.
//
// A task with N points has N + 1 stretches that nothing interrupts (the first, before its first
// point, does nothing that others see), so two such tasks have C(2N + 2, N + 1) schedules.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <set>

#include "tests/scheduler/fixture.h"

namespace sched {
namespace {

using namespace fixture;

template <int N>
struct Ping {
  Mutex lock{make_object(kMutex, 0)};
  uint32_t counter = 0;
  uint32_t order = 1;  // Who went in, as bits.
};

template <int N>
void ping(Ping<N>& w) {
  for (int i = 0; i < N; i++) {
    Guard g(w.lock, kHere);
    w.counter++;
    w.order = w.order << 1 | self();
  }
}

template <int N>
Tally explore_ping() {
  Program<Ping<N>> p({ping<N>, ping<N>});
  return explore(p, [](const Ping<N>& w) { return w.order; });
}

TEST(Exhaustive, two_tasks_of_n_locks_have_binomially_many_schedules) {
  EXPECT_EQ(explore_ping<0>().executions, 2u);   // They still start in either order.
  EXPECT_EQ(explore_ping<1>().executions, 2u);   // C(2, 1)
  EXPECT_EQ(explore_ping<2>().executions, 6u);   // C(4, 2)
  EXPECT_EQ(explore_ping<3>().executions, 20u);  // C(6, 3)
  EXPECT_EQ(explore_ping<4>().executions, 70u);  // C(8, 4)
}

TEST(Exhaustive, reaches_each_order_of_the_critical_sections) {
  EXPECT_EQ(explore_ping<1>().results.size(), 2u);  // C(2, 1)
  EXPECT_EQ(explore_ping<2>().results.size(), 6u);  // C(4, 2)
  EXPECT_EQ(explore_ping<4>().results.size(),
            70u);  // C(8, 4), the number that GenMC prints for N = 4.
}

// Three tasks of two stretches each: 6! / (2! 2! 2!).
TEST(Exhaustive, three_tasks_have_multinomially_many_schedules) {
  Program<Ping<1>> p({ping<1>, ping<1>, ping<1>});
  EXPECT_EQ(explore(p).executions, 6u);
}

TEST(Exhaustive, a_task_that_is_alone_has_one_schedule) {
  Program<Ping<4>> p({ping<4>});
  EXPECT_EQ(explore(p).executions, 1u);
  EXPECT_EQ(p.world.counter, 4u);
}

// One task runs to its end, then the other.
TEST(Exhaustive, a_bound_of_zero_leaves_the_order_of_the_tasks) {
  Program<Ping<3>> p({ping<3>, ping<3>});
  const auto order = [](const Ping<3>& w) { return w.order; };
  EXPECT_EQ(explore(p, order, 0).executions, 2u);
}

TEST(Exhaustive, a_larger_bound_reaches_a_superset) {
  Program<Ping<3>> p({ping<3>, ping<3>});
  const auto order = [](const Ping<3>& w) { return w.order; };
  std::set<uint64_t> previous;
  uint64_t executions = 0;
  for (uint32_t bound : {0u, 1u, 2u, ExhaustiveDecisions::kUnbounded}) {
    const Tally tally = explore(p, order, bound);
    EXPECT_GT(tally.executions, executions);
    for (uint64_t r : previous) EXPECT_TRUE(tally.saw(r));
    previous.clear();
    for (const auto& [r, n] : tally.results) previous.insert(r);
    executions = tally.executions;
  }
  EXPECT_EQ(executions, 20u);
}

TEST(Exhaustive, the_bound_counts_what_the_outcome_counts) {
  Program<Ping<3>> p({ping<3>, ping<3>});
  ExhaustiveDecisions some(2);
  do {
    const Outcome& o = p.run(some);
    EXPECT_EQ(o.preemptions, some.preemptions());
    EXPECT_LE(o.preemptions, 2u);
  } while (some.next());
}

TEST(Exhaustive, no_two_executions_are_the_same) {
  Program<Ping<2>> p({ping<2>, ping<2>});
  ExhaustiveDecisions all;
  std::set<std::vector<uint8_t>> schedules;
  uint32_t executions = 0;
  RecordedDecisions record;
  all.record_to(&record);
  do {
    record.clear();
    p.run(all);
    schedules.insert({record.begin(), record.end()});
    executions++;
  } while (all.next());
  EXPECT_EQ(schedules.size(), executions);
}

// The second task reads a variable that survives an execution: the search must notice, and not lie
// about "all".
TEST(ExhaustiveDeathTest, state_that_survives_an_execution_is_our_bug) {
  static int survivor = 0;
  Program<Ping<2>> p({ping<2>, [](Ping<2>& w) {
                        if (survivor++ % 2 == 0) ping<2>(w);
                      }});
  EXPECT_DEATH(explore(p), "CHECK failed: ");
}

}  // namespace
}  // namespace sched
