// What happened, in plain words, with the numbers of this execution.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/run/execution.h"

namespace rmap {

std::string violation_sentence(const Executor& executor, const sched::Violation& v);
std::string wait_sentence(const Executor& executor, const sched::Outcome& outcome);

}  // namespace rmap
