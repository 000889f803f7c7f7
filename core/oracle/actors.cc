// SPDX-License-Identifier: Apache-2.0
#include "core/model/ghost/actors.h"

#include <utility>

namespace rmap {

Actors::Actor& Actors::self() { return actors_[sched::Scheduler::running().current()]; }
const Actors::Actor& Actors::self() const { return actors_[sched::Scheduler::running().current()]; }

void Actors::op_begins(uint8_t kind) { self() = {.operation = static_cast<uint8_t>(kind + 1)}; }
void Actors::branch(Site site) { self().branch = site; }
void Actors::took_effect() { self().effect = true; }
uint8_t Actors::acts_as(uint8_t kind_plus_one) {
  return std::exchange(self().operation, kind_plus_one);
}

uint8_t Actors::operation() const { return self().operation; }
Site Actors::last_branch() const { return self().branch; }
bool Actors::has_taken_effect() const { return self().effect; }

uint8_t Actors::operation_of(sched::TaskId task) const {
  return task <= kCpusMax ? actors_[task].operation : 0;
}
Site Actors::branch_of(sched::TaskId task) const {
  return task <= kCpusMax ? actors_[task].branch : Site{};
}

}  // namespace rmap
