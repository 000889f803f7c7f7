// Which accesses are scheduling points under a kernel: the access table, learned.
//
// A fixed set of programs (random ones, and every pair of operations, at once and one after the
// other) is run until no new kind of access is seen; see scheduler/access.h for what is derived
// from that. The table belongs to the kernel, is the same in every process and on every machine,
// and is part of what the model version stands for.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/kernel/kernel.h"
#include "scheduler/access.h"

namespace rmap {

sched::AccessTable learn_access_table(const Kernel& kernel);

// One line per kind of access that was seen: field, mode, locks held, and its class.
std::string describe(const sched::AccessTable& table);

}  // namespace rmap
