// Random programs: for learning access tables, for the fuzzer's mutator and for tests.
//
// Nothing here knows of any particular race. Operations are drawn evenly from ops.def; addresses
// are drawn near those that the program already uses, because operations that never meet cannot
// race.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/program.h"

namespace rmap {

// An operation for `task`, near the operations of `p`.
Op generate_op(sched::SplitMix& random, const Program& p, uint8_t task);
// Draws one operand of `op` again.
void change_operand(sched::SplitMix& random, const Program& p, Op& op);
// A whole program: a set-up, two to four tasks, a strategy, a random tail.
Program generate_program(sched::SplitMix& random);

}  // namespace rmap
