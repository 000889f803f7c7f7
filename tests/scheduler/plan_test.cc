// Tests of plans: any execution can be followed by its plan, step for step, and a step that is
// dropped does not shift the others.
// SPDX-License-Identifier: Apache-2.0
#include "scheduler/plan.h"

#include <gtest/gtest.h>

#include "scheduler/strategies/pct.h"
#include "scheduler/strategies/random_walk.h"
#include "tests/scheduler/fixture.h"

namespace sched {
namespace {

using namespace fixture;

struct World {
  Mutex lock{make_object(kMutex, 0)};
  Shared<uint32_t> x{kX, make_object(kWord, 0)};
  uint32_t chosen = 0;
};

void worker(World& w) {
  w.x.store(self(), kFirst);
  w.chosen = w.chosen * 4 + Scheduler::running().choose(3, kHere);
  Guard g(w.lock, kSecond);
  w.x.load(kThird);
  w.x.load(kThird);
}

class PlanTest : public ::testing::Test {
 protected:
  Program<World> program_{{worker, worker, worker}};
  Direct direct_;
  RandomWalk random_walk_;
  Pct pct_;
  PlanRecorder recorder_;
  PlannedDecisions planned_;

  // The trace's hash.
  uint64_t follow(const Plan& plan, RecordedDecisions* record = nullptr) {
    Trace trace;
    planned_.follow(plan);
    planned_.record_to(record);
    program_.run(
        {.strategy = &direct_, .decisions = &planned_, .trace = &trace, .plan = &recorder_});
    planned_.record_to(nullptr);
    return trace.hash();
  }
};

TEST_F(PlanTest, following_the_plan_repeats_the_execution_of_any_strategy) {
  for (uint64_t seed = 1; seed <= 300; seed++) {
    Strategy* strategies[] = {&direct_, &random_walk_, &pct_};
    SeededDecisions decisions(seed);
    Trace trace;
    program_.run({.strategy = strategies[seed % 3],
                  .decisions = &decisions,
                  .trace = &trace,
                  .plan = &recorder_});
    const Plan plan = recorder_.plan();
    EXPECT_EQ(follow(plan), trace.hash()) << seed;
    EXPECT_EQ(planned_.passed_over(), 0u);
    EXPECT_EQ(recorder_.plan(), plan);
  }
}

TEST_F(PlanTest, a_record_turns_it_into_bytes) {
  const Plan plan = {{PlanKind::start, kNoTask, {}, 1, 2},
                     {PlanKind::preempt, 2, kThird, 2, 0},
                     {PlanKind::data, 0, kHere, 1, 2}};
  RecordedDecisions record;
  const uint64_t hash = follow(plan, &record);
  Trace trace;
  program_.replay({record.begin(), record.end()}, &trace);
  EXPECT_EQ(trace.hash(), hash);
}

TEST_F(PlanTest, a_step_that_is_dropped_does_not_shift_the_others) {
  const PlanStep preempt{PlanKind::preempt, 1, kThird, 2, 0};
  follow({{PlanKind::start, kNoTask, {}, 1, 2}, {PlanKind::next, 2, kSecond, 1, 1}, preempt});
  const Plan whole = recorder_.plan();
  ASSERT_EQ(whole.size(), 3u);
  EXPECT_EQ(whole[2], preempt);
  follow({{PlanKind::start, kNoTask, {}, 1, 1}, preempt});
  EXPECT_EQ(recorder_.plan()[1], preempt);
}

TEST_F(PlanTest, what_cannot_be_carried_out_is_passed_over) {
  const uint64_t simplest = follow({});
  EXPECT_EQ(follow({{PlanKind::preempt, 0, kThird, 3, 1}}),
            simplest);  // It comes there twice only.
  EXPECT_EQ(planned_.passed_over(), 1u);
  EXPECT_EQ(follow({{PlanKind::preempt, 0, kThird, 1, 7}}), simplest);  // There is no such task.
  EXPECT_EQ(planned_.passed_over(), 1u);
  EXPECT_EQ(follow({{PlanKind::data, 0, kHere, 1, 200}}), simplest);
  EXPECT_EQ(planned_.passed_over(), 1u);
}

}  // namespace
}  // namespace sched
