// What the scheduler's tests share: a vocabulary, and programs of a few tasks over a small world.
//
// A world is a plain struct that is assigned afresh before each execution; a task is a function
// over it. Tests then say which outcomes a set of schedules has: explore() runs all of them and
// counts the results.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "scheduler/shared.h"
#include "scheduler/strategies/direct.h"

namespace sched::fixture {

inline constexpr std::string_view kSites[] = {"", "here", "there", "first", "second", "third"};
inline constexpr Site kHere{1}, kThere{2}, kFirst{3}, kSecond{4}, kThird{5};

enum Class : uint8_t { kNothing, kMutex, kSem, kSpin, kWatched, kCond, kCount, kRcu, kWord };
inline constexpr ObjectClass kObjects[] = {
    {""},
    {.name = "mutex", .rank = 10, .sleeps = true},
    {.name = "sem", .rank = 20, .sleeps = true},
    {.name = "spin", .rank = 30},
    {.name = "watched", .rank = 40, .observed = true},
    {.name = "cond", .sleeps = true},
    {.name = "count", .sleeps = true},
    {.name = "rcu", .observed = true},
    {.name = "word"},
};
inline constexpr std::string_view kFields[] = {"", "x", "y"};
inline constexpr Field kX{1}, kY{2};
inline constexpr Vocabulary kVocabulary{kSites, kObjects, kFields, {}};

// One for the whole binary: its stacks are mapped once.
inline Scheduler& scheduler() {
  static Scheduler s(kVocabulary);
  return s;
}

inline TaskId self() { return Scheduler::running().current(); }

// Tasks over a world of type W.
template <typename W>
class Program {
 public:
  using Body = void (*)(W&);
  explicit Program(std::vector<Body> bodies, Scheduler& s = scheduler()) : scheduler_(s) {
    for (Body body : bodies) jobs_.push_back({body, &world});
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  const Outcome& run(const Run& run) {
    world = W{};
    scheduler_.begin(run);
    for (Job& job : jobs_) scheduler_.spawn(&Program::start, &job);
    return scheduler_.run();
  }
  // One execution in which each decision is the choice itself.
  const Outcome& run(Decisions& decisions, Trace* trace = nullptr) {
    return run({.strategy = &direct_, .decisions = &decisions, .trace = trace});
  }
  // One execution that starts with `bytes` and then keeps running.
  const Outcome& replay(const std::vector<uint8_t>& bytes, Trace* trace = nullptr) {
    ByteDecisions decisions(bytes, 0);
    return run(decisions, trace);
  }

  W world;

 private:
  struct Job {
    Body body;
    W* world;
  };
  static void start(void* argument) {
    const Job& job = *static_cast<const Job*>(argument);
    job.body(*job.world);
  }

  Scheduler& scheduler_;
  Direct direct_;
  std::vector<Job> jobs_;
};

// What all schedules of a program came to.
struct Tally {
  uint64_t executions = 0;
  std::map<Ending, uint64_t> endings;
  std::map<uint64_t, uint64_t> results;  // Of the finished executions.
  bool unknown_access = false;

  uint64_t of(Ending e) const { return endings.contains(e) ? endings.at(e) : 0; }
  bool always(Ending e) const { return of(e) == executions; }
  bool saw(uint64_t result) const { return results.contains(result); }
};

// Runs every schedule with at most `preemptions_max` preemptions; `result` maps a world to a
// number.
template <typename W, typename F>
Tally explore(Program<W>& program, F result,
              uint32_t preemptions_max = ExhaustiveDecisions::kUnbounded,
              AccessTable* table = nullptr, AccessTable* learn = nullptr) {
  Tally tally;
  Direct direct;
  ExhaustiveDecisions all(preemptions_max);
  do {
    const Outcome& outcome =
        program.run(Run{.strategy = &direct, .decisions = &all, .table = table, .learn = learn});
    tally.executions++;
    tally.endings[outcome.ending]++;
    tally.unknown_access |= outcome.unknown_access;
    if (outcome.ending == Ending::finished)
      tally.results[static_cast<uint64_t>(result(program.world))]++;
  } while (all.next());
  return tally;
}

template <typename W>
Tally explore(Program<W>& program) {
  return explore(program, [](const W&) { return 0; });
}

}  // namespace sched::fixture
