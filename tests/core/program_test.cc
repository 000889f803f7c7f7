// Programs and their bytes: decoding is total, encoding is canonical, and the two undo each other.
// SPDX-License-Identifier: Apache-2.0
#include "core/program/program.h"

#include <gtest/gtest.h>

#include <array>

#include "core/program/generate.h"

namespace rmap {
namespace {

std::vector<uint8_t> random_bytes(sched::SplitMix& random) {
  std::vector<uint8_t> bytes(random.below(random.below(8) == 0 ? 6000 : 200));
  for (uint8_t& b : bytes) b = static_cast<uint8_t>(random.below(256));
  // Most strings start like a program, so that what follows is looked at.
  if (!bytes.empty() && random.below(8) != 0) bytes[0] = kFormatVersion;
  return bytes;
}

void expect_valid(const Program& p) {
  EXPECT_LT(static_cast<uint32_t>(p.strategy), kStrategies);
  EXPECT_LE(p.failures, kFailuresMax);
  uint8_t task = 0;
  for (const Op& op : p.ops) {
    EXPECT_LT(static_cast<std::size_t>(op.kind), op_table().size());
    EXPECT_LE(task, op.task);
    task = op.task;
    EXPECT_LE(op.task, kCpusMax);
    EXPECT_LT(op.mm, kMmsMax);
    EXPECT_LT(op.address, kWindowPages);
    EXPECT_LT(op.address2, kWindowPages);
    EXPECT_TRUE(op.length >= 1 && op.length <= kWindowPages);
    EXPECT_LE(op.length2, kWindowPages);
    EXPECT_LE(op.flags, op_info(op.kind).flag_count());
  }
}

// 100,000 strings of which 7 in 8 have a valid version; each is a program whose canonical bytes are
// a fixed point.
TEST(Program, every_string_of_bytes_is_a_program_or_refused) {
  sched::SplitMix random(1);
  Program p, again;
  uint32_t refused = 0;
  for (int i = 0; i < 100'000; i++) {
    const std::vector<uint8_t> bytes = random_bytes(random);
    if (!decode(bytes, p)) {
      refused++;
      ASSERT_TRUE(p.ops.empty() && p.decisions.empty());
      continue;
    }
    if (i % 50 == 0) expect_valid(p);
    const std::vector<uint8_t> canonical = encode(p);
    ASSERT_TRUE(decode(canonical, again));
    ASSERT_TRUE(again == p);
    ASSERT_EQ(encode(again), canonical);
  }
  EXPECT_GT(refused, 1'000u);
  EXPECT_LT(refused, 50'000u);
}

TEST(Program, generated_programs_survive_their_bytes) {
  sched::SplitMix random(2);
  Program again;
  for (int i = 0; i < 20'000; i++) {
    const Program p = generate_program(random);
    if (i % 50 == 0) expect_valid(p);
    ASSERT_TRUE(decode(encode(p), again));
    ASSERT_TRUE(again == p) << i;
  }
}

TEST(Program, an_unknown_version_is_refused) {
  Program p;
  std::vector<uint8_t> bytes(kHeaderSize);
  for (int version = 0; version < 256; version++) {
    bytes[0] = static_cast<uint8_t>(version);
    EXPECT_EQ(decode(bytes, p), version == kFormatVersion);
  }
}

TEST(Program, a_header_that_is_cut_off_is_refused) {
  Program p;
  const std::vector<uint8_t> bytes(kHeaderSize, kFormatVersion);
  for (std::size_t n = 0; n < kHeaderSize; n++)
    EXPECT_FALSE(decode(std::span(bytes).first(n), p)) << n;
  EXPECT_TRUE(decode(bytes, p));
}

// The last operation is not complete: its bytes are decisions.
TEST(Program, operations_that_are_cut_off_are_decisions) {
  Program p;
  std::vector<uint8_t> bytes = {
      kFormatVersion, 0, 2, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 9, 9};
  ASSERT_TRUE(decode(bytes, p));
  EXPECT_EQ(p.ops.size(), 1u);
  EXPECT_EQ(p.decisions.size(), 3u);
}

// Stored inputs live for years: these bytes mean this, for ever.
TEST(Program, the_format_is_the_documented_one) {
  Program p;
  const std::vector<uint8_t> bytes = {1, 2, 2, 7, 1, 0, 0, 0, 4, 1, 3, 8, 1, 20,
                                      0, 5, 5, 2, 0, 9, 0, 0, 0, 0, 0, 1, 2};
  ASSERT_TRUE(decode(bytes, p));
  EXPECT_EQ(p.strategy, StrategyId::pct);
  EXPECT_EQ(p.tail, 7);
  EXPECT_EQ(p.failures, 1);
  ASSERT_EQ(p.ops.size(), 2u);
  EXPECT_EQ(p.ops[0], (Op{OpKind::mremap, 1, 3, 8, 2, 20, 0, 5}));
  EXPECT_EQ(p.ops[1], (Op{OpKind::migrate, 2, 0, 9, 1, 0, 0, 0}));
  EXPECT_EQ(p.decisions.size(), 3u);
  EXPECT_EQ(encode(p), bytes);
}

// So do the operations that came later, and the flags.
TEST(Program, the_format_of_later_operations_is_the_documented_one) {
  Program p;
  const std::vector<uint8_t> bytes = {
      1,  0, 7, 0,  0, 0, 0, 0,   // version, strategy, operations, tail, failures
      0,  0, 0, 8,  1, 0, 2, 0,   // mmap @8 +2 growsdown
      10, 0, 0, 20, 0, 0, 0, 0,   // brk @20
      8,  0, 0, 0,  1, 0, 1, 0,   // mprotect @0 +2 ro
      9,  1, 2, 5,  3, 0, 0, 0,   // madvise mm2 @5 +4
      6,  2, 1, 0,  0, 3, 0, 0,   // fork mm1 to mm3
      4,  3, 0, 0,  1, 8, 3, 0,   // mremap @0 +2 @8 dontunmap
      7,  4, 1, 0,  0, 0, 0, 0};  // exit mm1
  ASSERT_TRUE(decode(bytes, p));
  ASSERT_EQ(p.ops.size(), 7u);
  EXPECT_EQ(p.ops[0], (Op{OpKind::mmap, 0, 0, 8, 2, 0, kMmapGrowsDown, 0}));
  EXPECT_EQ(p.ops[1], (Op{OpKind::brk, 0, 0, 20, 1, 0, 0, 0}));
  EXPECT_EQ(p.ops[2], (Op{OpKind::mprotect, 0, 0, 0, 2, 0, kMprotectReadOnly, 0}));
  EXPECT_EQ(p.ops[3], (Op{OpKind::madvise, 1, 2, 5, 4, 0, 0, 0}));
  EXPECT_EQ(p.ops[4], (Op{OpKind::fork, 2, 1, 0, 1, 3, 0, 0}));
  EXPECT_EQ(p.ops[5], (Op{OpKind::mremap, 3, 0, 0, 2, 8, kMremapDontUnmap, 0}));
  EXPECT_EQ(p.ops[6], (Op{OpKind::exit, 4, 1, 0, 1, 0, 0, 0}));
  EXPECT_EQ(encode(p), bytes);
}

// Every byte of every operation, however wild, is brought into its range.
TEST(Program, hostile_operations_are_reduced_to_valid_ones) {
  Program p;
  for (std::size_t kind = 0; kind < op_table().size(); kind++) {
    for (int wild = 0; wild < 256; wild++) {
      std::vector<uint8_t> bytes = {1, 0, 1, 0, 0, 0, 0, 0};
      bytes.push_back(static_cast<uint8_t>(kind));
      bytes.resize(kHeaderSize + kOpSize, static_cast<uint8_t>(wild));
      ASSERT_TRUE(decode(bytes, p));
      ASSERT_EQ(p.ops.size(), 1u);
      expect_valid(p);
      EXPECT_EQ(p.ops[0].kind, static_cast<OpKind>(kind));
      if (p.ops[0].kind == OpKind::fork) {
        EXPECT_LT(p.ops[0].address2, kMmsMax);
      }
    }
  }
}

// A row's number is its byte in stored inputs.
TEST(Program, operations_keep_their_numbers) {
  const char* names[] = {"mmap", "read", "write",    "munmap",  "mremap", "migrate",
                         "fork", "exit", "mprotect", "madvise", "brk"};
  ASSERT_EQ(op_table().size(), std::size(names));
  for (std::size_t i = 0; i < std::size(names); i++) EXPECT_EQ(op_table()[i].name, names[i]);
}

TEST(Program, operations_are_sorted_by_task_and_keep_their_order_within_it) {
  Program p;
  for (uint8_t i = 0; i < 6; i++)
    p.ops.push_back({.kind = OpKind::read, .task = static_cast<uint8_t>(2 - i % 3), .address = i});
  canonicalize(p);
  const uint8_t order[] = {2, 5, 1, 4, 0, 3};
  for (uint32_t i = 0; i < 6; i++) EXPECT_EQ(p.ops[i].address, order[i]);
}

TEST(Program, operands_that_an_operation_has_not_are_dropped) {
  Op migrate{OpKind::migrate, 1, 0, 4, 9, 9, 0, 9};
  canonicalize(migrate);
  EXPECT_EQ(migrate, (Op{OpKind::migrate, 1, 0, 4, 1, 0, 0, 0}));
  Op in_place{OpKind::mremap, 1, 0, 4, 2, 9, kMremapInPlace, 3};
  canonicalize(in_place);
  EXPECT_EQ(in_place, (Op{OpKind::mremap, 1, 0, 4, 2, 0, kMremapInPlace, 3}));
  Op kept_source{OpKind::mremap, 1, 0, 4, 2, 9, kMremapDontUnmap, 3};
  canonicalize(kept_source);
  EXPECT_EQ(kept_source, (Op{OpKind::mremap, 1, 0, 4, 2, 9, kMremapDontUnmap, 3}));
  Op fork{OpKind::fork, 1, 2, 4, 9, 7, 0, 9};
  canonicalize(fork);
  EXPECT_EQ(fork, (Op{OpKind::fork, 1, 2, 0, 1, 3, 0, 0}));
  Op exit{OpKind::exit, 1, 2, 4, 9, 7, 0, 9};
  canonicalize(exit);
  EXPECT_EQ(exit, (Op{OpKind::exit, 1, 2, 0, 1, 0, 0, 0}));
  Op brk{OpKind::brk, 1, 2, 20, 9, 7, 0, 9};
  canonicalize(brk);
  EXPECT_EQ(brk, (Op{OpKind::brk, 1, 2, 20, 1, 0, 0, 0}));
  Op same_length{OpKind::mremap, 1, 0, 4, 2, 9, kMremapFixed, 2};
  canonicalize(same_length);
  EXPECT_EQ(same_length.length2, 0);
}

// "Keep running" is what comes after the last decision anyway, unless a tail goes on from there.
TEST(Program, trailing_zero_decisions_go_only_without_a_tail) {
  for (const uint8_t tail : std::array<uint8_t, 2>{0, 1}) {
    Program p;
    p.tail = tail;
    for (const uint8_t d : std::array<uint8_t, 4>{0, 3, 0, 0}) p.decisions.push_back(d);
    canonicalize(p);
    EXPECT_EQ(p.decisions.size(), tail == 0 ? 2u : 4u);
  }
}

TEST(Program, too_many_operations_or_decisions_are_left_out) {
  Program p;
  std::vector<uint8_t> bytes(kHeaderSize + 300 * kOpSize, 1);
  bytes[2] = 255;
  ASSERT_TRUE(decode(bytes, p));
  EXPECT_EQ(p.ops.size(), kOpsMax);
  bytes.resize(kEncodedMax * 2, 1);
  ASSERT_TRUE(decode(bytes, p));
  EXPECT_EQ(p.decisions.size(), kDecisionsMax);
  EXPECT_EQ(encode(p).size(), kEncodedMax);
}

}  // namespace
}  // namespace rmap
