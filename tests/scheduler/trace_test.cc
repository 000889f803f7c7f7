// Tests of traces: what is recorded, that the hash tells executions apart, and that looking changes
// nothing.
// SPDX-License-Identifier: Apache-2.0
#include "scheduler/trace.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/scheduler/fixture.h"

namespace sched {
namespace {

using namespace fixture;

struct World {
  Mutex lock{make_object(kMutex, 3)};
  Shared<uint32_t> x{kX, make_object(kWord, 5)};
};

void lock_and_store(World& w) {
  Guard g(w.lock, kFirst);
  w.x.store(10 + self(), kSecond);
}

TEST(Trace, names_step_task_site_object_and_values) {
  Program<World> p({lock_and_store});
  Trace trace;
  p.replay({}, &trace);
  ASSERT_EQ(trace.events().size(), 5u);
  const EventKind kinds[] = {EventKind::start, EventKind::lock, EventKind::write, EventKind::unlock,
                             EventKind::finish};
  for (uint32_t i = 0; i < 5; i++) EXPECT_EQ(trace.events()[i].kind, kinds[i]);
  const Event& lock = trace.events()[1];
  EXPECT_EQ(lock.step, 1u);
  EXPECT_EQ(lock.task, 0u);
  EXPECT_EQ(lock.site, kFirst.index);
  EXPECT_EQ(lock.site_id, name_hash("first"));
  EXPECT_EQ(lock.object, make_object(kMutex, 3));
  const Event& write = trace.events()[2];
  EXPECT_EQ(write.step, 2u);
  EXPECT_EQ(write.object, make_object(kWord, 5));
  EXPECT_EQ(write.a, 10u);
  EXPECT_EQ(write.b, kX.index);
}

TEST(Trace, steps_count_up_and_end_at_the_outcome) {
  Program<World> p({lock_and_store, lock_and_store});
  Trace trace;
  const Outcome& o = p.replay({0, 1, 0, 1}, &trace);
  uint32_t step = 0;
  for (const Event& e : trace.events()) {
    EXPECT_GE(e.step, step);
    EXPECT_LE(e.step, step + 1);
    step = e.step;
  }
  EXPECT_EQ(step, o.steps);
}

TEST(Trace, shows_who_waits_for_what) {
  Program<World> p({lock_and_store, lock_and_store});
  Trace trace;
  p.replay({0, 1}, &trace);  // The second task comes while the first is about to store.
  uint32_t waits = 0;
  for (const Event& e : trace.events()) {
    if (e.kind != EventKind::wait) continue;
    waits++;
    EXPECT_EQ(e.task, 1u);
    EXPECT_EQ(e.object, make_object(kMutex, 3));
  }
  EXPECT_EQ(waits, 1u);
}

TEST(Trace, ends_with_the_ending) {
  Program<World> p({[](World& w) {
    Guard once(w.lock, kFirst);
    Guard twice(w.lock, kSecond);
  }});
  Trace trace;
  p.replay({}, &trace);
  EXPECT_EQ(trace.events().back().kind, EventKind::stop);
  EXPECT_EQ(trace.events().back().a, static_cast<uint64_t>(Ending::deadlock));
}

TEST(Trace, equal_executions_have_equal_hashes_and_different_ones_do_not) {
  Program<World> p({lock_and_store, lock_and_store});
  ExhaustiveDecisions all;
  std::set<uint64_t> hashes;
  uint64_t executions = 0;
  RecordedDecisions record;
  all.record_to(&record);
  do {
    record.clear();
    Trace first;
    p.run(all, &first);
    Trace second;
    p.replay(std::vector<uint8_t>(record.begin(), record.end()), &second);
    EXPECT_EQ(first.hash(), second.hash());
    hashes.insert(first.hash());
    executions++;
  } while (all.next());
  // Schedules that differ only in who was started and then preempted before it did anything differ
  // in their `start` events, so that every schedule has a hash of its own.
  EXPECT_EQ(hashes.size(), executions);
}

TEST(Trace, with_and_without_one_an_execution_ends_the_same_way) {
  Program<World> p({lock_and_store, lock_and_store, lock_and_store});
  for (uint64_t seed = 0; seed < 300; seed++) {
    SeededDecisions a(seed);
    const Outcome without = p.run(a);
    const uint32_t value = p.world.x.peek();
    Trace trace;
    SeededDecisions b(seed);
    const Outcome with = p.run(b, &trace);
    EXPECT_EQ(with.ending, without.ending);
    EXPECT_EQ(with.steps, without.steps);
    EXPECT_EQ(with.switches, without.switches);
    EXPECT_EQ(with.preemptions, without.preemptions);
    EXPECT_EQ(p.world.x.peek(), value);
  }
}

// This number may change only together with the meaning of a schedule; a change belongs into the
// commit message. It is the same under g++ and clang, optimised or not, with and without
// sanitizers.
TEST(Trace, the_hash_is_the_same_on_every_machine) {
  Program<World> p({lock_and_store, lock_and_store, lock_and_store});
  Trace trace;
  SeededDecisions decisions(2024);
  p.run(decisions, &trace);
  EXPECT_EQ(trace.hash(), 0x8d6d97a15380d63du);
}

TEST(Trace, is_cleared_by_the_next_execution) {
  Program<World> p({lock_and_store});
  Trace trace;
  p.replay({}, &trace);
  const uint64_t hash = trace.hash();
  p.replay({}, &trace);
  EXPECT_EQ(trace.hash(), hash);
  EXPECT_EQ(trace.events().size(), 5u);
}

TEST(Trace, that_is_too_small_still_hashes_everything) {
  Program<World> p({lock_and_store, lock_and_store});
  Trace large;
  Trace small(3);
  p.replay({}, &large);
  p.replay({}, &small);
  EXPECT_EQ(small.hash(), large.hash());
  EXPECT_EQ(small.recorded(), large.recorded());
  EXPECT_TRUE(small.truncated());
  EXPECT_FALSE(large.truncated());
}

TEST(Trace, each_kind_has_a_verb_of_its_own) {
  std::set<std::string_view> verbs;
  for (uint8_t kind = 0; kind <= static_cast<uint8_t>(EventKind::stop); kind++) {
    verbs.insert(event_verb(static_cast<EventKind>(kind)));
  }
  EXPECT_EQ(verbs.size(), static_cast<uint8_t>(EventKind::stop) + 1u);
}

TEST(Coverage, counts_sites_and_decisions) {
  Program<World> p({lock_and_store, lock_and_store});
  Direct direct;
  ByteDecisions decisions({}, 0);
  Coverage coverage;
  p.run({.strategy = &direct, .decisions = &decisions, .coverage = &coverage});
  EXPECT_EQ(coverage.hits[kFirst.index], 4u);   // Two locks, two unlocks.
  EXPECT_EQ(coverage.hits[kSecond.index], 2u);  // Two stores.
  EXPECT_EQ(coverage.decisions[kFirst.index], 0u);
  EXPECT_EQ(coverage.decisions[kSecond.index], 1u);
}

}  // namespace
}  // namespace sched
