// SCHED_NO_COVERAGE: before a function that no fuzzing engine shall count edges in.
//
// Those that make, park and abandon fibers run or not because of executions before this one: what
// they do says nothing of the input, and an engine would take the same input for a different one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#if defined(__clang__)
#define SCHED_NO_COVERAGE __attribute__((no_sanitize("coverage")))
#else
#define SCHED_NO_COVERAGE
#endif
