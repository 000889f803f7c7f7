// Random programs: for learning access tables, for the fuzzer's mutator and for tests.
//
// Nothing here knows of any particular race. Operations are drawn evenly from ops.def, or from a
// few of its rows that are drawn first for the whole program: two operations meet more often where
// there are fewer kinds (Groce et al., Swarm Testing, ISSTA 2012). Addresses are drawn near those
// that the program already uses, because operations that never meet cannot race.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/program/program.h"

namespace rmap {

// A set of kinds of operations, as bits.
using OpKinds = uint32_t;
inline constexpr OpKinds kAllOps = ~OpKinds{0};
OpKinds kinds_of(const Program& p);

StrategyId pick_strategy(sched::SplitMix& random);

// An operation of one of `kinds` for `task`, near the operations of `p`.
Op generate_op(sched::SplitMix& random, const Program& p, uint8_t task, OpKinds kinds = kAllOps);
// Draws one operand of `op` again.
void change_operand(sched::SplitMix& random, const Program& p, Op& op);
// A whole program: a set-up, two to four tasks, a strategy, a random tail.
Program generate_program(sched::SplitMix& random);

}  // namespace rmap
