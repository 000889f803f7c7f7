// Scheduler: runs the tasks of one execution, one at a time, in the order that the decisions say.
//
// Tasks are fibers. A task runs undisturbed until its next *visible operation*: a lock request, a
// racy access, an atomic, a wait. Before each stands a scheduling point, where the strategy picks
// who runs on. Two tasks never run at once, so whatever happens between two points is atomic, and
// the sequence of choices is the whole schedule.
//
//   Scheduler s(vocabulary);
//   s.begin({.strategy = &direct, .decisions = &bytes});
//   s.spawn(&body, &argument);
//   const Outcome& outcome = s.run();
//
// One scheduler runs at a time per process (Scheduler::running()); it is the only ambient object.
// After the first executions it allocates nothing. Not thread-safe.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "scheduler/access.h"
#include "scheduler/coverage.h"
#include "scheduler/decisions.h"
#include "scheduler/fiber.h"
#include "scheduler/outcome.h"
#include "scheduler/plan.h"
#include "scheduler/strategy.h"
#include "scheduler/task_set.h"
#include "scheduler/trace.h"
#include "scheduler/vocabulary.h"

namespace sched {

// What one execution runs under. Everything pointed to must outlive it; null means "without".
struct Run {
  Strategy* strategy = nullptr;        // Required.
  Decisions* decisions = nullptr;      // Required.
  const AccessTable* table = nullptr;  // Without one, each access is a point.
  AccessTable* learn = nullptr;        // Accesses are noted here.
  Trace* trace = nullptr;
  Coverage* coverage = nullptr;
  PlanRecorder* plan = nullptr;  // Choices are noted here.
  // Library rules (LibraryRule, as bits) that are no findings in this execution.
  uint32_t rules_off = 0;
  uint32_t steps_max = 20'000;  // Then the execution goes on fairly,
  // for so many steps, to tell a livelock from an unfair schedule.
  uint32_t fair_steps_max = 20'000;
};

// What a choice is about, for decisions that go by places (plan.h).
struct Question {
  PlanKind kind;
  TaskId task;  // kNoTask before anybody has run.
  Site site;
  const Candidates* candidates;  // Null for data.
};

class Scheduler {
 public:
  explicit Scheduler(const Vocabulary& vocabulary);
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // --- For whoever runs executions ---------------------------------------------------------------

  // Starts a new execution. Tasks that the last one left behind are abandoned.
  void begin(const Run& run);
  // Adds a task, from outside of run(). Its id is the number of tasks spawned before.
  TaskId spawn(Fiber::Entry entry, void* argument);
  // Runs until every task has finished or something stopped the execution. May be called again
  // after more spawns, as long as the execution is `finished` so far.
  const Outcome& run();
  const Outcome& outcome() const { return outcome_; }
  const Vocabulary& vocabulary() const { return vocabulary_; }

  // --- For tasks and for primitives (sync.h) -----------------------------------------------------

  static Scheduler& running() { return *running_; }
  static const Scheduler* current_or_null() { return running_; }
  TaskId current() const { return current_; }
  uint32_t step() const { return outcome_.steps; }
  Site site() const { return last_site_; }
  bool tracing() const { return trace_ != nullptr; }
  // Valid while a choice is drawn.
  Question asking() const;

  // A scheduling point: stands before a visible operation at `site`.
  void point(Site site) {
    arriving_site_ = site;
    if (several_ || outcome_.steps >= steps_stop_) decide();
  }
  // A visible operation was carried out.
  void happened(EventKind kind, Site site, Object object = {}, uint64_t a = 0, uint64_t b = 0) {
    outcome_.steps++;
    if (!relaxed_.empty()) relaxed_wake();
    if (coverage_ != nullptr) cover(kind, site, object, a);
    last_site_ = site;
    if (trace_ != nullptr) record(kind, site, object, a, b);
  }
  // Something worth tracing that is no visible operation (a guarded access, a client's note).
  void note(EventKind kind, Site site, Object object = {}, uint64_t a = 0, uint64_t b = 0) {
    if (coverage_ != nullptr) cover(kind, site, object, a);
    if (trace_ != nullptr) record(kind, site, object, a, b);
  }

  // One access to a shared field: a point if the table calls for it. `held`: the subject's locks
  // that the task holds. Call before the access; note the value with happened() or note() through
  // access_done().
  void before_access(Field field, AccessMode mode, LockMask held, Site site) {
    if (learn_ != nullptr) learn_->observe(field, mode, held);
    if (table_ == nullptr) {
      access_is_step_ = true;
    } else {
      const AccessTable::Class c = table_->classify(field, mode, held);
      access_is_step_ = c != AccessTable::Class::guarded;
      outcome_.unknown_access |= c == AccessTable::Class::unknown;
    }
    if (access_is_step_) point(site);
  }
  void access_done(Field field, AccessMode mode, Site site, Object object, uint64_t value) {
    const auto kind =
        static_cast<EventKind>(static_cast<uint8_t>(EventKind::read) + static_cast<uint8_t>(mode));
    if (access_is_step_) {
      happened(kind, site, object, value, field.index);
    } else {
      note(kind, site, object, value, field.index);
    }
  }

  // A choice that is not about tasks, in [0, n); 0 is the simplest.
  uint32_t choose(uint32_t n, Site site, Cost cost = Cost::free) {
    arriving_site_ = site;
    asked_ = nullptr;
    const uint32_t c = decisions_->choose(n, cost);
    if (plan_ != nullptr) [[unlikely]]
      plan_->chosen(PlanKind::data, current_, site, c == 0, static_cast<uint8_t>(c));
    note(EventKind::choice, site, {}, c, n);
    return c;
  }

  // The current task waits until wake(object). May return early when woken with others: re-test the
  // condition.
  void block(Object object, Site site);
  void wake(Object object) {
    if (!blocked_.empty()) wake_blocked(object);
  }
  // Wakes just one of the tasks that wait for `object`; which one is a choice.
  void wake_one(Object object, Site site);
  // The current task retries something: it is no candidate until another task has made a step.
  void cpu_relax(Site site);

  // Held locks, for the lock order, sleep-in-atomic and deadlock reports. Nesting: see sync.h.
  void lock_requested(Object lock, uint8_t nesting, Site site) {
    if (class_of(lock).sleeps) might_sleep(lock, site);
    if (!tasks_[current_].held.empty()) check_order(lock, nesting, site);
  }
  void lock_acquired(Object lock, uint8_t nesting, Site site);
  void lock_released(Object lock);
  bool holds(Object lock) const;
  // A library rule was broken with `object` while `held` was held: a finding, unless the rule is
  // off.
  void broken(LibraryRule rule, Object object, Object held, Site site);
  void might_sleep(Object what, Site site);
  void atomic_section(int change) { tasks_[current_].atomic_depth += change; }
  const ObjectClass& class_of(Object object) const { return vocabulary_.objects[object.cls]; }

  // Stops the execution with a finding. The tasks are abandoned.
  [[noreturn]] void fail(const Violation& violation);
  // The same for whoever runs executions, between runs: only the first such finding is kept.
  void fail_at_rest(const Violation& violation);

 private:
  static constexpr uint32_t kNever = ~0u;
  void check_order(Object lock, uint8_t nesting, Site site);
  struct Held {
    Object lock;
    uint8_t rank;
    uint8_t nesting;
  };
  struct Task {
    Object waiting_for;
    Site waiting_at;
    Site last_site;
    int32_t atomic_depth = 0;
    bool started = false;
    uint32_t relaxed_at = 0;  // The step of its last cpu_relax().
    BoundedVector<Held, 16> held;
    Fiber::Entry entry = nullptr;
    void* argument = nullptr;
  };

  static void task_main(void* argument);
  void decide();
  uint32_t ask(const Candidates& candidates);
  TaskId preferred();
  TaskId preferred_fairly();
  void pick_next();
  void switch_to(TaskId next);
  void finish_current();
  void cover(EventKind kind, Site site, Object object, uint64_t a);
  void record(EventKind kind, Site site, Object object, uint64_t a, uint64_t b);
  void relaxed_wake();
  void wake_blocked(Object object);
  void count_candidates();
  [[noreturn]] void stop(Ending ending);
  void find_cycle(TaskId start);
  TaskId blocking_holder(TaskId waiter, uint32_t nth) const;
  void report_deadlock();

  inline static Scheduler* running_ = nullptr;

  // Hot.
  bool several_ = false;  // More than one candidate.
  bool access_is_step_ = false;
  TaskId current_ = kNoTask;
  Site arriving_site_;
  Site last_site_;
  uint32_t steps_stop_ = 0;
  // The step of the last decision, while the candidates are still the same.
  uint32_t decided_at_ = kNever;
  Trace* trace_ = nullptr;
  Coverage* coverage_ = nullptr;
  const AccessTable* table_ = nullptr;
  AccessTable* learn_ = nullptr;
  PlanRecorder* plan_ = nullptr;
  const Candidates* asked_ = nullptr;  // Null: a choice that is not about tasks.
  Strategy* strategy_ = nullptr;
  Decisions* decisions_ = nullptr;
  TaskSet runnable_;  // Including those in cpu_relax().
  TaskSet relaxed_;
  TaskSet blocked_;

  uint32_t live_ = 0;
  TaskId spawned_ = 0;
  bool fair_ = false;
  uint32_t fair_from_ = 0;
  bool finished_while_fair_ = false;
  Run run_;
  Outcome outcome_;
  Vocabulary vocabulary_;
  std::array<uint32_t, kSitesMax> site_ids_ = {};  // name_hash of each site, for traces.
  Fiber main_;
  std::unique_ptr<Task[]> tasks_;
  std::unique_ptr<Fiber[]> fibers_;
};

inline void Scheduler::lock_acquired(Object lock, uint8_t nesting, Site) {
  const ObjectClass& cls = class_of(lock);
  Task& task = tasks_[current_];
  task.held.push_back({lock, cls.rank, nesting});
  if (!cls.sleeps) task.atomic_depth++;
}

inline void Scheduler::lock_released(Object lock) {
  Task& task = tasks_[current_];
  uint32_t i = task.held.size();
  do {
    CHECK(i > 0);  // Releasing a lock that this task does not hold.
    i--;
  } while (!(task.held[i].lock == lock));
  task.held.erase_at(i);
  if (!class_of(lock).sleeps) task.atomic_depth--;
}

}  // namespace sched
