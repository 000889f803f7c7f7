// SPDX-License-Identifier: Apache-2.0
#include "repro/story/deeds.h"

#include "repro/story/deed_writer.h"

namespace rmap {
namespace {

using sched::Event;
using sched::EventKind;

class Collector {
 public:
  Collector(const Recording& r, const Focus& focus, const std::vector<Turn>& turns)
      : w_(r, focus, turns), accesses_(w_), locks_(w_), lists_(w_) {}

  std::vector<Deed> collect() {
    for (uint32_t t = 0; t < w_.turns.size(); t++) {
      for (uint32_t i = w_.turns[t].first; i <= w_.turns[t].last; i++) {
        w_.turn = t;
        w_.index = i;
        consider(w_.events()[i]);
        w_.shadow.apply(w_.events()[i]);
      }
    }
    return std::move(w_.deeds);
  }

 private:
  void consider(const Event& e) {
    if (e.kind >= EventKind::note) return note(e);
    switch (e.kind) {
      case EventKind::read:
      case EventKind::write:
      case EventKind::add: return accesses_.access(e);
      case EventKind::lock:
      case EventKind::lock_shared:
      case EventKind::trylock:
      case EventKind::unlock:
      case EventKind::wait: return locks_.lock(e);
      case EventKind::choice:
        if (e.a != 0) w_.add(Act::fails, e).supports = !w_.f.has(kLinks);
        return;
      case EventKind::rcu_lock:
        if (w_.r.finding->rule == "sleep_in_atomic" && e.task == w_.r.result.outcome.violation.task)
          locks_.rcu(e);
        return;
      case EventKind::relax:
        if (w_.r.finding->rule == "livelock" && w_.last(Act::retry) == nullptr)
          w_.add(Act::retry, e);
        return;
      default: return;
    }
  }

  // --- The model's own events --------------------------------------------------------------------
  void note(const Event& e) {
    if (is_link_note(e) || is_mm_note(e) || is_tree_note(e)) return lists_.note(e);
    if (is_note(e, Note::cover)) {
      const bool matters = w_.f.has(kRanges) || w_.f.has(kLinks) || w_.f.has(kData);
      if (!matters) return;
      Deed* before = w_.last(Act::branch);
      if (before != nullptr && before->site == kSites[e.site]) return w_.extend(*before, e);
      w_.add(Act::branch, e).supports = true;
      return;
    }
    if (!w_.in_walk(e)) return;
    if (is_note(e, Note::walk_begin) && w_.index == w_.f.walk_begin) {
      Deed& d = w_.add(Act::walk, e);
      d.supports = !w_.f.has(kRanges);
      for (const LockHeld& held : d.held) {
        if (is_rmap_lock(held.object)) d.lock = held.name;
      }
    }
    const bool looks = is_note(e, Note::walk_look);
    if (!looks && !is_note(e, Note::walk_outside)) {
      return;
    }
    uint32_t step = e.step;
    const auto vma = static_cast<uint32_t>(looks ? e.b : e.object.ordinal);
    if (Deed* words = w_.last(Act::read_range); words != nullptr && words->vma == vma) {
      step = words->step;
      w_.deeds.pop_back();
    }
    Deed& d = w_.add(looks ? Act::look : Act::pass, e);
    d.supports = !w_.f.has(kRanges);
    d.vma = vma;
    d.step = step;
    if (looks) return;
    d.place = static_cast<uint32_t>(e.a);
    d.old_range = w_.shadow.range(vma);
  }

  DeedWriter w_;
  AccessDeeds accesses_;
  LockDeeds locks_;
  ListDeeds lists_;
};

}  // namespace

std::vector<Deed> deeds_of(const Recording& r, const Focus& focus, const std::vector<Turn>& turns) {
  return Collector(r, focus, turns).collect();
}

bool is_rmap_lock(sched::Object object) {
  return object.cls == kAnonVmaLock || object.cls == kAnonVmaSpinLock;
}

}  // namespace rmap
