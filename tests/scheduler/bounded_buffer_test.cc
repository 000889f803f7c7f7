// A bounded buffer with condition variables: the second user of the library, and the classic lost
// wake-up.
//
// Producers and consumers share a buffer of one slot. The right variant has one condition per
// reason to wait; two wrong ones are the textbook's: a single condition with signal() may wake a
// task that waits for the other reason, and that swallows the wake-up; `if` instead of `while`
// believes a wake-up that another task has already used. This file brings its own vocabulary, so
// that it is also the shortest complete client of the library.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <iostream>

#include "scheduler/guards.h"
#include "scheduler/strategies/direct.h"
#include "scheduler/sync.h"

namespace {

using namespace sched;

constexpr std::string_view kSites[] = {"",         "put/lock", "put/wait",  "put/notify",
                                       "get/lock", "get/wait", "get/notify"};
constexpr Site kPutLock{1}, kPutWait{2}, kPutNotify{3}, kGetLock{4}, kGetWait{5}, kGetNotify{6};
constexpr ObjectClass kObjects[] = {
    {""}, {.name = "buffer", .rank = 1, .sleeps = true}, {.name = "room"}, {.name = "items"}};
constexpr Vocabulary kVocabulary{kSites, kObjects, {}, {}};

enum class Variant { right, one_condition, if_not_while };

constexpr uint32_t kSlots = 1;

struct Buffer {
  Variant variant = Variant::right;
  Mutex lock{make_object(1, 0)};
  // Waits here for room, or in the variant with one condition, for anything.
  CondVar room{make_object(2, 0)};
  CondVar items{make_object(3, 0)};
  // Protected by lock:
  uint32_t filled = 0;
  uint32_t overruns = 0;  // Puts into a full buffer and gets from an empty one.
};

CondVar& items(Buffer& b) { return b.variant == Variant::one_condition ? b.room : b.items; }

void put(Buffer& b) {
  Guard g(b.lock, kPutLock);
  if (b.variant == Variant::if_not_while) {
    if (b.filled == kSlots) b.room.wait(b.lock, kPutWait);
  } else {
    while (b.filled == kSlots) b.room.wait(b.lock, kPutWait);
  }
  b.overruns += b.filled == kSlots;
  b.filled++;
  items(b).signal(kPutNotify);
}

void get(Buffer& b) {
  Guard g(b.lock, kGetLock);
  if (b.variant == Variant::if_not_while) {
    if (b.filled == 0) b.items.wait(b.lock, kGetWait);
  } else {
    while (b.filled == 0) items(b).wait(b.lock, kGetWait);
  }
  b.overruns += b.filled == 0;
  b.filled--;
  b.room.signal(kGetNotify);
}

// One execution of `pairs` tasks that get one item each, and as many that put one.
Outcome run(Buffer& buffer, Decisions& decisions, uint32_t pairs) {
  static Scheduler s(kVocabulary);
  Direct direct;
  s.begin({.strategy = &direct, .decisions = &decisions});
  for (uint32_t i = 0; i < pairs; i++)
    s.spawn([](void* b) { get(*static_cast<Buffer*>(b)); }, &buffer);
  for (uint32_t i = 0; i < pairs; i++)
    s.spawn([](void* b) { put(*static_cast<Buffer*>(b)); }, &buffer);
  return s.run();
}

struct Counts {
  uint64_t executions = 0;
  uint64_t lost = 0;  // Deadlocks without a cycle: everybody waits and nobody is left to wake them.
  uint64_t overruns = 0;  // Executions in which the buffer was over- or underrun.
  std::vector<uint8_t> witness;
};

// Runs every schedule with at most `preemptions_max` preemptions.
Counts explore(Variant variant, uint32_t pairs,
               uint32_t preemptions_max = ExhaustiveDecisions::kUnbounded) {
  Counts counts;
  ExhaustiveDecisions all(preemptions_max);
  RecordedDecisions record;
  all.record_to(&record);
  do {
    Buffer buffer{.variant = variant};
    record.clear();
    const Outcome outcome = run(buffer, all, pairs);
    counts.executions++;
    counts.overruns += buffer.overruns > 0;
    if (outcome.ending == Ending::deadlock && !outcome.is_cycle && counts.lost++ == 0) {
      counts.witness.assign(record.begin(), record.end());
    }
  } while (all.next());
  std::cout << "  " << counts.executions << " schedules, " << counts.lost << " lose a wake-up, "
            << counts.overruns << " overrun\n";
  return counts;
}

// The enumerations below are complete, so that "never" is a proof and each count is a fact about
// the model: a count that changes means that a scheduling point came or went.
TEST(BoundedBuffer, two_conditions_and_loops_are_clean_under_every_schedule) {
  const Counts counts = explore(Variant::right, 2);
  EXPECT_EQ(counts.lost, 0u);
  EXPECT_EQ(counts.overruns, 0u);
  EXPECT_EQ(counts.executions, 2'232u);
}

// A getter's signal wakes the other getter instead of a putter.
TEST(BoundedBuffer, one_condition_with_signal_loses_a_wake_up) {
  const Counts counts = explore(Variant::one_condition, 2);
  EXPECT_EQ(counts.lost, 16u);
  EXPECT_EQ(counts.overruns, 0u);
  EXPECT_EQ(counts.executions, 2'312u);
}

// The first schedule that loses a wake-up is kept as bytes, and these alone repeat it.
TEST(BoundedBuffer, the_witness_of_a_lost_wake_up_replays) {
  const Counts counts = explore(Variant::one_condition, 2, 1);
  ASSERT_GT(counts.lost, 0u);
  ByteDecisions bytes(counts.witness, 0);
  Buffer buffer{.variant = Variant::one_condition};
  const Outcome outcome = run(buffer, bytes, 2);
  EXPECT_EQ(outcome.ending, Ending::deadlock);
  EXPECT_FALSE(outcome.is_cycle);
  EXPECT_GE(outcome.waits.size(), 2u);
  for (const Wait& wait : outcome.waits) EXPECT_EQ(wait.holder, kNoTask);
}

// Two tasks are too few for it: whoever is woken is the right one. Complete, so this "never" is a
// proof.
TEST(BoundedBuffer, one_condition_is_enough_for_two_tasks) {
  const Counts counts = explore(Variant::one_condition, 1);
  EXPECT_EQ(counts.lost, 0u);
  EXPECT_EQ(counts.executions, 3u);
}

TEST(BoundedBuffer, if_instead_of_while_overruns_the_buffer) {
  const Counts counts = explore(Variant::if_not_while, 2);
  EXPECT_EQ(counts.overruns, 280u);
  EXPECT_EQ(counts.executions, 2'372u);
}

}  // namespace
