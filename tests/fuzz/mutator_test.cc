// The mutator: pure, bounded, and able to reach every operation and every strategy.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/mutator.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "core/program/generate.h"
#include "core/program/litmus.h"

namespace rmap {
namespace {

TEST(Mutator, is_a_pure_function_of_program_and_seed) {
  for (uint64_t seed = 0; seed < 2000; seed++) {
    sched::SplitMix generator(seed);
    const Program original = generate_program(generator);
    Program a = original;
    Program b = original;
    sched::SplitMix random_a(seed);
    sched::SplitMix random_b(seed);
    mutate(random_a, a);
    mutate(random_b, b);
    ASSERT_TRUE(a == b);
  }
}

// A mutant must survive the trip through the bytes, or the corpus would hold something else than
// what was run.
TEST(Mutator, mutants_are_canonical) {
  sched::SplitMix random(1);
  Program p;
  for (uint32_t i = 0; i < 20000; i++) {
    mutate(random, p);
    Program q;
    ASSERT_TRUE(decode(encode(p), q));
    ASSERT_TRUE(p == q);
  }
}

TEST(Mutator, reaches_every_operation_task_and_strategy_from_nothing) {
  sched::SplitMix random(1);
  std::set<uint8_t> kinds;
  std::set<uint8_t> tasks;
  std::set<StrategyId> strategies;
  Program p;
  for (uint32_t i = 0; i < 20000; i++) {
    mutate(random, p);
    strategies.insert(p.strategy);
    for (const Op& op : p.ops) {
      kinds.insert(static_cast<uint8_t>(op.kind));
      tasks.insert(op.task);
    }
  }
  EXPECT_EQ(kinds.size(), op_table().size());
  EXPECT_EQ(tasks.size(), kCpusMax + 1);
  EXPECT_EQ(strategies.size(), kStrategies);
}

// As litmus words, without the task.
std::vector<std::string> ops_of(const Program& p, uint8_t task) {
  std::vector<std::string> words;
  for (const Op& op : p.ops) {
    if (op.task == task) words.push_back(print_op(op));
  }
  return words;
}

TEST(Mutator, cross_over_takes_each_task_from_one_parent) {
  for (uint64_t seed = 0; seed < 2000; seed++) {
    sched::SplitMix random(seed);
    const Program a = generate_program(random);
    const Program b = generate_program(random);
    const Program child = cross_over(random, a, b);
    for (uint8_t task = 0; task <= kCpusMax; task++) {
      // A task without operations goes, and those behind it move up.
      bool found = ops_of(child, task).empty();
      for (uint8_t from = task; from <= kCpusMax; from++)
        found |= ops_of(child, task) == ops_of(a, from) || ops_of(child, task) == ops_of(b, from);
      EXPECT_TRUE(found) << "seed " << seed << ", task " << int{task};
    }
  }
}

// libFuzzer's -minimize_crash always asks for less than there is; a mutator that ignores it can
// never minimize.
TEST(Mutator, shrinks_to_any_size) {
  sched::SplitMix random(1);
  for (uint32_t i = 0; i < 2000; i++) {
    Program p = generate_program(random);
    mutate(random, p);
    if (i % 2 == 0) p.tail = 0;
    const std::size_t size_max = kHeaderSize + random.below(64);
    shrink_to(p, size_max);
    EXPECT_LE(encode(p).size(), size_max);
    Program canonical = p;
    canonicalize(canonical);
    EXPECT_TRUE(p == canonical);
  }
}

}  // namespace
}  // namespace rmap
