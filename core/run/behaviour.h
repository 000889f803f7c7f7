// The behaviour signature: one number for what the model does.
//
// A hash over the traces of a list of programs under all releases. A commit that changes it changes
// what stored decisions mean, and so bumps kModelVersion; every other commit leaves it alone.
// tests/core/behaviour_test.cc keeps watch.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "core/run/execution.h"

namespace rmap {

// What one program did under one kernel.
struct Behaviour {
  std::string_view kernel;
  std::size_t program;
  sched::Ending ending;
  uint32_t steps;
  uint64_t trace_hash;
};

// Runs each program under each release and reports to `each`, if given. Returns the signature.
uint64_t behaviour_signature(std::span<const Program> programs,
                             const std::function<void(const Behaviour&)>& each = {});

// `n` generated programs: the same list everywhere and for ever, as long as ops.def and generate.cc
// are.
std::vector<Program> sample_programs(uint32_t n);

}  // namespace rmap
