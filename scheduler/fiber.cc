// SPDX-License-Identifier: Apache-2.0
#include "scheduler/fiber.h"

#include <sys/mman.h>
#include <unistd.h>

#include <boost/context/detail/fcontext.hpp>
#include <cfenv>
#include <cstdint>

#include "scheduler/check.h"

#ifndef __has_feature
#define __has_feature(x) 0  // g++ 12 has none.
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define SCHED_ASAN 1
#endif
#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
#define SCHED_TSAN 1
#endif

#ifdef SCHED_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>
#endif
#ifdef SCHED_TSAN
#include <sanitizer/tsan_interface.h>
#endif

namespace sched {
namespace {

namespace context = boost::context::detail;

// What a switch hands over: who left, and who arrives.
struct Handover {
  Fiber* from;
  Fiber* to;
};

void start_switch([[maybe_unused]] void** fake_stack, [[maybe_unused]] const void* bottom,
                  [[maybe_unused]] std::size_t size) {
#ifdef SCHED_ASAN
  __sanitizer_start_switch_fiber(fake_stack, bottom, size);
#endif
}

void finish_switch([[maybe_unused]] void* fake_stack, [[maybe_unused]] const void** bottom,
                   [[maybe_unused]] std::size_t* size) {
#ifdef SCHED_ASAN
  __sanitizer_finish_switch_fiber(fake_stack, bottom, size);
#endif
}

// ThreadSanitizer has a call stack of its own for each fiber. A switch orders what is before it and
// what is after it: tasks never race, because no two of them ever run at once.
void switch_call_stack([[maybe_unused]] void** from, [[maybe_unused]] void* to) {
#ifdef SCHED_TSAN
  if (*from == nullptr) *from = __tsan_get_current_fiber();  // The main context's.
  __tsan_switch_to_fiber(to, 0);
#endif
}

// An abandoned job's calls never return: without a new call stack they would stay there for ever.
void renew_call_stack([[maybe_unused]] void** of) {
#ifdef SCHED_TSAN
  if (*of != nullptr) __tsan_destroy_fiber(*of);
  *of = __tsan_create_fiber(0);
#endif
}

}  // namespace

struct FiberEntry {
  // Completes a switch on the side of the one who arrives.
  static void arrive(context::transfer_t t, void* own_fake_stack) {
    Fiber& from = *static_cast<Handover*>(t.data)->from;
    from.context_ = t.fctx;
    const void* bottom = nullptr;
    std::size_t size = 0;
    finish_switch(own_fake_stack, &bottom, &size);
    if (from.stack_ == nullptr) {  // The main stack's bounds are only learned here.
      from.bottom_ = bottom;
      from.size_ = size;
    }
  }
  static void enter(context::transfer_t t) {
    Fiber& self = *static_cast<Handover*>(t.data)->to;
    arrive(t, nullptr);
    Fiber::run_jobs(self);
  }
};

void Fiber::allocate_stack() {
  CHECK(stack_ == nullptr);
  const auto guard = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  void* memory = mmap(nullptr, guard + kStackSize, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  CHECK(memory != MAP_FAILED);
  CHECK_EQ(mprotect(memory, guard, PROT_NONE), 0);
  stack_ = static_cast<char*>(memory) + guard;
  bottom_ = stack_;
  size_ = kStackSize;
#ifdef SCHED_ASAN
  __lsan_register_root_region(stack_, kStackSize);
#endif
  make_fresh();
}

void Fiber::make_fresh() {
  context_ = context::make_fcontext(stack_ + kStackSize, kStackSize, &FiberEntry::enter);
  fake_stack_ = nullptr;
  renew_call_stack(&call_stack_);
}

void Fiber::switch_to(Fiber& to) {
  Handover handover{this, &to};
  start_switch(&fake_stack_, to.bottom_, to.size_);
  switch_call_stack(&call_stack_, to.call_stack_);
  const context::transfer_t t = context::jump_fcontext(to.context_, &handover);
  FiberEntry::arrive(t, fake_stack_);
}

void Fiber::run_jobs(Fiber& self) {
  for (;;) self.entry_(self.argument_);
}

void Fiber::park(Fiber& to) { switch_to(to); }

void Fiber::abandon([[maybe_unused]] Fiber& main) {
  CHECK(stack_ != nullptr);
#ifdef SCHED_ASAN
  if (fake_stack_ != nullptr) {
    // Pretend to go there and to die there: that releases the fake stack, which would leak
    // otherwise.
    start_switch(&main.fake_stack_, bottom_, size_);
    finish_switch(fake_stack_, nullptr, nullptr);
    start_switch(nullptr, main.bottom_, main.size_);
    finish_switch(main.fake_stack_, nullptr, nullptr);
  }
  __asan_unpoison_memory_region(stack_, kStackSize);
#endif
  make_fresh();
}

void equalize_floating_point_flags() {
  if (std::fetestexcept(FE_ALL_EXCEPT) != 0) std::feclearexcept(FE_ALL_EXCEPT);
}

namespace {
void bounce(context::transfer_t t) {
  for (;;) t = context::jump_fcontext(t.fctx, nullptr);
}
}  // namespace

void bare_switches(std::size_t n) {
  static char* const stack = [] {
    void* memory = mmap(nullptr, Fiber::kStackSize, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    return static_cast<char*>(memory);
  }();
  context::fcontext_t there =
      context::make_fcontext(stack + Fiber::kStackSize, Fiber::kStackSize, &bounce);
  for (std::size_t i = 0; i < n; i++) there = context::jump_fcontext(there, nullptr).fctx;
}

}  // namespace sched
