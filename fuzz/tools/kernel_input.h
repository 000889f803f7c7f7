// The inputs of the targets that run programs: some bytes that choose, the first of them a release
// (counted from the oldest, over and over), and then the bytes of a program.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/kernel/expression.h"
#include "repro/run/session.h"

namespace rmap {

// A release that executions run under.
struct FuzzedKernel {
  NamedKernel named;
  Executors& all;  // Of all releases.
  Executor& executor;
};

// All releases are made at the first call, so that no input pays for it, or differs by being first.
const FuzzedKernel& kernel_chosen_by(uint8_t byte);
// The byte that chooses a release.
uint8_t byte_of_release(std::string_view release);

// What chooses, and the program. False if the bytes are too few, or hold no program.
bool decode_chosen(std::span<const uint8_t> bytes, std::size_t chosen, Program& p);

// LLVMFuzzerCustomMutator for inputs whose first `chosen` bytes choose.
std::size_t mutate_chosen(uint8_t* data, std::size_t size, std::size_t size_max, unsigned int seed,
                          std::size_t chosen);

}  // namespace rmap
