// Tests of interleaving pairs: who did what to an object after whom.
// SPDX-License-Identifier: Apache-2.0
#include "scheduler/interleavings.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>

#include "tests/scheduler/fixture.h"

namespace sched {
namespace {

using namespace fixture;

constexpr Object kWord5 = make_object(kWord, 5);
constexpr Object kWord6 = make_object(kWord, 6);

TEST(Interleavings, name_two_tasks_at_one_object) {
  Interleavings i;
  i.begin();
  i.happened(EventKind::write, kFirst, kWord5, 0, 0);
  i.happened(EventKind::write, kFirst, kWord5, 0, 0);  // The same task.
  i.happened(EventKind::write, kFirst, kWord6, 1, 0);  // Another object.
  EXPECT_EQ(i.seen.size(), 0u);
  i.happened(EventKind::read, kSecond, kWord5, 1, 0);
  EXPECT_EQ(i.seen.size(), 1u);
  EXPECT_TRUE(i.seen.has(kFirst, kSecond));
  EXPECT_FALSE(i.seen.has(kSecond, kFirst));
}

TEST(Interleavings, two_reads_are_no_pair) {
  Interleavings i;
  i.begin();
  i.happened(EventKind::read, kFirst, kWord5, 0, 0);
  i.happened(EventKind::read, kSecond, kWord5, 1, 0);
  i.happened(EventKind::lock_shared, kSecond, kWord6, 1, 0);
  i.happened(EventKind::lock_shared, kFirst, kWord6, 0, 0);
  EXPECT_EQ(i.seen.size(), 0u);
  i.happened(EventKind::write, kFirst, kWord5, 0, 0);
  EXPECT_TRUE(i.seen.has(kSecond, kFirst));
}

TEST(Interleavings, begin_anew_with_each_execution_and_mark_what_was_seen_before) {
  Interleavings i;
  uint8_t marks[64] = {};
  i.marks = marks;
  i.begin();
  i.happened(EventKind::write, kFirst, kWord5, 0, 0);
  i.begin();
  i.happened(EventKind::write, kSecond, kWord5, 1, 0);
  EXPECT_EQ(i.seen.size(), 0u);
  for (int execution = 0; execution < 2; execution++) {
    i.begin();
    std::fill(std::begin(marks), std::end(marks), uint8_t{0});
    i.happened(EventKind::write, kFirst, kWord5, 0, 0);
    i.happened(EventKind::write, kSecond, kWord5, 1, 0);
    EXPECT_EQ(std::count(std::begin(marks), std::end(marks), 1), 1);
  }
  EXPECT_EQ(i.seen.size(), 1u);
}

TEST(Interleavings, additions_commute_and_failed_attempts_change_nothing) {
  Interleavings i;
  i.begin();
  i.happened(EventKind::add, kFirst, kWord5, 0, 1);
  i.happened(EventKind::add, kSecond, kWord5, 1, 2);
  i.happened(EventKind::trylock, kFirst, kWord6, 0, 0);
  i.happened(EventKind::trylock, kSecond, kWord6, 1, 0);
  EXPECT_EQ(i.seen.size(), 0u);
  i.happened(EventKind::read, kFirst, kWord5, 0, 2);
  EXPECT_TRUE(i.seen.has(kSecond, kFirst));
  i.happened(EventKind::trylock, kFirst, kWord6, 0, 1);
  EXPECT_EQ(i.seen.size(), 1u);
  i.happened(EventKind::trylock, kSecond, kWord6, 1, 0);
  EXPECT_TRUE(i.seen.has(kFirst, kSecond));
}

struct World {
  Mutex lock{make_object(kMutex, 3)};
  Shared<uint32_t> x{kX, kWord5};
};

TEST(Interleavings, are_watched_in_executions) {
  Program<World> p({[](World& w) {
                      Guard g(w.lock, kFirst);
                      w.x.store(1, kFirst);
                    },
                    [](World& w) {
                      Guard g(w.lock, kSecond);
                      w.x.store(2, kSecond);
                    }});
  Direct direct;
  Coverage coverage;
  Interleavings interleavings;
  coverage.interleavings = &interleavings;
  ByteDecisions decisions({}, 0);
  p.run({.strategy = &direct, .decisions = &decisions, .coverage = &coverage});
  EXPECT_TRUE(interleavings.seen.has(kFirst, kSecond));  // The lock, and the word.
  EXPECT_EQ(interleavings.seen.size(), 1u);
  EXPECT_NE(interleavings.uses[kFirst.index].acquires, 0u);
}

TEST(Interleavings, tasks_that_have_ended_race_with_nobody) {
  Direct direct;
  Coverage coverage;
  Interleavings interleavings;
  coverage.interleavings = &interleavings;
  ByteDecisions decisions({}, 0);
  World w;
  Scheduler s(fixture::kVocabulary);
  s.begin({.strategy = &direct, .decisions = &decisions, .coverage = &coverage});
  for (const auto& body : {+[](void* world) { static_cast<World*>(world)->x.store(1, kFirst); },
                           +[](void* world) { static_cast<World*>(world)->x.store(2, kSecond); }}) {
    s.spawn(body, &w);
    s.run();
  }
  EXPECT_EQ(interleavings.seen.size(), 0u);
}

}  // namespace
}  // namespace sched
