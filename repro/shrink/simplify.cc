// SPDX-License-Identifier: Apache-2.0
#include "repro/shrink/simplify.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace rmap {
namespace {

using Candidates = std::vector<Candidate>;

uint32_t concurrent(const Program& p) {
  return static_cast<uint32_t>(
      std::count_if(p.ops.begin(), p.ops.end(), [](const Op& op) { return op.task != 0; }));
}

// Its bytes in their order, but the plainest kind first.
auto key_of(const Op& op) {
  return std::tuple(op_info(op.kind).involved, op.task, op.mm, op.address, op.length, op.address2,
                    op.flags, op.length2);
}

// `p` changed by `change`, if that is really simpler.
template <typename Change>
void add_changed(Candidates& out, const Program& p, Change change,
                 const CpuNames& cpu = Candidate().cpu) {
  Program c = p;
  change(c);
  canonicalize(c);
  if (is_simpler(c, p)) out.push_back({c.ops, c.failures, cpu});
}

// --- Fewer operations ----------------------------------------------------------------------------

Candidates drop_cpus(const Program& p) {
  Candidates out;
  for (uint8_t cpu = kCpusMax; cpu > 0; cpu--) {
    add_changed(out, p, [&](Program& c) {
      for (uint32_t i = c.ops.size(); i-- > 0;) {
        if (c.ops[i].task == cpu) c.ops.erase_at(i);
      }
    });
  }
  return out;
}

Candidates drop_operations(const Program& p) {
  Candidates out;
  for (uint32_t i = p.ops.size(); i-- > 0;) {
    add_changed(out, p, [&](Program& c) { c.ops.erase_at(i); });
  }
  return out;
}

// Their pages overlap, or are neighbours.
bool touch(const Op& a, const Op& b) {
  return a.mm == b.mm && a.address <= b.address + b.length && b.address <= a.address + a.length;
}

// One that only trimmed or added to what another one made: the other one does it alone, one page
// shorter or longer, at either end.
Candidates drop_and_resize(const Program& p) {
  constexpr struct {
    int address;
    int length;
  } kSteps[] = {{0, -1}, {1, -1}, {0, 1}, {-1, 1}};
  Candidates out;
  for (uint32_t i = p.ops.size(); i-- > 0;) {
    for (uint32_t k = 0; k < p.ops.size(); k++) {
      if (!op_info(p.ops[k].kind).has('L')) continue;
      for (const auto& step : kSteps) {
        const int address = p.ops[k].address + step.address;
        const int length = p.ops[k].length + step.length;
        if (k == i || !touch(p.ops[i], p.ops[k]) || address < 0 || length == 0 ||
            address + length > static_cast<int>(kWindowPages))
          continue;
        add_changed(out, p, [&](Program& c) {
          c.ops[k].address = static_cast<uint8_t>(address);
          c.ops[k].length = static_cast<uint8_t>(length);
          c.ops.erase_at(i);
        });
      }
    }
  }
  return out;
}

// --- Fewer cpus and address spaces ---------------------------------------------------------------

// Into the set-up, or onto an earlier cpu.
Candidates move_operations(const Program& p) {
  Candidates out;
  for (uint32_t i = 0; i < p.ops.size(); i++) {
    for (uint8_t cpu = 0; cpu < p.ops[i].task; cpu++)
      add_changed(out, p, [&](Program& c) { c.ops[i].task = cpu; });
  }
  return out;
}

void rename_mm(Program& p, uint8_t from, uint8_t to) {
  const auto renamed = [&](uint8_t mm) { return mm == from ? to : mm == to ? from : mm; };
  for (Op& op : p.ops) {
    op.mm = renamed(op.mm);
    if (op_info(op.kind).has('C')) op.address2 = renamed(op.address2);
  }
}

Candidates merge_mms(const Program& p) {
  Candidates out;
  add_changed(out, p, [](Program& c) {
    for (Op& op : c.ops) op.mm = 0;
  });
  for (uint8_t from = kMmsMax - 1; from > 0; from--) {
    for (uint8_t to = 0; to < from; to++) {
      add_changed(out, p, [&](Program& c) {
        for (Op& op : c.ops) {
          if (op.mm == from) op.mm = to;
        }
      });
      add_changed(out, p, [&](Program& c) { rename_mm(c, from, to); });
    }
  }
  return out;
}

// The cpus' names mean nothing: all ways to give them.
Candidates rename_cpus(const Program& p) {
  Candidates out;
  CpuNames names;
  std::iota(names.begin(), names.end(), uint8_t{0});
  while (std::next_permutation(names.begin() + 1, names.end())) {
    const auto rename = [&](Program& c) {
      for (Op& op : c.ops) op.task = names[op.task];
    };
    add_changed(out, p, rename, names);
  }
  std::sort(out.begin(), out.end(), [](const Candidate& a, const Candidate& b) {
    return is_simpler(a.program(), b.program());
  });
  return out;
}

// --- Simpler operands ----------------------------------------------------------------------------

void lower(Candidates& out, const Program& p, uint8_t Op::*operand, uint8_t low) {
  for (uint32_t i = 0; i < p.ops.size(); i++) {
    const uint8_t value = p.ops[i].*operand;
    if (value <= low) continue;
    add_changed(out, p, [&](Program& c) { c.ops[i].*operand = low; });
    add_changed(out, p, [&](Program& c) { c.ops[i].*operand = static_cast<uint8_t>(value - 1); });
  }
}

Candidates lower_operands(const Program& p) {
  Candidates out;
  lower(out, p, &Op::flags, 0);
  lower(out, p, &Op::length2, 0);
  lower(out, p, &Op::length, 1);
  for (uint8_t failures = 0; failures < p.failures; failures++)
    add_changed(out, p, [&](Program& c) { c.failures = failures; });
  return out;
}

std::vector<uint8_t> addresses_of(const Program& p) {
  std::vector<uint8_t> addresses = {0};
  for (const Op& op : p.ops) {
    addresses.push_back(op.address);
    if (!op_info(op.kind).has('C')) addresses.push_back(op.address2);
  }
  std::sort(addresses.begin(), addresses.end());
  addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
  return addresses;
}

// Calls `change` for each address of the program's operations.
template <typename Change>
void change_addresses(Program& p, Change change) {
  for (Op& op : p.ops) {
    op.address = change(op.address);
    if (!op_info(op.kind).has('C')) op.address2 = change(op.address2);
  }
}

// Everything at or above an address, so that what belongs together stays together.
Candidates shift_addresses(const Program& p) {
  Candidates out;
  for (uint8_t from : addresses_of(p)) {
    for (uint8_t by = from; by > 0; by = static_cast<uint8_t>(by / 2)) {
      add_changed(out, p, [&](Program& c) {
        change_addresses(c,
                         [&](uint8_t x) { return static_cast<uint8_t>(x >= from ? x - by : x); });
      });
    }
  }
  return out;
}

// To a lower one that is used already: everywhere, or in one operand.
Candidates lower_addresses(const Program& p) {
  Candidates out;
  const std::vector<uint8_t> addresses = addresses_of(p);
  for (uint8_t from : addresses) {
    for (uint8_t to : addresses) {
      if (to >= from) break;
      add_changed(out, p, [&](Program& c) {
        change_addresses(c, [&](uint8_t x) { return x == from ? to : x; });
      });
    }
  }
  for (uint32_t i = 0; i < p.ops.size(); i++) {
    for (uint8_t Op::*operand : {&Op::address, &Op::address2}) {
      for (uint8_t to : addresses) add_changed(out, p, [&](Program& c) { c.ops[i].*operand = to; });
    }
  }
  return out;
}

// Two addresses, each for the other.
Candidates swap_addresses(const Program& p) {
  Candidates out;
  const std::vector<uint8_t> addresses = addresses_of(p);
  for (uint8_t a : addresses) {
    for (uint8_t b : addresses) {
      if (a >= b) continue;
      add_changed(out, p, [&](Program& c) {
        change_addresses(c, [&](uint8_t x) { return x == a ? b : x == b ? a : x; });
      });
    }
  }
  return out;
}

// The pages that an operation is about: the heap's for brk, all of them where it names none.
std::pair<uint8_t, uint8_t> pages_of(const Op& op) {
  const OpInfo& info = op_info(op.kind);
  if (info.moves_heap_end()) {
    const uint8_t end = std::max<uint8_t>(op.address, kBrkStart + 1);
    return {kBrkStart, static_cast<uint8_t>(end - kBrkStart)};
  }
  return info.has('A') ? std::pair(op.address, op.length)
                       : std::pair<uint8_t, uint8_t>(0, kWindowPages);
}

// From the plainest on.
std::vector<OpKind> plainer_than(OpKind kind) {
  std::vector<OpKind> kinds;
  for (std::size_t i = 0; i < kOpKinds; i++) {
    const auto each = static_cast<OpKind>(i);
    if (op_info(each).involved < op_info(kind).involved) kinds.push_back(each);
  }
  std::sort(kinds.begin(), kinds.end(),
            [](OpKind a, OpKind b) { return op_info(a).involved < op_info(b).involved; });
  return kinds;
}

// A plainer operation on the same pages, or on those where they go.
Candidates replace_operations(const Program& p) {
  Candidates out;
  for (uint32_t i = 0; i < p.ops.size(); i++) {
    const Op& op = p.ops[i];
    if (op_info(op.kind).has('C')) continue;
    for (OpKind kind : plainer_than(op.kind)) {
      for (bool to : {false, true}) {
        if (to && !op_info(op.kind).has_second_address(op.flags)) continue;
        add_changed(out, p, [&](Program& c) {
          Op& other = c.ops[i];
          std::tie(other.address, other.length) = pages_of(op);
          if (to) other.address = op.address2;
          other.kind = kind;
          other.flags = 0;
        });
      }
    }
  }
  return out;
}

// Neighbours on one cpu, the other way round.
Candidates swap_operations(const Program& p) {
  Candidates out;
  for (uint32_t i = 0; i + 1 < p.ops.size(); i++) {
    if (p.ops[i].task == p.ops[i + 1].task)
      add_changed(out, p, [&](Program& c) { std::swap(c.ops[i], c.ops[i + 1]); });
  }
  return out;
}

constexpr Simplification kSimplifications[] = {
    {"drop the operations of a cpu", &drop_cpus},
    {"drop an operation", &drop_operations},
    {"drop an operation, and resize another one", &drop_and_resize},
    {"move an operation into the set-up, or to an earlier cpu", &move_operations},
    {"merge or rename address spaces", &merge_mms},
    {"lower a flag, a length, or the failing allocations", &lower_operands},
    {"shift addresses down", &shift_addresses},
    {"lower an address", &lower_addresses},
    {"swap two addresses", &swap_addresses},
    {"replace an operation by a plainer one", &replace_operations},
    {"swap neighbours", &swap_operations},
    {"rename cpus", &rename_cpus},
};

}  // namespace

bool is_simpler(const Program& a, const Program& b) {
  if (a.failures != b.failures) return a.failures < b.failures;
  if (a.ops.size() != b.ops.size()) return a.ops.size() < b.ops.size();
  if (concurrent(a) != concurrent(b)) return concurrent(a) < concurrent(b);
  return std::lexicographical_compare(
      a.ops.begin(), a.ops.end(), b.ops.begin(), b.ops.end(),
      [](const Op& x, const Op& y) { return key_of(x) < key_of(y); });
}

std::span<const Simplification> simplifications() { return kSimplifications; }

}  // namespace rmap
