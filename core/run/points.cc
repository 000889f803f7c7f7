// SPDX-License-Identifier: Apache-2.0
#include "core/run/points.h"

#include <fmt/format.h>

#include <vector>

#include "core/program/generate.h"
#include "core/run/execution.h"

namespace rmap {
namespace {

constexpr uint32_t kProgramsPerRound = 3000;

// What each lock bit keeps out; in the order of enum HeldLock.
constexpr std::array<sched::LockMask, sched::kLockBits> kExcludes = {
    kMmapWrite, kMmapRead | kMmapWrite, kAnonLock, kTableLock, kPageLock, 0,
};

void run_round(Executor& executor, sched::AccessTable& learned, uint64_t round) {
  for (uint32_t i = 0; i < kProgramsPerRound; i++) {
    sched::SplitMix random(round * kProgramsPerRound + i);
    const Program p = generate_program(random);
    executor.run(p, {.rules = RuleSet(), .learn = &learned});
  }
}

// Every pair of operations on the same page, faulted in or not: all schedules with at most one
// preemption.
void run_pairs(Executor& executor, sched::AccessTable& learned) {
  const auto kinds = static_cast<uint8_t>(op_table().size());
  const auto op = [](uint8_t kind, uint8_t task) {
    return Op{.kind = static_cast<OpKind>(kind), .task = task, .address2 = 2 * kPtesPerTable};
  };
  for (uint32_t i = 0; i < 2u * kinds * kinds; i++) {
    Program p;
    p.ops.push_back({.kind = OpKind::mmap, .length = 2});
    if (i % 2 != 0) p.ops.push_back({.kind = OpKind::write, .length = 2});
    p.ops.push_back(op(static_cast<uint8_t>(i / 2 % kinds), 1));
    p.ops.push_back(op(static_cast<uint8_t>(i / 2 / kinds), 2));
    canonicalize(p);
    sched::ExhaustiveDecisions all(1);
    do {
      executor.run(p, all, {.rules = RuleSet(), .learn = &learned});
    } while (all.next());
  }
}

// A whole table moves while a walk has its place in hand: all schedules with at most two
// preemptions, so that the walk also comes while the table hangs nowhere.
void run_table_move(Executor& executor, sched::AccessTable& learned) {
  Program p;
  p.ops.push_back({.kind = OpKind::mmap, .length = kPtesPerTable});
  p.ops.push_back({.kind = OpKind::write, .length = 1});
  p.ops.push_back(
      {.kind = OpKind::mremap, .task = 1, .length = kPtesPerTable, .address2 = 2 * kPtesPerTable});
  p.ops.push_back({.kind = OpKind::migrate, .task = 2});
  canonicalize(p);
  sched::ExhaustiveDecisions all(2);
  do {
    executor.run(p, all, {.rules = RuleSet(), .learn = &learned});
  } while (all.next());
}

// Every operation with each of its flags, at @0 and at @2.
std::vector<Op> all_variants() {
  std::vector<Op> variants;
  for (uint8_t kind = 0; kind < op_table().size(); kind++) {
    for (uint8_t flag = 0; flag <= op_table()[kind].flag_count(); flag++) {
      for (uint8_t address = 0; address <= 2; address += 2) {
        variants.push_back({.kind = static_cast<OpKind>(kind),
                            .address = address,
                            .length = 2,
                            .address2 = static_cast<uint8_t>(2 * kPtesPerTable + 1 + address),
                            .flags = flag});
      }
    }
  }
  return variants;
}

// What one task does: every pair of operations, one after the other, on two vmas that touch, the
// upper one faulted in and perhaps a stack; then a walk. Rare kinds of access need no luck with
// schedules, but with ranges.
void run_sequences(Executor& executor, sched::AccessTable& learned) {
  static const std::vector<Op> variants = all_variants();
  Program p;
  for (const uint8_t upper : {uint8_t{0}, kMmapGrowsDown}) {
    for (const Op& first : variants) {
      for (const Op& second : variants) {
        p.ops.clear();
        p.ops.push_back({.kind = OpKind::mmap, .length = 2, .flags = kMmapReadOnly});
        p.ops.push_back({.kind = OpKind::mmap, .address = 2, .length = 2, .flags = upper});
        p.ops.push_back({.kind = OpKind::write, .address = 2, .length = 2});
        p.ops.push_back(first);
        p.ops.push_back(second);
        p.ops.push_back({.kind = OpKind::migrate, .address = 2});
        canonicalize(p);
        executor.run(p, {.rules = RuleSet(), .learn = &learned});
      }
    }
  }
}

}  // namespace

sched::AccessTable learn_access_table(const Kernel& kernel) {
  sched::AccessTable table(kExcludes);
  Executor executor(kernel, table);
  uint64_t round = 0;
  run_sequences(executor, table);
  do {
    run_round(executor, table, round++);
    run_pairs(executor, table);
    run_table_move(executor, table);
    // Points that were added let tasks reach more: run under the new table until nothing changes.
    const bool changed = table.settle();
    executor.table() = table;
    if (!changed) return table;
  } while (true);
}

std::string describe(const sched::AccessTable& table) {
  constexpr std::string_view kModes[] = {"read", "write", "add"};
  constexpr std::string_view kLocks[] = {"mmap-r", "mmap-w", "anon", "table", "page"};
  std::string text;
  for (uint8_t f = 0; f < std::size(kFields); f++) {
    for (uint8_t m = 0; m < sched::kAccessModes; m++) {
      for (uint32_t mask = 0; mask < sched::kLockMasks; mask++) {
        const auto cls = table.classify({f}, static_cast<sched::AccessMode>(m),
                                        static_cast<sched::LockMask>(mask));
        if (cls == sched::AccessTable::Class::unknown) continue;
        std::string locks;
        for (uint32_t b = 0; b < std::size(kLocks); b++) {
          if ((mask >> b & 1) != 0)
            locks += fmt::format("{}{}", locks.empty() ? "" : "+", kLocks[b]);
        }
        text += fmt::format("{:<18} {:<6} {:<24} {}\n", kFields[f], kModes[m],
                            locks.empty() ? "-" : locks,
                            cls == sched::AccessTable::Class::racy ? "racy" : "guarded");
      }
    }
  }
  return text;
}

}  // namespace rmap
