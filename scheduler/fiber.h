// Fiber: one stack and the place where it stopped. The only code that knows Boost.Context is
// fiber.cc.
//
// Stacks are mapped once, each with a guard page below it, and reused for ever; starting a job on a
// parked fiber costs one switch and no allocation. A fiber is never unwound: an execution that
// stops half-way abandons its fibers, and abandon() makes the stack fit for the next job (see
// README.md, "Abandoning").
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace sched {

class Fiber {
 public:
  using Entry = void (*)(void* argument);
  static constexpr std::size_t kStackSize = 64 * 1024;

  Fiber() = default;
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // Maps the stack. The fiber of the main context (the thread's own stack) must not call this.
  void allocate_stack();
  bool has_stack() const { return stack_ != nullptr; }

  // Sets the job that starts, or goes on in a parked fiber, at the next switch to this fiber.
  // `entry` must end by calling park(), never by returning.
  void assign(Entry entry, void* argument) {
    entry_ = entry;
    argument_ = argument;
  }

  // Saves the running context here and continues `to`. Returns when somebody switches back.
  // Requires: this fiber is the running one.
  void switch_to(Fiber& to);

  // The end of a job: continues `to`; the fiber then waits for its next job.
  void park(Fiber& to);

  // Forgets what was running on the stack, which is fresh afterwards. Requires: called from the
  // main context.
  void abandon(Fiber& main);

 private:
  static void run_jobs(Fiber& self);
  void make_fresh();

  friend struct FiberEntry;
  void* context_ = nullptr;
  char* stack_ = nullptr;  // The lowest usable byte; null for the main context.
  Entry entry_ = nullptr;
  void* argument_ = nullptr;
  // For AddressSanitizer: the fake stack of the fiber that was left, and the bounds of the main
  // stack.
  void* fake_stack_ = nullptr;
  const void* bottom_ = nullptr;
  std::size_t size_ = 0;
  void* call_stack_ = nullptr;  // For ThreadSanitizer.
};

// Makes the floating-point exception flags of the calling context the ones that fibers have.
// Without it, a single inexact operation outside makes each switch about 15 times slower on x86-64
// (the control word differs).
void equalize_floating_point_flags();

// One bare Boost.Context switch there and back, `n` times: the yardstick for bench/.
void bare_switches(std::size_t n);

}  // namespace sched
