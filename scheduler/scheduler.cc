// SPDX-License-Identifier: Apache-2.0
#include "scheduler/scheduler.h"

#include "scheduler/check.h"

namespace sched {

Scheduler::Scheduler(const Vocabulary& vocabulary)
    : vocabulary_(vocabulary), tasks_(new Task[kTasksMax]), fibers_(new Fiber[kTasksMax]) {
  CHECK_LE(vocabulary.sites.size(), kSitesMax);
  CHECK_LE(vocabulary.fields.size(), kFieldsMax);
  for (std::size_t i = 0; i < vocabulary.sites.size(); i++)
    site_ids_[i] = name_hash(vocabulary.sites[i]);
}

// Stacks are never unmapped: a sanitizer may still know them (see README.md, "Abandoning").
Scheduler::~Scheduler() {
  if (running_ == this) running_ = nullptr;
}

void Scheduler::begin(const Run& run) {
  CHECK(run.strategy != nullptr);
  CHECK(run.decisions != nullptr);
  for (TaskId t = 0; t < spawned_; t++) {
    if (runnable_.contains(t) || blocked_.contains(t)) {
      if (tasks_[t].started) fibers_[t].abandon(main_);
    }
  }
  running_ = this;
  run_ = run;
  trace_ = run.trace;
  coverage_ = run.coverage;
  table_ = run.table;
  learn_ = run.learn;
  plan_ = run.plan;
  strategy_ = run.strategy;
  decisions_ = run.decisions;
  steps_stop_ = run.steps_max;
  runnable_.clear();
  relaxed_.clear();
  blocked_.clear();
  several_ = false;
  current_ = kNoTask;
  live_ = 0;
  spawned_ = 0;
  fair_ = false;
  finished_while_fair_ = false;
  decided_at_ = kNever;
  last_site_ = {};
  arriving_site_ = {};
  outcome_.ending = Ending::finished;
  outcome_.unknown_access = false;
  outcome_.steps = outcome_.switches = outcome_.preemptions = 0;
  outcome_.judged = 0;
  outcome_.violation = {};
  outcome_.is_cycle = false;
  outcome_.waits.clear();
  if (trace_ != nullptr) trace_->clear();
  if (plan_ != nullptr) plan_->clear();
  equalize_floating_point_flags();
  strategy_->begin(*decisions_);
}

TaskId Scheduler::spawn(Fiber::Entry entry, void* argument) {
  CHECK_LT(spawned_, kTasksMax);
  const TaskId id = spawned_++;
  Task& task = tasks_[id];
  task.entry = entry;
  task.argument = argument;
  task.started = false;
  task.atomic_depth = 0;
  task.relaxed_at = 0;
  task.last_site = {};
  task.held.clear();
  if (!fibers_[id].has_stack()) fibers_[id].allocate_stack();
  fibers_[id].assign(&Scheduler::task_main, this);
  runnable_.insert(id);
  live_++;
  strategy_->spawned(id, *decisions_);
  return id;
}

const Outcome& Scheduler::run() {
  CHECK(outcome_.ending == Ending::finished);
  if (live_ == 0) return outcome_;
  // The tasks of earlier calls have ended: nobody races with them.
  if (coverage_ != nullptr && coverage_->interleavings != nullptr)
    coverage_->interleavings->begin();
  current_ = kNoTask;
  arriving_site_ = {};
  count_candidates();
  pick_next();
  const TaskId first = current_;
  main_.switch_to(fibers_[first]);
  current_ = kNoTask;
  return outcome_;
}

void Scheduler::task_main(void* argument) {
  Scheduler& self = *static_cast<Scheduler*>(argument);
  Task& task = self.tasks_[self.current_];
  task.started = true;
  self.note(EventKind::start, {});
  task.entry(task.argument);
  self.finish_current();
}

void Scheduler::finish_current() {
  arriving_site_ = last_site_;
  CHECK(tasks_[current_].held.empty());
  note(EventKind::finish, {});
  const TaskId self = current_;
  runnable_.remove(self);
  relaxed_.clear();
  live_--;
  finished_while_fair_ |= fair_;
  count_candidates();
  if (live_ == 0) {
    fibers_[self].park(main_);
    return;
  }
  if (runnable_.empty()) {
    report_deadlock();
    outcome_.ending = Ending::deadlock;
    note(EventKind::stop, {}, {}, static_cast<uint64_t>(Ending::deadlock));
    fibers_[self].park(main_);
    return;
  }
  pick_next();
  outcome_.switches++;
  fibers_[self].park(fibers_[current_]);
}

// --- Who runs next -------------------------------------------------------------------------------

void Scheduler::count_candidates() { several_ = runnable_.several(); }

// Kept in two halves so that the switch is a tail call: after it the processor predicts each return
// wrongly (the returns belong to another stack), at some 20 cycles each, so that there should be
// only one.
void Scheduler::decide() {
  const TaskId next = preferred();
  if (next != current_) switch_to(next);
}

// The strategy's choice. Requires: the task's site is in arriving_site_.
uint32_t Scheduler::ask(const Candidates& candidates) {
  if (coverage_ != nullptr) coverage_->decisions[arriving_site_.index]++;
  asked_ = &candidates;
  const uint32_t choice = strategy_->choose(candidates, *decisions_);
  CHECK_LT(choice, candidates.count);
  if (plan_ != nullptr) [[unlikely]] {
    const Question q = asking();
    plan_->chosen(q.kind, q.task, q.site, choice == 0, candidates.at(choice));
  }
  return choice;
}

Question Scheduler::asking() const {
  const PlanKind kind = asked_ == nullptr      ? PlanKind::data
                        : current_ == kNoTask  ? PlanKind::start
                        : asked_->current_runs ? PlanKind::preempt
                                               : PlanKind::next;
  return {kind, current_, kind == PlanKind::start ? Site{} : arriving_site_, asked_};
}

// Who runs on from this point.
TaskId Scheduler::preferred() {
  if (fair_ || outcome_.steps >= steps_stop_) return preferred_fairly();
  if (!several_) return current_;
  // Nothing was visible since the last decision, so that this point would only ask the same
  // question again.
  if (decided_at_ == outcome_.steps) return current_;
  decided_at_ = outcome_.steps;
  const TaskSet candidates = relaxed_.empty() ? runnable_ : runnable_.minus(relaxed_);
  const Candidates c{candidates.without(current_), candidates.size(), current_, true};
  if (c.count < 2) return current_;
  const uint32_t choice = ask(c);
  if (choice == 0) return current_;
  outcome_.preemptions++;
  return c.at(choice);
}

// Past the step limit: round robin, so that a task that only waits for another one to go on gets
// its wish.
TaskId Scheduler::preferred_fairly() {
  if (!fair_) {
    fair_ = true;
    fair_from_ = outcome_.steps;
  }
  const uint32_t fair_steps = outcome_.steps - fair_from_;
  if (fair_steps >= run_.fair_steps_max) {
    bool only_retries = !finished_while_fair_;
    const uint32_t half_way = fair_from_ + run_.fair_steps_max / 2;
    for (TaskId t = 0; t < spawned_; t++) {
      if (runnable_.contains(t) && tasks_[t].relaxed_at < half_way) only_retries = false;
    }
    stop(only_retries ? Ending::livelock : Ending::step_limit);
  }
  return runnable_.after(current_);
}

// The current task cannot go on: picks another one as the current task, without switching.
void Scheduler::pick_next() {
  TaskSet candidates = runnable_.minus(relaxed_);
  if (candidates.empty()) {  // Everybody retries: let them.
    relaxed_.clear();
    candidates = runnable_;
  }
  const uint32_t count = candidates.size();
  CHECK(count > 0);
  decided_at_ = outcome_.steps;
  if (count == 1) {
    current_ = candidates.nth(0);
  } else if (fair_) {
    current_ = candidates.after(current_);
  } else {
    const Candidates c{candidates, count, current_, false};
    current_ = c.at(ask(c));
  }
}

void Scheduler::switch_to(TaskId next) {
  const TaskId self = current_;
  current_ = next;
  outcome_.switches++;
  fibers_[self].switch_to(fibers_[next]);
}

// --- Endings -------------------------------------------------------------------------------------

void Scheduler::fail(const Violation& violation) {
  outcome_.violation = violation;
  stop(Ending::violation);
}

void Scheduler::fail_at_rest(const Violation& violation) {
  if (outcome_.ending != Ending::finished) return;
  outcome_.violation = violation;
  outcome_.ending = Ending::violation;
}

void Scheduler::stop(Ending ending) {
  outcome_.ending = ending;
  note(EventKind::stop, last_site_, {}, static_cast<uint64_t>(ending));
  const TaskId self = current_;
  if (!blocked_.contains(self)) runnable_.insert(self);  // So that begin() abandons it.
  fibers_[self].switch_to(main_);
  check_failed(__FILE__, __LINE__, "a stopped execution was continued", 0, 0);
}

// --- Watching ------------------------------------------------------------------------------------

void Scheduler::cover(EventKind kind, Site site, Object object, uint64_t a) {
  coverage_->reach(site);
  if (coverage_->interleavings != nullptr)
    coverage_->interleavings->happened(kind, site, object, current_, a);
}

void Scheduler::record(EventKind kind, Site site, Object object, uint64_t a, uint64_t b) {
  trace_->record({outcome_.steps, current_, kind, site.index, object, site_ids_[site.index], a, b});
}

}  // namespace sched
