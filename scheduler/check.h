// CHECK: an invariant of our own code. It is on in every build, and a failure is our bug, never a
// finding.
//
// A failure prints the expression, its values and where the running execution was (step, task,
// site), then aborts.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sched {

// Prints the failure and aborts. `a` and `b` are the compared values, or both zero.
[[noreturn]] void check_failed(const char* file, int line, const char* expression,
                               unsigned long long a, unsigned long long b);

}  // namespace sched

#define CHECK(expression)                                           \
  do {                                                              \
    if (!(expression)) [[unlikely]]                                 \
      ::sched::check_failed(__FILE__, __LINE__, #expression, 0, 0); \
  } while (0)

#define CHECK_OP(a, op, b)                                             \
  do {                                                                 \
    const auto check_a = (a);                                          \
    const auto check_b = (b);                                          \
    if (!(check_a op check_b)) [[unlikely]]                            \
      ::sched::check_failed(__FILE__, __LINE__, #a " " #op " " #b,     \
                            static_cast<unsigned long long>(check_a),  \
                            static_cast<unsigned long long>(check_b)); \
  } while (0)

#define CHECK_EQ(a, b) CHECK_OP(a, ==, b)
#define CHECK_NE(a, b) CHECK_OP(a, !=, b)
#define CHECK_LT(a, b) CHECK_OP(a, <, b)
#define CHECK_LE(a, b) CHECK_OP(a, <=, b)
