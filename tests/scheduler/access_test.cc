// Tests of the access table: which accesses are points, and that leaving the others out loses
// nothing.
// SPDX-License-Identifier: Apache-2.0
#include "scheduler/access.h"

#include <gtest/gtest.h>

#include "tests/scheduler/fixture.h"

namespace sched {
namespace {

using namespace fixture;
using Class = AccessTable::Class;

constexpr auto kRead = AccessMode::read;
constexpr auto kWrite = AccessMode::write;
constexpr auto kAdd = AccessMode::add;

// Bit 0 is an exclusive lock; bit 1 holds a semaphore for reading, bit 2 for writing.
constexpr std::array<LockMask, kLockBits> kExcludes = {0b001, 0b100, 0b110};
constexpr LockMask kNone = 0, kLock = 0b001, kForRead = 0b010, kForWrite = 0b100;

TEST(AccessTable, knows_nothing_at_first) {
  const AccessTable table(kExcludes);
  EXPECT_EQ(table.classify(kX, kRead, kNone), Class::unknown);
}

TEST(AccessTable, accesses_under_a_common_lock_are_guarded) {
  AccessTable table(kExcludes);
  table.observe(kX, kRead, kLock);
  table.observe(kX, kWrite, kLock);
  EXPECT_TRUE(table.settle());
  EXPECT_EQ(table.classify(kX, kRead, kLock), Class::guarded);
  EXPECT_EQ(table.classify(kX, kWrite, kLock), Class::guarded);
}

// The writer's accesses become points too, inside of its critical section: that is where the reader
// comes in.
TEST(AccessTable, one_access_without_the_lock_makes_its_partners_racy) {
  AccessTable table(kExcludes);
  table.observe(kX, kWrite, kLock);
  table.observe(kX, kRead, kLock);
  table.observe(kX, kRead, kNone);
  table.settle();
  EXPECT_EQ(table.classify(kX, kRead, kNone), Class::racy);
  EXPECT_EQ(table.classify(kX, kWrite, kLock), Class::racy);
  EXPECT_EQ(table.classify(kX, kRead, kLock), Class::guarded);
}

TEST(AccessTable, reads_do_not_race) {
  AccessTable table(kExcludes);
  table.observe(kX, kRead, kNone);
  table.settle();
  EXPECT_EQ(table.classify(kX, kRead, kNone), Class::guarded);
}

TEST(AccessTable, two_writes_without_a_lock_race_with_each_other) {
  AccessTable table(kExcludes);
  table.observe(kX, kWrite, kNone);
  table.settle();
  EXPECT_EQ(table.classify(kX, kWrite, kNone), Class::racy);
}

TEST(AccessTable, adds_commute_until_somebody_looks) {
  AccessTable table(kExcludes);
  table.observe(kX, kAdd, kNone);
  table.settle();
  EXPECT_EQ(table.classify(kX, kAdd, kNone), Class::guarded);
  table.observe(kX, kRead, kLock);
  table.settle();
  EXPECT_EQ(table.classify(kX, kAdd, kNone), Class::racy);
  EXPECT_EQ(table.classify(kX, kRead, kLock), Class::racy);
}

TEST(AccessTable, readers_of_a_semaphore_exclude_writers_and_not_each_other) {
  AccessTable table(kExcludes);
  table.observe(kX, kRead, kForRead);
  table.observe(kX, kWrite, kForWrite);
  table.settle();
  EXPECT_EQ(table.classify(kX, kRead, kForRead), Class::guarded);
  EXPECT_EQ(table.classify(kX, kWrite, kForWrite), Class::guarded);
  table.observe(kX, kWrite, kForRead);  // Two of these may run at once.
  table.settle();
  EXPECT_EQ(table.classify(kX, kWrite, kForRead), Class::racy);
  EXPECT_EQ(table.classify(kX, kRead, kForRead), Class::racy);
  EXPECT_EQ(table.classify(kX, kWrite, kForWrite), Class::guarded);
}

// Write under both locks, read under either: the rule of a vma's range.
TEST(AccessTable, write_all_read_any_is_guarded) {
  AccessTable table(kExcludes);
  table.observe(kX, kWrite, kLock | kForWrite);
  table.observe(kX, kRead, kLock);
  table.observe(kX, kRead, kForRead);
  table.settle();
  EXPECT_EQ(table.classify(kX, kWrite, kLock | kForWrite), Class::guarded);
  EXPECT_EQ(table.classify(kX, kRead, kLock), Class::guarded);
  EXPECT_EQ(table.classify(kX, kRead, kForRead), Class::guarded);
}

TEST(AccessTable, fields_do_not_mix) {
  AccessTable table(kExcludes);
  table.observe(kX, kWrite, kNone);
  table.observe(kY, kRead, kNone);
  table.settle();
  EXPECT_EQ(table.classify(kX, kWrite, kNone), Class::racy);
  EXPECT_EQ(table.classify(kY, kRead, kNone), Class::guarded);
}

TEST(AccessTable, settles_when_nothing_new_was_seen) {
  AccessTable table(kExcludes);
  EXPECT_FALSE(table.settle());
  table.observe(kX, kRead, kNone);
  EXPECT_TRUE(table.settle());
  table.observe(kX, kRead, kNone);
  EXPECT_FALSE(table.settle());
}

// --- The table in use ----------------------------------------------------------------------------

struct World {
  Mutex lock{make_object(kMutex, 0)};
  Guarded<uint32_t> x{kX, make_object(kWord, 0)};
  Shared<uint32_t> gate{kY, make_object(kWord, 1)};
};

uint32_t value(const World& w) { return w.x.peek(); }

void add_one(World& w) {
  const uint32_t old = w.x.load(w.lock, kHere);
  w.x.store(w.lock, old + 1, kThere);
}
void with_lock(World& w) {
  Guard g(w.lock, kFirst);
  add_one(w);
}
void without_lock(World& w) { add_one(w); }
void lock_only(World& w) { Guard g(w.lock, kFirst); }

// Explores with the table until nothing new is seen; returns the number of rounds.
uint32_t learn(Program<World>& p, AccessTable& table) {
  uint32_t rounds = 0;
  do {
    explore(p, value, ExhaustiveDecisions::kUnbounded, &table, &table);
    rounds++;
  } while (table.settle());
  return rounds;
}

Tally explore_with(Program<World>& p, AccessTable& table) {
  return explore(p, value, ExhaustiveDecisions::kUnbounded, &table);
}

TEST(Guarded, with_its_lock_everywhere_costs_no_points) {
  AccessTable table(kExcludes);
  Program<World> p({with_lock, with_lock});
  Program<World> locks({lock_only, lock_only});
  learn(p, table);
  const Tally all = explore_with(p, table);
  EXPECT_EQ(all.executions, explore(locks).executions);
  EXPECT_EQ(all.results, (std::map<uint64_t, uint64_t>{{2, all.executions}}));
  EXPECT_FALSE(all.unknown_access);
}

// The same verdict with a point at each access, at many times the price.
TEST(Guarded, points_that_are_left_out_hide_nothing) {
  AccessTable table(kExcludes);
  Program<World> p({with_lock, with_lock});
  learn(p, table);
  const Tally few = explore_with(p, table);
  const Tally many = explore(p, value);
  EXPECT_GE(many.executions, 3 * few.executions);
  EXPECT_EQ(many.results.size(), few.results.size());
  EXPECT_TRUE(many.saw(2));
}

TEST(Guarded, without_its_lock_somewhere_it_is_racy_and_the_lost_update_is_found) {
  AccessTable table(kExcludes);
  Program<World> p({with_lock, without_lock});
  learn(p, table);
  EXPECT_EQ(table.classify(kX, kWrite, kNone), Class::racy);
  EXPECT_EQ(table.classify(kX, kWrite, kLock), Class::racy);
  const Tally all = explore_with(p, table);
  EXPECT_TRUE(all.saw(1));
  EXPECT_TRUE(all.saw(2));
}

// What the table is good for: with the points forced away, the lost update cannot be found.
TEST(Guarded, without_the_points_the_lost_update_hides) {
  AccessTable table(kExcludes);
  Program<World> p({with_lock, without_lock});
  learn(p, table);
  for (uint32_t mode = 0; mode < kAccessModes; mode++) {
    for (uint32_t held = 0; held < kLockMasks; held++) {
      table.force(kX, static_cast<AccessMode>(mode), static_cast<LockMask>(held), Class::guarded);
    }
  }
  EXPECT_FALSE(explore_with(p, table).saw(1));
}

// The second task reaches x without the lock only if it saw the gate open and then shut: a first
// round without points at the gate's accesses could not show that, so that the table must be run to
// a fixpoint.
TEST(AccessTable, learning_needs_rounds_until_a_fixpoint) {
  AccessTable table(kExcludes);
  for (uint32_t mode = 0; mode < kAccessModes; mode++) {
    for (uint32_t held = 0; held < kLockMasks; held++) {
      table.force(kY, static_cast<AccessMode>(mode), static_cast<LockMask>(held), Class::guarded);
    }
  }
  Program<World> p({[](World& w) {
                      w.gate.store(1, kFirst);
                      w.gate.store(0, kSecond);
                    },
                    [](World& w) {
                      if (w.gate.load(kThird) == 1) without_lock(w);
                    },
                    with_lock});
  EXPECT_EQ(learn(p, table), 3u);
  EXPECT_EQ(table.classify(kX, kWrite, kLock), Class::racy);
  EXPECT_FALSE(table.settle());
}

TEST(AccessTable, an_access_that_was_never_learned_is_a_point_and_is_reported) {
  AccessTable table(kExcludes);
  Program<World> known({with_lock, with_lock});
  Program<World> unknown({with_lock, without_lock});
  learn(known, table);
  EXPECT_FALSE(explore_with(known, table).unknown_access);
  EXPECT_TRUE(explore_with(unknown, table).unknown_access);
}

TEST(AccessTable, two_adds_are_no_points_in_an_execution) {
  struct W {
    static void add(W&) {
      Scheduler& s = Scheduler::running();
      s.before_access(kX, kAdd, kNone, kHere);
      s.access_done(kX, kAdd, kHere, make_object(kWord, 0), 1);
    }
  };
  AccessTable table(kExcludes);
  table.observe(kX, kAdd, kNone);
  table.settle();
  Program<W> p({W::add, W::add});
  const auto nothing = [](const W&) { return 0; };
  EXPECT_EQ(explore(p, nothing).executions, 2u);
  EXPECT_EQ(explore(p, nothing, ExhaustiveDecisions::kUnbounded, &table).executions, 2u);
}

}  // namespace
}  // namespace sched
