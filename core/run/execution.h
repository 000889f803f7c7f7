// Execution: one program under one kernel and one sequence of decisions.
//
// An execution is a function of (program, kernel, rules, decisions) alone; nothing carries over
// from one to the next. The set-up runs first, by itself; then every cpu that has operations is a
// task.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "core/model/world.h"
#include "core/program/program.h"
#include "scheduler/strategies/direct.h"
#include "scheduler/strategies/pct.h"
#include "scheduler/strategies/random_walk.h"

namespace rmap {

// What one operation did.
struct OpResult {
  bool ran = false;
  bool finished = false;     // Not cut short by a finding or a limit.
  bool took_effect = false;  // Changed or reached something; a munmap of nothing does not.
  int error = 0;
  uint32_t began = 0;  // Steps.
  uint32_t ended = 0;
};

struct Result {
  sched::Outcome outcome;
  OpResult ops[kOpsMax];
  uint32_t judged = 0;       // Bits of Rule: those that something was held against.
  uint32_t early_signs = 0;  // Bits of Rule.
  uint32_t near_misses = 0;  // Bits of NearMiss.

  bool finding() const {
    return outcome.ending == sched::Ending::violation ||
           outcome.ending == sched::Ending::deadlock || outcome.ending == sched::Ending::livelock;
  }
};

// How to run. Null means "without".
struct Options {
  RuleSet rules = RuleSet::proof();
  sched::Trace* trace = nullptr;
  sched::Coverage* coverage = nullptr;
  sched::AccessTable* learn = nullptr;
  sched::RecordedDecisions* record = nullptr;
  sched::PlanRecorder* plan = nullptr;
};

// The scheduler's own rules that `rules` leaves out, as sched::Run wants them.
uint32_t library_rules_off(RuleSet rules);

// Runs executions of one kernel. Allocates when it is made, and never again. One at a time per
// process.
class Executor {
 public:
  // Learns the kernel's access table first (see points.h).
  explicit Executor(const Kernel& kernel);
  Executor(const Kernel& kernel, const sched::AccessTable& table);
  ~Executor();

  // With the program's own decisions and tail.
  const Result& run(const Program& p, const Options& options = {});
  // With somebody else's decisions (an odometer), and the program's strategy.
  const Result& run(const Program& p, sched::Decisions& decisions, const Options& options = {});

  const Kernel& kernel() const { return kernel_; }
  const sched::AccessTable& table() const { return table_; }
  sched::AccessTable& table() { return table_; }
  // Of the last execution.
  const Result& result() const { return result_; }
  const World& world() const { return *world_; }
  World& world() { return *world_; }
  // The cpu (0: set-up) that a task of the last execution was.
  uint8_t cpu_of(sched::TaskId task) const { return tasks_.cpu(task); }

 private:
  struct TaskArgument {
    Executor* self;
    uint8_t cpu;
  };
  static void task_body(void* argument);
  sched::Strategy& strategy(StrategyId id);

  Kernel kernel_;
  sched::AccessTable table_;
  sched::Scheduler scheduler_;
  std::unique_ptr<World> world_;
  sched::Direct direct_;
  sched::RandomWalk random_walk_;
  sched::Pct pct_;
  Result result_;
  const Program* program_ = nullptr;
  TaskArgument arguments_[kCpusMax + 1];
  Tasks tasks_;
};

}  // namespace rmap
