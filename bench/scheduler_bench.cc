// What a scheduling point costs, next to the physical limit and to the published figures of other
// schedulers.
//
// "Ping" is the yardstick: two tasks, each N times lock, increment, unlock (random walk). Measured
// on a machine like ours, in points per second:
//   Relacy 18.6 M (N = 4) and 24.1 M (N = 100); Shuttle 3.2 M and 4.6 M; the floor, a harness that
//   does nothing but draw and switch, 51 M and 46 M. A bare switch takes 4.7 to 4.9 ns, and no
//   point with a switch can be cheaper.
// Read all figures as ratios to `BareSwitch` of the same run: machines differ, ratios hardly.
// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <new>

#include "scheduler/fiber.h"
#include "scheduler/shared.h"
#include "scheduler/strategies/direct.h"
#include "scheduler/strategies/pct.h"
#include "scheduler/strategies/random_walk.h"

namespace {

uint64_t allocations = 0;

void* allocate(std::size_t size) {
  allocations++;
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) std::abort();
  return memory;
}

}  // namespace

// Every allocation of this binary is counted; the other forms of new and delete call these.
void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

using namespace sched;

constexpr std::string_view kSites[] = {"", "ping"};
constexpr Site kPing{1};
constexpr ObjectClass kObjects[] = {{""}, {.name = "lock", .rank = 1}, {.name = "word"}};
constexpr std::string_view kFields[] = {"", "word"};
constexpr Vocabulary kVocabulary{kSites, kObjects, kFields, {}};

Scheduler& scheduler() {
  static Scheduler s(kVocabulary);
  return s;
}

struct World {
  SpinLock lock{make_object(1, 0)};
  Shared<uint32_t> word{Field{1}, make_object(2, 0)};
  int counter = 0;
  int rounds = 0;
};

void ping(void* argument) {
  World& w = *static_cast<World*>(argument);
  for (int i = 0; i < w.rounds; i++) {
    Guard g(w.lock, kPing);
    w.counter++;
  }
}

void touch(void* argument) {
  World& w = *static_cast<World*>(argument);
  for (int i = 0; i < w.rounds; i++) w.word.store(static_cast<uint32_t>(i), kPing);
}

void nothing(void*) {}

// Sums over the executions of one benchmark.
struct Sums {
  uint64_t executions = 0;
  uint64_t points = 0;
  uint64_t switches = 0;
};

// One execution of two tasks, which together have `points` scheduling points.
void execute(Strategy& strategy, Decisions& decisions, Fiber::Entry first, Fiber::Entry second,
             World& w, uint64_t points, Sums& sums) {
  const int rounds = w.rounds;
  w = World{};
  w.rounds = rounds;
  Scheduler& s = scheduler();
  s.begin({.strategy = &strategy, .decisions = &decisions, .steps_max = ~0u});
  s.spawn(first, &w);
  s.spawn(second, &w);
  sums.switches += s.run().switches;
  sums.points += points;
  sums.executions++;
}

void report(benchmark::State& state, const Sums& sums, uint64_t allocated) {
  using benchmark::Counter;
  const auto points = static_cast<double>(sums.points);
  const auto executions = static_cast<double>(sums.executions);
  if (sums.points > 0) {
    state.counters["points/s"] = Counter(points, Counter::kIsRate);
    state.counters["time/point"] = Counter(points, Counter::kIsRate | Counter::kInvert);
  }
  state.counters["executions/s"] = Counter(executions, Counter::kIsRate);
  state.counters["switches/execution"] = static_cast<double>(sums.switches) / executions;
  state.counters["allocations/execution"] = static_cast<double>(allocated) / executions;
}

// Ping with `rounds` rounds; seeds 0, 1, 2, ...
void run_ping(benchmark::State& state, Strategy& strategy, int rounds) {
  World w;
  w.rounds = rounds;
  const auto points = 2 * static_cast<uint64_t>(rounds);
  Sums sums;
  SeededDecisions warm_up(0);  // The stacks are mapped here.
  execute(strategy, warm_up, &ping, &ping, w, points, sums);
  sums = {};
  uint64_t seed = 0;
  const uint64_t before = allocations;
  for (auto _ : state) {
    SeededDecisions decisions(seed++);
    execute(strategy, decisions, &ping, &ping, w, points, sums);
  }
  report(state, sums, allocations - before);
}

// A random walk over ping: the comparison with other tools.
void Ping(benchmark::State& state) {
  Direct direct;
  const auto rounds = static_cast<int>(state.range(0));
  run_ping(state, direct, rounds);
  state.SetLabel(rounds == 4 ? "Relacy 18.6M, Shuttle 3.2M, floor 51M points/s"
                             : "Relacy 24.1M, Shuttle 4.6M, floor 46M points/s");
}
BENCHMARK(Ping)->Arg(4)->Arg(100);

template <typename S>
void PingUnder(benchmark::State& state) {
  S strategy;
  run_ping(state, strategy, 100);
}
BENCHMARK(PingUnder<RandomWalk>);
BENCHMARK(PingUnder<Pct>);

// There and back is two switches.
void BareSwitch(benchmark::State& state) {
  equalize_floating_point_flags();
  constexpr std::size_t kThereAndBack = 1000;
  for (auto _ : state) bare_switches(kThereAndBack);
  const auto switches = static_cast<double>(2 * kThereAndBack * state.iterations());
  using benchmark::Counter;
  state.counters["time/switch"] = Counter(switches, Counter::kIsRate | Counter::kInvert);
  state.SetLabel("published 4.7 to 4.9 ns");
}
BENCHMARK(BareSwitch);

constexpr int kPoints = 1000;

// Always the same choice at each point: 0 keeps running, another one switches.
class Constant final : public Decisions {
 public:
  explicit Constant(uint32_t choice) : choice_(choice) {}

 private:
  uint32_t draw(uint32_t n, Cost) override { return choice_ < n ? choice_ : 0; }
  uint32_t choice_;
};

// Points of bare accesses, so that little but the point is measured; `second` is the other task.
void run_points(benchmark::State& state, Fiber::Entry second, uint32_t choice, uint64_t points) {
  World w;
  w.rounds = kPoints;
  Direct direct;
  Sums sums;
  Constant constant(choice);
  execute(direct, constant, &touch, second, w, points, sums);
  sums = {};
  const uint64_t before = allocations;
  for (auto _ : state) execute(direct, constant, &touch, second, w, points, sums);
  report(state, sums, allocations - before);
}

// The other task starts first and ends at once.
void PointWithOneCandidate(benchmark::State& state) { run_points(state, &nothing, 1, kPoints); }
BENCHMARK(PointWithOneCandidate);

// The other task waits for its first turn all the time: each point asks the strategy, which says
// "keep running".
void PointThatKeepsRunning(benchmark::State& state) { run_points(state, &nothing, 0, kPoints); }
BENCHMARK(PointThatKeepsRunning);

void PointThatSwitches(benchmark::State& state) { run_points(state, &touch, 1, 2 * kPoints); }
BENCHMARK(PointThatSwitches);

// What an execution costs that does nothing: begin, two tasks started and ended.
void EmptyExecution(benchmark::State& state) {
  World w;
  Direct direct;
  Sums sums;
  Constant constant(0);
  execute(direct, constant, &nothing, &nothing, w, 0, sums);
  sums = {};
  const uint64_t before = allocations;
  for (auto _ : state) execute(direct, constant, &nothing, &nothing, w, 0, sums);
  report(state, sums, allocations - before);
  state.SetLabel("an empty libFuzzer target: 2.7M executions/s");
}
BENCHMARK(EmptyExecution);

}  // namespace
