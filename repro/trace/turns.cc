// SPDX-License-Identifier: Apache-2.0
#include "repro/trace/turns.h"

#include "repro/trace/shadow.h"

namespace rmap {

using sched::Event;
using sched::EventKind;

namespace {

TurnEnd end_after(const Event& last) {
  switch (last.kind) {
    case EventKind::wait:
    case EventKind::rcu_wait:
    case EventKind::relax: return TurnEnd::waits;
    case EventKind::finish: return TurnEnd::finished;
    default: return TurnEnd::preempted;
  }
}

}  // namespace

std::vector<Turn> turns_of(const Recording& r) {
  const auto events = r.trace.events();
  std::vector<Turn> turns;
  int op[kCpusMax + 1] = {-1, -1, -1, -1, -1};
  for (uint32_t i = 0; i < events.size(); i++) {
    const Event& e = events[i];
    const bool known = e.task <= kCpusMax;
    const bool begins = is_note(e, Note::op_begin);
    if (begins && known) op[e.task] = static_cast<int>(e.a);
    if (!turns.empty() && turns.back().task == e.task && !begins) {
      turns.back().last = i;
      continue;
    }
    if (!turns.empty() && turns.back().task != e.task)
      turns.back().end = end_after(events[turns.back().last]);
    turns.push_back({.task = e.task, .first = i, .last = i, .op = known ? op[e.task] : -1});
  }
  return turns;
}

}  // namespace rmap
