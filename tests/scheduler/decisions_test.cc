// Tests of the sources of choices: bytes, seeds and records of draws.
// SPDX-License-Identifier: Apache-2.0
#include "scheduler/decisions.h"

#include <gtest/gtest.h>

namespace sched {
namespace {

std::vector<uint32_t> draw(Decisions& d, std::initializer_list<uint32_t> sizes) {
  std::vector<uint32_t> choices;
  for (uint32_t n : sizes) choices.push_back(d.choose(n));
  return choices;
}

TEST(ByteDecisions, a_byte_is_a_choice_modulo_the_candidates) {
  const uint8_t bytes[] = {0, 1, 5, 255, 200};
  ByteDecisions d(bytes, 0);
  EXPECT_EQ(draw(d, {2, 2, 3, 256, 7}), (std::vector<uint32_t>{0, 1, 2, 255, 4}));
}

TEST(ByteDecisions, a_choice_of_one_draws_no_byte) {
  const uint8_t bytes[] = {1};
  ByteDecisions d(bytes, 0);
  EXPECT_EQ(draw(d, {1, 1, 2}), (std::vector<uint32_t>{0, 0, 1}));
}

TEST(ByteDecisions, tail_zero_keeps_running_for_ever) {
  const uint8_t bytes[] = {1};
  ByteDecisions d(bytes, 0);
  EXPECT_EQ(d.choose(2), 1u);
  for (int i = 0; i < 1000; i++) EXPECT_EQ(d.choose(5), 0u);
}

// 64 draws of 256 values: two seeds agree on all of them with probability 2^-512.
TEST(ByteDecisions, another_tail_is_the_seed_of_the_rest) {
  const auto rest = [](uint64_t tail) {
    const uint8_t bytes[] = {3};
    ByteDecisions d(bytes, tail);
    EXPECT_EQ(d.choose(256), 3u);
    std::vector<uint32_t> draws;
    for (int i = 0; i < 64; i++) draws.push_back(d.choose(256));
    return draws;
  };
  EXPECT_EQ(rest(7), rest(7));
  EXPECT_NE(rest(7), rest(8));
}

// These numbers may never change: a corpus names schedules by them, on every machine.
TEST(SplitMix, is_the_published_generator) {
  SplitMix random(1234567);
  EXPECT_EQ(random.next(), 6457827717110365317u);
  EXPECT_EQ(random.next(), 3203168211198807973u);
}

TEST(SplitMix, below_reaches_each_number_and_no_other) {
  SplitMix random(1);
  uint32_t seen[5] = {};
  for (int i = 0; i < 5000; i++) seen[random.below(5)]++;
  for (uint32_t count : seen) EXPECT_GT(count, 800u);  // Mean 1000, standard deviation 28.
}

TEST(RecordedDecisions, replay_as_bytes_gives_the_same_choices) {
  RecordedDecisions record;
  SeededDecisions seeded(42);
  seeded.record_to(&record);
  const auto first = draw(seeded, {2, 3, 1, 256, 5, 100, 2, 2, 9});
  EXPECT_EQ(record.size(), 8u);
  ByteDecisions bytes({record.data(), record.size()}, 0);
  EXPECT_EQ(draw(bytes, {2, 3, 1, 256, 5, 100, 2, 2, 9}), first);
}

TEST(RecordedDecisions, hold_canonical_bytes_whatever_the_input_was) {
  const uint8_t bytes[] = {255, 7};
  ByteDecisions d(bytes, 0);
  RecordedDecisions record;
  d.record_to(&record);
  draw(d, {2, 4, 6});
  ASSERT_EQ(record.size(), 3u);
  EXPECT_EQ(record[0], 1u);
  EXPECT_EQ(record[1], 3u);
  EXPECT_EQ(record[2], 0u);
}

TEST(RecordedDecisions, stop_when_told_to) {
  SeededDecisions d(1);
  RecordedDecisions record;
  d.record_to(&record);
  d.choose(2);
  d.record_to(nullptr);
  d.choose(2);
  EXPECT_EQ(record.size(), 1u);
}

TEST(RecordedDecisions, say_when_they_were_too_small) {
  static RecordedDecisions record;
  SeededDecisions d(1);
  d.record_to(&record);
  for (uint32_t i = 0; i < RecordedDecisions::capacity(); i++) d.choose(2);
  EXPECT_FALSE(d.overflowed());
  d.choose(2);
  EXPECT_TRUE(d.overflowed());
  EXPECT_TRUE(record.full());
}

TEST(ExhaustiveDecisions, enumerate_the_product_of_free_choices_once_each) {
  ExhaustiveDecisions all;
  std::vector<std::vector<uint32_t>> seen;
  do seen.push_back(draw(all, {2, 1, 3}));
  while (all.next());
  EXPECT_EQ(seen, (std::vector<std::vector<uint32_t>>{
                      {0, 0, 0}, {0, 0, 1}, {0, 0, 2}, {1, 0, 0}, {1, 0, 1}, {1, 0, 2}}));
}

// Of 6 binary choices, those with at most b ones: the sum of the binomials C(6, 0) to C(6, b).
TEST(ExhaustiveDecisions, a_bound_keeps_the_sequences_that_it_can_afford) {
  const uint32_t expected[] = {1, 7, 22, 42, 57, 63, 64};
  for (uint32_t bound = 0; bound <= 6; bound++) {
    ExhaustiveDecisions some(bound);
    uint32_t count = 0;
    do {
      uint32_t ones = 0;
      for (int i = 0; i < 6; i++) ones += some.choose(2, Cost::preemption);
      EXPECT_LE(ones, bound);
      EXPECT_EQ(some.preemptions(), ones);
      count++;
    } while (some.next());
    EXPECT_EQ(count, expected[bound]);
  }
}

TEST(ExhaustiveDecisions, free_choices_cost_nothing) {
  ExhaustiveDecisions none(0);
  uint32_t count = 0;
  do {
    none.choose(3, Cost::free);
    none.choose(2, Cost::preemption);
    count++;
  } while (none.next());
  EXPECT_EQ(count, 3u);
}

TEST(ExhaustiveDecisionsDeathTest, an_execution_that_asks_differently_is_our_bug) {
  EXPECT_DEATH(
      {
        ExhaustiveDecisions all;
        all.choose(2);
        all.choose(2);
        all.next();
        all.choose(3);
      },
      "CHECK failed: step.n == n");
}

TEST(ExhaustiveDecisionsDeathTest, an_execution_that_asks_at_another_price_is_our_bug) {
  EXPECT_DEATH(
      {
        ExhaustiveDecisions all;
        all.choose(2, Cost::free);
        all.choose(2, Cost::free);
        all.next();
        all.choose(2, Cost::preemption);
      },
      "CHECK failed: step.cost == cost");
}

// Otherwise the search would go on from a cut-off sequence, and skip what lies below it.
TEST(ExhaustiveDecisionsDeathTest, an_execution_that_asks_for_less_is_our_bug) {
  EXPECT_DEATH(
      {
        ExhaustiveDecisions all;
        all.choose(2);
        all.choose(2);
        all.next();
        all.choose(2);
        all.next();
      },
      "CHECK failed: prefix_ <= position_");
}

}  // namespace
}  // namespace sched
