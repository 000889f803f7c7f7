// The model's speed: executions per second on the seed corpus, learning a kernel, exploring, heap
// use, signature.
// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <new>
#include <vector>

#include "core/kernel/expression.h"
#include "core/run/behaviour.h"
#include "core/run/explore.h"

namespace {
uint64_t allocations = 0;
}

void* operator new(std::size_t n) {
  allocations++;
  void* p = std::malloc(n);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }

namespace rmap {
namespace {

std::vector<Program> seed_corpus() {
  std::vector<std::filesystem::path> files;
  for (const auto& f :
       std::filesystem::directory_iterator(RMAPFUZZ_SOURCE_DIR "/corpus/rmap_fuzzer")) {
    files.push_back(f.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<Program> programs;
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
    Program p;
    if (decode({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}, p))
      programs.push_back(p);
  }
  return programs;
}

void run_all(benchmark::State& state, const std::vector<Program>& programs,
             const Options& options) {
  Executor executor(kernel_named("v3.0").kernel);
  uint64_t executions = 0;
  uint64_t steps = 0;
  for (const Program& p : programs) executor.run(p, options);
  allocations = 0;
  for (auto _ : state) {
    for (const Program& p : programs) steps += executor.run(p, options).outcome.steps;
    executions += programs.size();
  }
  const auto heap = static_cast<double>(allocations);
  using benchmark::Counter;
  state.counters["executions/s"] = Counter(static_cast<double>(executions), Counter::kIsRate);
  state.counters["steps/s"] = Counter(static_cast<double>(steps), Counter::kIsRate);
  state.counters["steps/execution"] = static_cast<double>(steps) / static_cast<double>(executions);
  state.counters["heap_allocations/execution"] = heap / static_cast<double>(executions);
}

// Aim: 300,000 executions/s on one core, without sanitizers.
void BM_seed_corpus(benchmark::State& state) { run_all(state, seed_corpus(), {}); }
BENCHMARK(BM_seed_corpus);

void BM_generated_programs(benchmark::State& state) { run_all(state, sample_programs(1000), {}); }
BENCHMARK(BM_generated_programs);

// The same with a trace: what one pays for only when asked.
void BM_seed_corpus_traced(benchmark::State& state) {
  sched::Trace trace;
  run_all(state, seed_corpus(), {.trace = &trace});
}
BENCHMARK(BM_seed_corpus_traced);

void BM_learn_access_table(benchmark::State& state) {
  for (auto _ : state) Executor executor(kernel_named("v3.0").kernel);
}
BENCHMARK(BM_learn_access_table)->Unit(benchmark::kMillisecond);

// One mremap against one migration, all schedules with at most two preemptions.
void BM_explore(benchmark::State& state) {
  Executor executor(kernel_named("v3.1").kernel);
  Program p;
  p.ops.push_back({.kind = OpKind::mmap, .length = 2});
  p.ops.push_back({.kind = OpKind::write, .length = 2});
  p.ops.push_back({.kind = OpKind::mremap, .task = 1, .length = 2, .address2 = 8});
  p.ops.push_back({.kind = OpKind::migrate, .task = 2});
  uint64_t schedules = 0;
  for (auto _ : state) schedules += explore(executor, p, {.preemptions_max = 2}).schedules;
  state.counters["schedules/s"] =
      benchmark::Counter(static_cast<double>(schedules), benchmark::Counter::kIsRate);
}
BENCHMARK(BM_explore);

// No speed: a number that says whether the model still does the same (core/run/behaviour.h).
void BM_behaviour_signature(benchmark::State& state) {
  uint64_t signature = 0;
  for (auto _ : state) signature = behaviour_signature(seed_corpus());
  state.SetLabel("model " + std::to_string(kModelVersion) + ", signature " +
                 std::to_string(signature));
}
BENCHMARK(BM_behaviour_signature)->Iterations(1);

}  // namespace
}  // namespace rmap
