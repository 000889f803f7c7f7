// SPDX-License-Identifier: Apache-2.0
#include "scheduler/plan.h"

#include <algorithm>
#include <tuple>

#include "scheduler/check.h"
#include "scheduler/scheduler.h"

namespace sched {

uint32_t PlaceNumbers::index(PlanKind kind, TaskId task, Site site) {
  if (kind == PlanKind::start) return 0;  // Has no task and no site.
  return (static_cast<uint32_t>(kind) * kTasksMax + task) * kSitesMax + site.index;
}

uint16_t PlaceCounter::count(uint32_t place) {
  if (counts_[place]++ == 0) touched_.push_back(place);
  return counts_[place];
}

void PlaceCounter::clear() {
  for (uint32_t place : touched_) counts_[place] = 0;
  touched_.clear();
}

void PlanRecorder::clear() {
  counter_.clear();
  plan_.clear();
}

void PlanRecorder::chosen(PlanKind kind, TaskId task, Site site, bool simplest, uint8_t choice) {
  const uint16_t nth = counter_.count(PlaceNumbers::index(kind, task, site));
  if (!simplest) plan_.push_back({kind, task, site, nth, choice});
}

void PlannedDecisions::follow(std::span<const PlanStep> plan) {
  CHECK_LT(plan.size(), 0xffff);
  counter_.clear();
  for (const Step& s : steps_) first_[s.place] = 0;
  steps_.clear();
  carried_out_ = 0;
  for (const PlanStep& step : plan) {
    CHECK(step.kind == PlanKind::start || step.task < kTasksMax);
    steps_.push_back({PlaceNumbers::index(step.kind, step.task, step.site), step});
  }
  std::sort(steps_.begin(), steps_.end(), [](const Step& a, const Step& b) {
    return std::tie(a.place, a.step.nth) < std::tie(b.place, b.step.nth);
  });
  for (std::size_t i = steps_.size(); i-- > 0;)
    first_[steps_[i].place] = static_cast<uint16_t>(i + 1);
}

uint32_t PlannedDecisions::draw(uint32_t n, Cost) {
  const Question q = Scheduler::running().asking();
  const uint32_t place = PlaceNumbers::index(q.kind, q.task, q.site);
  const uint16_t nth = counter_.count(place);
  if (first_[place] == 0) return 0;
  const uint32_t at = first_[place] - 1;
  const PlanStep& step = steps_[at].step;
  if (step.nth != nth) return 0;
  const bool more = at + 1 < steps_.size() && steps_[at + 1].place == place;
  first_[place] = static_cast<uint16_t>(more ? at + 2 : 0);
  for (uint32_t i = 0; i < n; i++) {
    if ((q.kind == PlanKind::data ? i : q.candidates->at(i)) != step.choice) continue;
    carried_out_++;
    return i;
  }
  return 0;
}

}  // namespace sched
