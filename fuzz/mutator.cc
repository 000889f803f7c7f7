// SPDX-License-Identifier: Apache-2.0
#include "fuzz/mutator.h"

#include <algorithm>

#include "core/program/generate.h"

namespace rmap {
namespace {

uint8_t byte_of(uint32_t value) { return static_cast<uint8_t>(value); }
uint8_t any_task(sched::SplitMix& random) { return byte_of(random.below(kCpusMax + 1)); }

// --- Operations ----------------------------------------------------------------------------------

void insert_op(sched::SplitMix& random, Program& p) {
  if (p.ops.full()) return;
  const uint32_t at = random.below(p.ops.size() + 1);
  // Beside a neighbour, in its task; or in any task.
  const uint8_t task = p.ops.empty() || random.below(4) == 0
                           ? any_task(random)
                           : p.ops[std::min(at, p.ops.size() - 1)].task;
  const OpKinds kinds = p.ops.empty() || random.below(2) == 0 ? kAllOps : kinds_of(p);
  const Op op = generate_op(random, p, task, kinds);
  p.ops.push_back(op);
  std::rotate(p.ops.begin() + at, p.ops.end() - 1, p.ops.end());
}

void remove_op(sched::SplitMix& random, Program& p) {
  if (!p.ops.empty()) p.ops.erase_at(random.below(p.ops.size()));
}

void replace_op(sched::SplitMix& random, Program& p) {
  if (p.ops.empty()) return;
  Op& op = p.ops[random.below(p.ops.size())];
  op = generate_op(random, p, op.task);
}

void change_op(sched::SplitMix& random, Program& p) {
  if (!p.ops.empty()) change_operand(random, p, p.ops[random.below(p.ops.size())]);
}

void move_op(sched::SplitMix& random, Program& p) {
  if (!p.ops.empty()) p.ops[random.below(p.ops.size())].task = any_task(random);
}

void swap_ops(sched::SplitMix& random, Program& p) {
  if (p.ops.size() < 2) return;
  Op& a = p.ops[random.below(p.ops.size())];
  Op& b = p.ops[random.below(p.ops.size())];
  std::swap(a, b);
  std::swap(a.task, b.task);
}

void copy_op(sched::SplitMix& random, Program& p) {
  if (p.ops.empty() || p.ops.full()) return;
  Op op = p.ops[random.below(p.ops.size())];
  op.task = any_task(random);
  p.ops.push_back(op);
}

// A move, and in some task the way back.
void turn_back(sched::SplitMix& random, Program& p) {
  if (p.ops.empty() || p.ops.full()) return;
  Op op = p.ops[random.below(p.ops.size())];
  const OpInfo& info = op_info(op.kind);
  if (!info.has('A') || !info.has_second_address(op.flags)) return change_op(random, p);
  std::swap(op.address, op.address2);
  op.task = any_task(random);
  p.ops.push_back(op);
}

// --- Schedules -----------------------------------------------------------------------------------

void new_tail(sched::SplitMix& random, Program& p) { p.tail = byte_of(1 + random.below(255)); }

void new_strategy(sched::SplitMix& random, Program& p) { p.strategy = pick_strategy(random); }

void new_failures(sched::SplitMix& random, Program& p) {
  p.failures = byte_of(random.below(kFailuresMax + 1));
}

// A whole new schedule: fresh bytes that reach some way, and a fresh tail for the rest.
void new_schedule(sched::SplitMix& random, Program& p) {
  p.decisions.clear();
  const uint32_t magnitude = random.below(8);
  const uint32_t n = random.below(1u << magnitude);
  for (uint32_t i = 0; i < n; i++) p.decisions.push_back(byte_of(random.below(256)));
  new_tail(random, p);
}

void change_decision(sched::SplitMix& random, Program& p) {
  if (p.decisions.empty()) return new_schedule(random, p);
  const bool small = random.below(2) == 0;
  const uint8_t value = byte_of(random.below(small ? 4 : 256));
  p.decisions[random.below(p.decisions.size())] = value;
}

void insert_decision(sched::SplitMix& random, Program& p) {
  if (p.decisions.full()) return;
  const uint32_t at = random.below(p.decisions.size() + 1);
  p.decisions.push_back(byte_of(random.below(4)));
  std::rotate(p.decisions.begin() + at, p.decisions.end() - 1, p.decisions.end());
}

void remove_decision(sched::SplitMix& random, Program& p) {
  if (!p.decisions.empty()) p.decisions.erase_at(random.below(p.decisions.size()));
}

void cut_decisions(sched::SplitMix& random, Program& p) {
  if (p.decisions.empty()) return;
  const uint32_t keep = random.below(p.decisions.size());
  while (p.decisions.size() > keep) p.decisions.pop_back();
}

using Mutation = void (*)(sched::SplitMix&, Program&);
constexpr Mutation kOfOperations[] = {insert_op, insert_op, remove_op,   replace_op,
                                      change_op, change_op, move_op,     swap_ops,
                                      copy_op,   turn_back, new_failures};
constexpr Mutation kOfSchedules[] = {new_schedule,    new_schedule,    new_tail,
                                     new_strategy,    change_decision, insert_decision,
                                     remove_decision, cut_decisions};

}  // namespace

void mutate(sched::SplitMix& random, Program& p) {
  if (p.ops.empty() || random.below(4) == 0) {
    p = generate_program(random);
    return;
  }
  const bool operations = random.below(2) == 0;
  const uint32_t n = 1 + random.below(3);
  for (uint32_t i = 0; i < n; i++) {
    if (operations) {
      kOfOperations[random.below(std::size(kOfOperations))](random, p);
    } else {
      kOfSchedules[random.below(std::size(kOfSchedules))](random, p);
    }
  }
  canonicalize(p);
}

Program cross_over(sched::SplitMix& random, const Program& a, const Program& b) {
  Program p = random.below(2) == 0 ? a : b;
  p.ops.clear();
  for (uint8_t task = 0; task <= kCpusMax; task++) {
    for (const Op& op : (random.below(2) == 0 ? a : b).ops) {
      if (op.task == task && !p.ops.full()) p.ops.push_back(op);
    }
  }
  canonicalize(p);
  return p;
}

void shrink_to(Program& p, std::size_t size_max) {
  const auto size = [&] { return kHeaderSize + p.ops.size() * kOpSize + p.decisions.size(); };
  while (size() > size_max && !p.decisions.empty()) p.decisions.pop_back();
  while (size() > size_max && !p.ops.empty()) p.ops.pop_back();
  canonicalize(p);
}

}  // namespace rmap
