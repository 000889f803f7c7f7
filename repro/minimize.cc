// SPDX-License-Identifier: Apache-2.0
#include "repro/minimize.h"

#include <algorithm>
#include <array>

namespace rmap {
namespace {

constexpr uint64_t kSchedulesPerCandidate = 50'000;

class Minimizer {
 public:
  Minimizer(Executor& executor, const Program& p, const std::string& signature)
      : executor_(executor), signature_(signature), best_(p) {}

  std::optional<Program> run() {
    record_decisions();
    try_candidate(best_);
    if (best_.tail != 0) return std::nullopt;
    limits_.schedules_max = kSchedulesPerCandidate;
    bool smaller = true;
    while (smaller) {
      smaller = drop_operations();
      smaller |= simplify_tasks();
      smaller |= simplify_operands();
      smaller |= lower_addresses();
      smaller |= lower_failures();
    }
    zero_decisions();
    return best_;
  }

 private:
  // The draws of the execution as bytes, so that nothing depends on the tail. They keep their
  // strategy.
  void record_decisions() {
    sched::RecordedDecisions record;
    executor_.run(best_, {.record = &record});
    const auto drawn = without_trailing_zeros({record.begin(), record.end()});
    if (drawn.size() > kDecisionsMax) return;
    Program recorded = best_;
    recorded.tail = 0;
    recorded.decisions.clear();
    for (uint8_t b : drawn) recorded.decisions.push_back(b);
    canonicalize(recorded);
    if (signature_of(executor_, recorded) == signature_) best_ = recorded;
  }

  // Takes `p`'s operations if some schedule of them shows the finding: one with few preemptions, or
  // the bytes as they are.
  bool try_candidate(Program p) {
    canonicalize(p);
    if (const auto decisions = find_schedule(executor_, p, signature_, limits_)) {
      CHECK(use_decisions(p, *decisions));  // find_schedule() gives none that do not fit.
      limits_.preemptions_max = executor_.run(p).outcome.preemptions;
      best_ = p;
      return true;
    }
    if (signature_of(executor_, p) != signature_) return false;
    best_ = p;
    return true;
  }

  bool drop_operations() {
    bool dropped = false;
    for (uint32_t i = best_.ops.size(); i-- > 0;) {
      Program p = best_;
      p.ops.erase_at(i);
      dropped |= try_candidate(p);
      i = std::min(i, best_.ops.size());
    }
    return dropped;
  }

  // Fewer tasks and mms: operations into the set-up, cpus without gaps, everything in mm0.
  bool simplify_tasks() {
    bool changed = false;
    for (uint32_t i = 0; i < best_.ops.size(); i++) {
      if (best_.ops[i].task == 0) continue;
      Program p = best_;
      p.ops[i].task = 0;
      changed |= try_candidate(p);
    }
    Program dense = best_;
    std::array<bool, kCpusMax + 1> used = {true};
    for (const Op& op : dense.ops) used[op.task] = true;
    for (Op& op : dense.ops)
      op.task =
          static_cast<uint8_t>(std::count(used.begin() + 1, used.begin() + op.task + 1, true));
    if (!(dense == best_)) changed |= try_candidate(dense);
    Program one_mm = best_;
    for (Op& op : one_mm.ops) op.mm = 0;
    if (!(one_mm == best_)) changed |= try_candidate(one_mm);
    return changed;
  }

  bool simplify_operands() {
    bool changed = false;
    for (uint32_t i = 0; i < best_.ops.size(); i++) {
      changed |= lower(i, &Op::flags, 0);
      changed |= lower(i, &Op::length2, 0);
      changed |= lower(i, &Op::length, 1);
    }
    return changed;
  }

  // Tries `low` first, then one less.
  bool lower(uint32_t i, uint8_t Op::*operand, uint8_t low) {
    bool changed = false;
    while (best_.ops[i].*operand > low) {
      Program p = best_;
      p.ops[i].*operand = low;
      if (try_candidate(p)) return true;
      p = best_;
      p.ops[i].*operand = static_cast<uint8_t>(p.ops[i].*operand - 1);
      if (!try_candidate(p)) return changed;
      changed = true;
    }
    return changed;
  }

  // Moves everything at or above an address down, so that what belongs together stays together.
  bool lower_addresses() {
    bool changed = false;
    for (uint8_t from = 1; from < kWindowPages; from++) {
      if (!uses(from)) continue;
      for (uint8_t by = from; by > 0; by = static_cast<uint8_t>(by / 2)) {
        Program p = best_;
        for (Op& op : p.ops) {
          if (op.address >= from) op.address = static_cast<uint8_t>(op.address - by);
          if (op.address2 >= from) op.address2 = static_cast<uint8_t>(op.address2 - by);
        }
        if (!try_candidate(p)) continue;
        changed = true;
        break;
      }
    }
    return changed;
  }
  bool uses(uint8_t address) const {
    return std::any_of(best_.ops.begin(), best_.ops.end(), [&](const Op& op) {
      return op.address == address || op.address2 == address;
    });
  }

  bool lower_failures() {
    bool changed = false;
    while (best_.failures > 0) {
      Program p = best_;
      p.failures--;
      if (!try_candidate(p)) break;
      changed = true;
    }
    return changed;
  }

  // Later decisions first; halves, then quarters, and so on.
  void zero_decisions() {
    for (uint32_t size = std::max(best_.decisions.size(), 1u); size > 0; size /= 2) {
      for (uint32_t end = best_.decisions.size(); end > 0; end -= std::min(end, size)) {
        Program p = best_;
        if (p.decisions.size() < end) continue;
        for (uint32_t i = end - std::min(end, size); i < end; i++) p.decisions[i] = 0;
        canonicalize(p);
        if (!(p == best_) && signature_of(executor_, p) == signature_) best_ = p;
      }
    }
  }

  Executor& executor_;
  std::string signature_;
  Program best_;
  SearchLimits limits_;
};

}  // namespace

std::optional<Program> minimize(Executor& executor, const Program& p,
                                const std::string& signature) {
  CHECK(signature_of(executor, p) == signature);
  return Minimizer(executor, p, signature).run();
}

}  // namespace rmap
