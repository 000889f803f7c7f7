// Simplifications: the programs that are one step simpler than another one.
//
// Simpler means, in this order: fewer failing allocations, fewer operations, fewer of them
// concurrent, plainer ones and smaller numbers. Steps only ever go down that order, so that every
// chain of them ends, and two inputs that show one bug tend to end as the same program.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "core/program/program.h"

namespace rmap {

// Operations alone count; decisions, tail and strategy do not.
bool is_simpler(const Program& a, const Program& b);

// What each cpu of the program before is called now.
using CpuNames = std::array<uint8_t, kCpusMax + 1>;

// Without the room for decisions, most of a program's size: there are hundreds of candidates.
struct Candidate {
  sched::BoundedVector<Op, kOpsMax> ops;
  uint8_t failures = 0;
  CpuNames cpu = {0, 1, 2, 3, 4};

  Program program() const { return {.failures = failures, .ops = ops, .decisions = {}}; }
};

// One kind of step.
struct Simplification {
  std::string_view name;
  // In the order in which to try them. Canonical; all are simpler.
  std::vector<Candidate> (*candidates)(const Program& p);
};
std::span<const Simplification> simplifications();

}  // namespace rmap
