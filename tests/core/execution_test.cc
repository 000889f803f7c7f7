// Executions: functions of program, kernel and decisions alone, bounded, and without the heap.
// SPDX-License-Identifier: Apache-2.0
#include "core/run/execution.h"

#include <cstdlib>
#include <cstring>
#include <new>

#include "core/program/generate.h"
#include "tests/core/vm_fixture.h"

namespace {

uint64_t allocations = 0;

void* counted(std::size_t size) {
  allocations++;
  if (void* p = std::malloc(size != 0 ? size : 1)) return p;
  std::abort();
}

}  // namespace

// Replaced for the whole binary, so that whoever allocates is counted.
void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }

namespace rmap {
namespace {

using namespace fixture;

// All that an execution leaves behind, as one number.
uint64_t fingerprint(const Program& p, const Result& r, const sched::Trace& trace) {
  uint64_t h = trace.hash();
  h = sched::mix_hash(h, static_cast<uint64_t>(r.outcome.ending));
  h = sched::mix_hash(h, r.outcome.steps);
  h = sched::mix_hash(h, r.outcome.switches);
  h = sched::mix_hash(h, r.outcome.preemptions);
  h = sched::mix_hash(h, r.outcome.violation.rule);
  h = sched::mix_hash(h, r.early_signs);
  for (uint32_t i = 0; i < p.ops.size(); i++)
    h = sched::mix_hash(h, static_cast<uint64_t>(r.ops[i].error));
  return h;
}

uint64_t run(Executor& e, const Program& p) {
  static sched::Trace trace;
  trace.clear();
  const Result& r = e.run(p, {.trace = &trace});
  return fingerprint(p, r, trace);
}

TEST(Execution, the_same_input_ends_the_same_way_with_the_same_trace) {
  for (std::string_view kernel : releases()) {
    sched::SplitMix random(1);
    for (int i = 0; i < 300; i++) {
      const Program p = generate_program(random);
      ASSERT_EQ(run(executor(kernel), p), run(executor(kernel), p)) << kernel << " " << i;
    }
  }
}

TEST(Execution, different_schedules_have_different_traces) {
  Program p = program("setup mmap @0 +2; write @0 +1\ncpu1 mremap @0 +2 @8\ncpu2 migrate @0");
  const uint64_t first = run(executor("v3.0"), p);
  p.decisions.push_back(1);
  EXPECT_NE(run(executor("v3.0"), p), first);
}

// The seed that a campaign drew from is not needed any more: its draws are the input.
TEST(Execution, recorded_decisions_replay_to_the_same_trace) {
  Executor& e = executor("v3.0");
  sched::SplitMix random(2);
  sched::RecordedDecisions record;
  for (uint32_t strategy = 0; strategy < kStrategies; strategy++) {
    for (int i = 0; i < 300; i++) {
      Program p = generate_program(random);
      p.strategy = static_cast<StrategyId>(strategy);
      sched::Trace trace(1);
      const uint64_t live = fingerprint(p, e.run(p, {.trace = &trace, .record = &record}), trace);
      Program replay = p;
      replay.tail = 0;
      replay.decisions.clear();
      ASSERT_LE(record.size(), kDecisionsMax);
      for (uint8_t b : record) replay.decisions.push_back(b);
      canonicalize(replay);
      ASSERT_EQ(run(e, replay), live) << kStrategyNames[strategy] << " " << i;
    }
  }
}

// A finding leaves tasks half-way, locks taken and pages locked; none of it is there in the next
// execution.
TEST(Execution, nothing_carries_over_to_the_next_one) {
  Program race = program("setup mmap @0 +2; write @0 +1\ncpu1 mremap @0 +2 @8\ncpu2 migrate @0");
  Executor fresh_executor(executor("v3.0").kernel(), executor("v3.0").table());
  sched::SplitMix random(3);
  sched::ExhaustiveDecisions all(2);
  uint32_t findings = 0;
  do {
    const Program p = generate_program(random);
    Executor fresh(executor("v3.0").kernel(), executor("v3.0").table());
    const uint64_t expected = run(fresh, p);
    findings += fresh_executor.run(race, all).finding();
    ASSERT_EQ(run(fresh_executor, p), expected);
  } while (findings < 3 && all.next());
  EXPECT_EQ(findings, 3u);
}

TEST(Execution, looking_on_changes_nothing) {
  Executor& e = executor("v3.0");
  sched::SplitMix random(4);
  sched::Trace trace;
  sched::Coverage coverage;
  sched::RecordedDecisions record;
  for (int i = 0; i < 1'000; i++) {
    const Program p = generate_program(random);
    const sched::Outcome plain = e.run(p).outcome;
    trace.clear();
    const sched::Outcome& seen =
        e.run(p, {.trace = &trace, .coverage = &coverage, .record = &record}).outcome;
    ASSERT_EQ(seen.ending, plain.ending);
    ASSERT_EQ(seen.steps, plain.steps);
    ASSERT_EQ(seen.switches, plain.switches);
    ASSERT_EQ(seen.preemptions, plain.preemptions);
  }
}

// 10,000 programs each: none is too long to tell, and none goes on past the bounds.
TEST(Execution, random_programs_end_well_within_the_bound) {
  for (std::string_view kernel : releases()) {
    Executor& e = executor(kernel);
    sched::SplitMix random(5);
    for (int i = 0; i < 10'000; i++) {
      const Program p = generate_program(random);
      const Result& r = e.run(p);
      ASSERT_TRUE(r.outcome.ending == sched::Ending::finished || r.finding()) << kernel << " " << i;
      ASSERT_LE(r.outcome.steps, kStepsMax + kFairStepsMax);
    }
  }
}

// All the steps that fit into an input: every operation as long as it can be.
TEST(Execution, the_longest_programs_keep_the_bound_too) {
  sched::SplitMix random(6);
  for (int i = 0; i < 300; i++) {
    Program p;
    p.tail = static_cast<uint8_t>(i % 255 + 1);
    p.ops.push_back({.kind = OpKind::mmap, .length = kWindowPages});
    while (!p.ops.full()) {
      p.ops.push_back(
          {.kind = static_cast<OpKind>(random.below(static_cast<uint32_t>(op_table().size()))),
           .task = static_cast<uint8_t>(random.below(kCpusMax + 1)),
           .address = static_cast<uint8_t>(random.below(8)),
           .length = static_cast<uint8_t>(1 + random.below(kWindowPages)),
           .address2 = static_cast<uint8_t>(random.below(kWindowPages))});
    }
    canonicalize(p);
    const Result& r = executor("v3.7").run(p);
    EXPECT_TRUE(r.outcome.ending == sched::Ending::finished ||
                r.outcome.ending == sched::Ending::step_limit);
    EXPECT_LE(r.outcome.steps, kStepsMax + kFairStepsMax);
  }
}

TEST(Execution, allocates_nothing) {
  for (std::string_view kernel : releases()) {
    Executor& e = executor(kernel);
    sched::SplitMix random(7);
    sched::Coverage coverage;
    sched::RecordedDecisions record;
    for (int i = 0; i < 100; i++) e.run(generate_program(random));  // Stacks are mapped once.
    const uint64_t before = allocations;
    for (int i = 0; i < 2'000; i++) {
      e.run(generate_program(random), {.coverage = &coverage, .record = &record});
    }
    EXPECT_EQ(allocations - before, 0u) << kernel;
  }
}

// The counter counts, and decoding an input into a program that is there already is free, too.
TEST(Execution, decoding_allocates_nothing) {
  sched::SplitMix random(8);
  const std::vector<uint8_t> bytes = encode(generate_program(random));
  static Program p;
  const uint64_t before = allocations;
  EXPECT_TRUE(decode(bytes, p));
  EXPECT_EQ(allocations, before);
  delete new int(0);
  EXPECT_GE(allocations, before);
}

}  // namespace
}  // namespace rmap
