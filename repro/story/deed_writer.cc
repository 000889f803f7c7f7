// SPDX-License-Identifier: Apache-2.0
#include "repro/story/deed_writer.h"

namespace rmap {

using sched::Event;
using sched::EventKind;

bool is_range_field(uint64_t field) {
  return (field >= kFieldVmStart && field <= kFieldVmPgoff) ||
         (field >= kFieldStackStart && field <= kFieldStackPgoff);
}

Deed& DeedWriter::add(Act act, const Event& e) {
  Deed d;
  d.act = act;
  d.turn = turn;
  d.op = turns[turn].op;
  d.event = index;
  d.step = d.last_step = e.step;
  d.task = e.task;
  d.place = e.object.ordinal;
  d.vma = e.object.ordinal;
  d.after = e.a;
  d.field = e.b;
  d.object = e.object;
  d.write = e.kind != EventKind::read;
  d.site = kSites[e.site];
  if (e.task <= kCpusMax) d.held = shadow.held(e.task);
  for (sched::TaskId task = 0; task <= kCpusMax; task++) {
    for (const LockHeld& lock : shadow.held(task)) {
      if (task == e.task || !is_rmap_lock(lock.object)) continue;
      d.rmap_holder = task;
      d.rmap_lock = lock.name;
    }
  }
  deeds.push_back(std::move(d));
  return deeds.back();
}
// The deed before, if it is of the same turn.
Deed* DeedWriter::last(Act act) {
  if (deeds.empty() || deeds.back().turn != turn || deeds.back().act != act) return nullptr;
  return &deeds.back();
}
void DeedWriter::extend(Deed& d, const Event& e) const {
  d.last_step = e.step;
  d.event = index;
}

bool DeedWriter::in_walk(const Event& e) const {
  return f.has(kWalks) && e.task == f.walker && index >= f.walk_begin;
}

}  // namespace rmap
