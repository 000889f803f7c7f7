// Deeds on lists: vmas that are linked to anon_vmas and unlinked, that come into an mm and leave
// it.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "repro/story/deed_writer.h"

namespace rmap {

using sched::Event;

namespace {

Act act_of(const Event& e) {
  switch (static_cast<Note>(e.kind)) {
    case Note::unlink: return Act::unlink;
    case Note::requeue: return Act::requeue;
    case Note::insert: return Act::insert;
    case Note::remove: return Act::remove;
    case Note::detach: return Act::detach;
    case Note::attach: return Act::attach;
    default: return Act::link;
  }
}

// Together they can be said in one clause: one vma and several lists, or the other way round.
bool joins(const std::vector<Deed::Member>& members, const Deed::Member& next) {
  return std::all_of(members.begin(), members.end(),
                     [&](const Deed::Member& m) { return m.vma == next.vma; }) ||
         std::all_of(members.begin(), members.end(),
                     [&](const Deed::Member& m) { return m.of == next.of; });
}

}  // namespace

void ListDeeds::note(const Event& e) {
  const Act act = act_of(e);
  if (!matters(act, e)) return;
  const Deed::Member member{e.object.ordinal, static_cast<uint32_t>(e.a)};
  const std::string lock = lock_held(e);
  Deed* d = w_.last(act);
  const bool same = d != nullptr && d->lock == lock;
  if (same && joins(d->members, member)) {
    d->members.push_back(member);
    return w_.extend(*d, e);
  }
  Deed& fresh = w_.add(act, e);
  fresh.members = {member};
  fresh.lock = lock;
  fresh.supports = act == Act::insert || act == Act::remove;
}

// Which vmas a walk visits, or their anon_vmas hold; what an mm holds, where vmas are at stake.
bool ListDeeds::matters(Act act, const Event& e) const {
  const Focus& f = w_.f;
  const bool vma = is_in(f.vmas, e.object.ordinal);
  if (act == Act::insert || act == Act::remove) return vma && f.has(kLinks) && f.has(kRanges);
  if (is_tree_note(e) && !is_seen_gap(w_.events(), w_.index)) return false;
  if (!f.has(kLinks)) return f.has(kWalks) && vma;
  return vma || f.anon_vmas.none() || f.anon_vmas[e.a];
}

// The rmap lock that it is done under, in a story about locks.
std::string ListDeeds::lock_held(const Event& e) const {
  std::string name;
  if (!w_.f.has(kLocks) || e.task > kCpusMax) return name;
  for (const LockHeld& lock : w_.shadow.held(e.task)) {
    if (is_rmap_lock(lock.object)) name = lock.name;
  }
  return name;
}

}  // namespace rmap
