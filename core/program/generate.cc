// SPDX-License-Identifier: Apache-2.0
#include "core/program/generate.h"

#include <algorithm>

namespace rmap {
namespace {

uint8_t byte_of(uint32_t value) { return static_cast<uint8_t>(value); }

// A range where some operation of a program has probably mapped something.
struct Target {
  uint32_t mm = 0;
  uint32_t address = 0;
  uint32_t length = 1;
};

uint32_t any_address(sched::SplitMix& random) { return random.below(kWindowPages / 2); }

uint32_t any_length(sched::SplitMix& random) {
  const uint32_t longest = random.below(4) == 0 ? 2 * kPtesPerTable + 1 : 3;
  return 1 + random.below(longest);
}

// What `op` maps, if it maps anything.
bool target_of(const Op& op, Target& target) {
  const OpInfo& info = op_info(op.kind);
  const uint32_t length = info.has('m') && op.length2 != 0 ? op.length2 : op.length;
  target = {op.mm, op.address, length};
  if (info.maps('A')) return true;
  if (info.moves_heap_end() && op.address > kBrkStart) {
    target = {op.mm, kBrkStart, op.address - kBrkStart};
    return true;
  }
  if (!info.maps('b') || !info.has_second_address(op.flags)) return false;
  target.address = op.address2;
  return true;
}

Target pick_target(sched::SplitMix& random, const Program& p) {
  Target target;
  uint32_t seen = 0;
  Target chosen;
  if (random.below(8) == 0) chosen.mm = random.below(kMmsMax);
  chosen.address = any_address(random);
  chosen.length = any_length(random);
  if (random.below(16) == 0) return chosen;
  for (const Op& op : p.ops) {
    if (target_of(op, target) && random.below(++seen) == 0) chosen = target;
  }
  // What a process has mapped, its child has too.
  for (const Op& op : p.ops) {
    if (op_info(op.kind).has('C') && op.mm == chosen.mm && random.below(2) == 0)
      chosen.mm = op.address2;
  }
  return chosen;
}

// Half of the second addresses touch something that is there already: its ends, or a place inside.
uint32_t pick_second_address(sched::SplitMix& random, const Program& p, uint32_t length) {
  if (random.below(2) == 0) return any_address(random);
  const Target near = pick_target(random, p);
  switch (random.below(3)) {
    case 0: return near.address + near.length;
    case 1: return near.address - std::min(near.address, length);
    default: return near.address + random.below(near.length);
  }
}

uint32_t kind_count() { return static_cast<uint32_t>(op_table().size()); }

// Two to four kinds, or all of them.
OpKinds pick_kinds(sched::SplitMix& random) {
  if (random.below(8) == 0) return kAllOps;
  OpKinds kinds = 0;
  for (uint32_t n = 2 + random.below(3); n > 0; n--) kinds |= 1u << random.below(kind_count());
  return kinds;
}

OpKind pick_kind(sched::SplitMix& random, OpKinds kinds) {
  uint32_t kind = random.below(kind_count());
  while ((kinds >> kind & 1) == 0) kind = random.below(kind_count());
  return static_cast<OpKind>(kind);
}

}  // namespace

// Measured on the races of two preemptions: under random tails the walk that seldom preempts finds
// eight times what PCT finds, and uniform choices find next to nothing.
StrategyId pick_strategy(sched::SplitMix& random) {
  switch (random.below(8)) {
    case 0: return StrategyId::direct;
    case 1:
    case 2: return StrategyId::pct;
    default: return StrategyId::random_walk;
  }
}

OpKinds kinds_of(const Program& p) {
  OpKinds kinds = 0;
  for (const Op& op : p.ops) kinds |= 1u << static_cast<uint32_t>(op.kind);
  return kinds;
}

Op generate_op(sched::SplitMix& random, const Program& p, uint8_t task, OpKinds kinds) {
  Op op;
  op.task = task;
  op.kind = pick_kind(random, kinds);
  const OpInfo& info = op_info(op.kind);
  Target t = pick_target(random, p);
  if (info.maps('A') && random.below(2) == 0) t.address = any_address(random);
  const uint32_t offset = random.below(2) == 0 ? 0 : random.below(t.length);
  const uint32_t rest = t.length - offset;
  op.mm = byte_of(t.mm);
  op.address = byte_of((t.address + offset) % kWindowPages);
  op.length = byte_of(random.below(4) == 0 ? any_length(random) : 1 + random.below(rest));
  op.address2 = byte_of(pick_second_address(random, p, op.length) % kWindowPages);
  if (info.has('C')) op.address2 = byte_of(random.below(kMmsMax));
  if (info.moves_heap_end()) op.address = byte_of(kBrkStart + random.below(2 * kPtesPerTable));
  if (info.flag_count() > 0 && random.below(4) == 0)
    op.flags = byte_of(1 + random.below(info.flag_count()));
  if (random.below(4) == 0) op.length2 = byte_of(any_length(random));
  canonicalize(op);
  return op;
}

void change_operand(sched::SplitMix& random, const Program& p, Op& op) {
  const Op other = generate_op(random, p, op.task);
  switch (random.below(6)) {
    case 0: op.address = other.address; break;
    case 1: op.length = other.length; break;
    case 2: op.address2 = byte_of(pick_second_address(random, p, op.length) % kWindowPages); break;
    case 3: op.length2 = byte_of(random.below(2) == 0 ? 0 : any_length(random)); break;
    case 4: op.flags = byte_of(random.below(op_info(op.kind).flag_count() + 1)); break;
    default: op.mm = other.mm; break;
  }
  canonicalize(op);
}

Program generate_program(sched::SplitMix& random) {
  Program p;
  p.strategy = pick_strategy(random);
  p.tail = byte_of(1 + random.below(255));
  if (random.below(4) == 0) p.failures = byte_of(1 + random.below(2));
  // Nothing can happen before something is mapped, and little before it is written.
  Op first = generate_op(random, p, 0);
  while (!op_info(first.kind).maps('A')) first = generate_op(random, p, 0);
  p.ops.push_back(first);
  if (random.below(4) != 0) {
    Op fill{
        .kind = OpKind::write, .mm = first.mm, .address = first.address, .length = first.length};
    p.ops.push_back(fill);
  }
  const OpKinds kinds = pick_kinds(random);
  for (uint32_t n = random.below(5); n > 0; n--)
    p.ops.push_back(generate_op(random, p, 0, random.below(2) == 0 ? kinds : kAllOps));
  const uint32_t cpus = random.below(8) == 0 ? kCpusMax : 2;
  for (uint32_t cpu = 1; cpu <= cpus; cpu++) {
    const uint32_t ops = random.below(2) == 0 ? 1 : 2 + random.below(2);
    for (uint32_t i = 0; i < ops; i++) p.ops.push_back(generate_op(random, p, byte_of(cpu), kinds));
  }
  canonicalize(p);
  return p;
}

}  // namespace rmap
