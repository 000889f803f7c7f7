// What each sanitizer must report, so that its silence about everything else means something, and
// what it must not. sanitizers.sh runs them.
//
//   canary uninitialized   a task decides by a variable that nobody has set (MemorySanitizer)
//   canary race            two real threads write one variable (ThreadSanitizer)
//   canary leak            a task loses memory (LeakSanitizer)
//   canary abandon         clean: 100,000 jobs are abandoned in the middle of nested calls
//   canary switches        clean: two tasks write one variable in turn
//   canary library         a std::map of initialized numbers: clean, but MemorySanitizer reports it
//                          where the C++ library is not instrumented, because _Rb_tree_insert_and_
//                          rebalance(), in libstdc++.so, is what sets the pointers between nodes
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <cstring>
#include <map>
#include <thread>

#include "scheduler/fiber.h"

namespace {

sched::Fiber main_context;
sched::Fiber fiber;
int shared = 0;
volatile int sink = 0;
void* volatile lost = nullptr;

// What `job` does on a fiber, and then the fiber's end.
void on_fiber(void (*job)()) {
  static void (*todo)();
  todo = job;
  const auto entry = [](void*) {
    todo();
    fiber.park(main_context);
  };
  if (!fiber.has_stack()) fiber.allocate_stack();
  fiber.assign(entry, nullptr);
  main_context.switch_to(fiber);
}

[[gnu::noinline]] void read_uninitialized() {
  volatile int words[16];
  if (words[sink] > 0) sink = 1;
}

[[gnu::noinline]] void lose_memory() {
  lost = new char[1000];
  lost = nullptr;
}

// Returns only if it is not abandoned.
[[gnu::noinline]] void stop_in_nested_calls(int depth) {
  if (depth == 0) {
    fiber.switch_to(main_context);
  } else {
    stop_in_nested_calls(depth - 1);
  }
  sink = depth;
}

void abandon() {
  for (int i = 0; i < 100000; i++) {
    on_fiber([] { stop_in_nested_calls(4); });
    fiber.abandon(main_context);
  }
}

void race() {
  const auto count = [] {
    for (int i = 0; i < 1000; i++) shared++;
  };
  std::thread a(count);
  std::thread b(count);
  a.join();
  b.join();
}

void take_turns() {
  for (int i = 0; i < 1000; i++) {
    on_fiber([] { shared++; });
    shared++;
  }
}

void use_library() {
  std::map<int, int> map;
  for (int i = 0; i < 100; i++) map[i % 10] = i;
  sink = map[3];
}

}  // namespace

int main(int argc, char** argv) {
  const char* what = argc == 2 ? argv[1] : "";
  if (std::strcmp(what, "uninitialized") == 0) {
    on_fiber(&read_uninitialized);
  } else if (std::strcmp(what, "race") == 0) {
    race();
  } else if (std::strcmp(what, "leak") == 0) {
    on_fiber(&lose_memory);
  } else if (std::strcmp(what, "abandon") == 0) {
    abandon();
  } else if (std::strcmp(what, "switches") == 0) {
    take_turns();
  } else if (std::strcmp(what, "library") == 0) {
    use_library();
  } else {
    std::fprintf(stderr, "usage: canary uninitialized|race|leak|abandon|switches|library\n");
    return 2;
  }
}
