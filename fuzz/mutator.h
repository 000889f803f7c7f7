// Mutations of programs: what the fuzzer changes, in terms of operations and decisions instead of
// bytes.
//
// Pure functions of their arguments. Nothing here knows of any particular race: operations are
// drawn evenly from ops.def (core/program/generate.h), and schedules evenly from all decisions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "core/program/program.h"

namespace rmap {

// Changes a few things about `p`. The result is canonical.
void mutate(sched::SplitMix& random, Program& p);

// The operations of some tasks of `a` and of the others of `b`; the schedule of either.
Program cross_over(sched::SplitMix& random, const Program& a, const Program& b);

// Drops decisions and then operations until the encoded form has at most `size_max` bytes; at least
// the header.
void shrink_to(Program& p, std::size_t size_max);

}  // namespace rmap
