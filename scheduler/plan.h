// Plan: a schedule by places instead of by positions: only the choices that are not the simplest
// one, each with the task and the site where it is made.
//
// Bytes say "the 45th choice is 1", which is another choice as soon as a model gains a point or a
// program loses an operation. A plan says "when task 2 comes to rmap_walk/lock for the first time,
// task 1 preempts it", which survives most such changes. So minimizers change plans, people read
// them, and regressions keep them; bytes stay the only replay mechanism: a plan becomes bytes by
// being followed with a record (Decisions::record_to()).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "scheduler/check.h"
#include "scheduler/decisions.h"
#include "scheduler/outcome.h"

namespace sched {

enum class PlanKind : uint8_t {
  start,    // Nobody has run yet; `choice` is the first task.
  preempt,  // The task has come to the site, and `choice` runs on instead.
  next,     // The task waits, retries or has ended after the site, and `choice` is the next one.
  data,     // A choice of the task at the site that is not about tasks (Scheduler::choose()).
};
inline constexpr std::string_view kPlanKinds[] = {"start", "preempt", "next", "data"};

struct PlanStep {
  PlanKind kind = PlanKind::start;
  TaskId task = kNoTask;
  Site site;
  uint16_t nth = 1;    // The n-th choice of this kind that the task has there, from 1.
  uint8_t choice = 0;  // A task's id; for data, the choice.
  friend bool operator==(const PlanStep&, const PlanStep&) = default;
};
using Plan = std::vector<PlanStep>;  // In the order of execution.

// A number for each place: a kind of choice, a task and a site. Zero at first.
//
// An execution comes to few of the places, so the pages of the others are never touched: from
// std::calloc() they cost nothing, and writing zeros would cost more than the execution.
class PlaceNumbers {
 public:
  static uint32_t index(PlanKind kind, TaskId task, Site site);

  PlaceNumbers() : numbers_(static_cast<uint16_t*>(std::calloc(kPlaces, sizeof(uint16_t)))) {
    CHECK(numbers_ != nullptr);
  }
  uint16_t& operator[](uint32_t place) { return numbers_[place]; }

 private:
  static constexpr uint32_t kPlaces = std::size(kPlanKinds) * kTasksMax * kSitesMax;
  struct Free {
    void operator()(uint16_t* numbers) const { std::free(numbers); }
  };
  std::unique_ptr<uint16_t[], Free> numbers_;
};

// How often each task has had a choice of each kind at each site.
class PlaceCounter {
 public:
  PlaceCounter() { touched_.reserve(256); }
  // How many choices it has had there, this one included.
  uint16_t count(uint32_t place);
  void clear();

 private:
  PlaceNumbers counts_;
  std::vector<uint32_t> touched_;
};

// Notes the choices of an execution, of whatever strategy (Run::plan).
class PlanRecorder {
 public:
  const Plan& plan() const { return plan_; }

  // For the scheduler.
  void clear();
  void chosen(PlanKind kind, TaskId task, Site site, bool simplest, uint8_t choice);

 private:
  PlaceCounter counter_;
  Plan plan_;
};

// Decisions that follow a plan, under the strategy Direct; all other choices are the simplest.
//
//   PlannedDecisions planned;
//   planned.follow(plan);
//   scheduler.begin({.strategy = &direct, .decisions = &planned}); ...
//
// A step whose place is not reached, or whose task cannot run there, is passed over.
class PlannedDecisions final : public Decisions {
 public:
  // For one execution.
  void follow(std::span<const PlanStep> plan);
  // Steps of the plan that were not carried out.
  uint32_t passed_over() const { return static_cast<uint32_t>(steps_.size()) - carried_out_; }

 private:
  uint32_t draw(uint32_t n, Cost cost) override;

  struct Step {
    uint32_t place;
    PlanStep step;
  };
  PlaceCounter counter_;
  PlaceNumbers first_;       // 1 + the index of the place's first step that is still to come.
  std::vector<Step> steps_;  // By place, then in order.
  uint32_t carried_out_ = 0;
};

}  // namespace sched
