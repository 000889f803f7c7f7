// SPDX-License-Identifier: Apache-2.0
#include "repro/story/deeds.h"

#include <algorithm>

#include "repro/rows.h"

namespace rmap {
namespace {

using sched::Event;
using sched::EventKind;

bool is_rmap_lock(sched::Object object) {
  return object.cls == kAnonVmaLock || object.cls == kAnonVmaSpinLock;
}
bool is_range_field(uint64_t field) {
  return (field >= kFieldVmStart && field <= kFieldVmPgoff) ||
         (field >= kFieldStackStart && field <= kFieldStackPgoff);
}
bool is_count_field(uint64_t field) { return field == kFieldMapcount || field == kFieldRefcount; }
bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Places where vmas are linked to anon_vmas, unlinked, or change their order.
bool is_link_site(std::string_view site) {
  for (std::string_view known :
       {"anon_vma_clone/lock", "anon_vma_fork/lock", "anon_vma_link/lock", "anon_vma_prepare/lock",
        "unlink_anon_vmas/lock", "anon_vma_moveto_tail/lock", "find_mergeable_anon_vma/anon_vma"}) {
    if (site == known) return true;
  }
  return false;
}

// Which cpus wrote the range words of each vma; a word that nobody else writes is no news.
using Writers = std::vector<std::bitset<kCpusMax + 1>>;
Writers range_writers(const Recording& r) {
  Writers writers(kVmasMax);
  for (const Event& e : r.trace.events()) {
    if (e.kind == EventKind::write && e.object.cls == kVmaObject && is_range_field(e.b) &&
        cpu_of_task(r.program, e.task) != 0)
      writers[e.object.ordinal].set(e.task);
  }
  return writers;
}

class Collector {
 public:
  Collector(const Recording& r, const Focus& focus, const std::vector<Turn>& turns)
      : r_(r), f_(focus), turns_(turns), shadow_(r), writers_(range_writers(r)) {}

  std::vector<Deed> collect() {
    const auto events = r_.trace.events();
    for (uint32_t t = 0; t < turns_.size(); t++) {
      for (uint32_t i = turns_[t].first; i <= turns_[t].last; i++) {
        turn_ = t;
        index_ = i;
        consider(events[i]);
        shadow_.apply(events[i]);
      }
    }
    return std::move(deeds_);
  }

 private:
  Deed& add(Act act, const Event& e) {
    Deed d;
    d.act = act;
    d.turn = turn_;
    d.op = turns_[turn_].op;
    d.event = index_;
    d.step = d.last_step = e.step;
    d.task = e.task;
    d.place = e.object.ordinal;
    d.vma = e.object.ordinal;
    d.after = e.a;
    d.field = e.b;
    d.object = e.object;
    d.write = e.kind != EventKind::read;
    d.site = kSites[e.site];
    if (e.task <= kCpusMax) d.held = shadow_.held(e.task);
    for (sched::TaskId task = 0; task <= kCpusMax; task++) {
      for (const LockHeld& lock : shadow_.held(task)) {
        if (task == e.task || !is_rmap_lock(lock.object)) continue;
        d.rmap_holder = task;
        d.rmap_lock = lock.name;
      }
    }
    deeds_.push_back(std::move(d));
    return deeds_.back();
  }
  // The deed before, if it is of the same turn.
  Deed* last(Act act) {
    if (deeds_.empty() || deeds_.back().turn != turn_ || deeds_.back().act != act) return nullptr;
    return &deeds_.back();
  }
  void extend(Deed& d, const Event& e) const {
    d.last_step = e.step;
    d.event = index_;
  }

  void consider(const Event& e) {
    if (e.kind >= EventKind::note) return note(e);
    switch (e.kind) {
      case EventKind::read:
      case EventKind::write:
      case EventKind::add: return access(e);
      case EventKind::lock:
      case EventKind::lock_shared:
      case EventKind::trylock:
      case EventKind::unlock:
      case EventKind::wait: return lock(e);
      case EventKind::choice:
        if (e.a != 0) add(Act::fails, e).supports = !f_.has(kLinks);
        return;
      case EventKind::rcu_lock:
        if (r_.finding->rule == "sleep_in_atomic" && e.task == violation().task) rcu(e);
        return;
      case EventKind::relax:
        if (r_.finding->rule == "livelock" && last(Act::retry) == nullptr) add(Act::retry, e);
        return;
      default: return;
    }
  }
  const sched::Violation& violation() const { return r_.result.outcome.violation; }

  // Only the section that is still open when it ends.
  void rcu(const Event& e) {
    const auto events = r_.trace.events();
    int depth = 1;
    for (uint32_t i = index_ + 1; i < events.size() && depth > 0; i++) {
      if (events[i].task != e.task) continue;
      depth += events[i].kind == EventKind::rcu_lock;
      depth -= events[i].kind == EventKind::rcu_unlock;
    }
    if (depth > 0) add(Act::rcu, e);
  }

  // --- The model's own events --------------------------------------------------------------------
  bool in_walk(const Event& e) const {
    return f_.has(kWalks) && e.task == f_.walker && index_ >= f_.walk_begin;
  }
  void note(const Event& e) {
    if (is_note(e, Note::cover)) {
      const bool matters = f_.has(kRanges) || f_.has(kLinks) || f_.has(kData);
      if (matters) add(Act::branch, e).supports = true;
      return;
    }
    if (!in_walk(e)) return;
    if (is_note(e, Note::walk_begin) && index_ == f_.walk_begin) {
      Deed& d = add(Act::walk, e);
      d.supports = !f_.has(kRanges);
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
    if (Deed* words = last(Act::read_range); words != nullptr && words->vma == vma) {
      step = words->step;
      deeds_.pop_back();
    }
    Deed& d = add(looks ? Act::look : Act::pass, e);
    d.supports = !f_.has(kRanges);
    d.vma = vma;
    d.step = step;
    if (looks) return;
    d.place = static_cast<uint32_t>(e.a);
    d.old_range = shadow_.range(vma);
  }

  // --- Accesses ----------------------------------------------------------------------------------
  void access(const Event& e) {
    switch (e.object.cls) {
      case kPteObject:
        if (e.b == kFieldContents) return user_access(e);
        if (e.b == kFieldPte && e.kind == EventKind::write) return entry(e);
        return;
      case kPmdObject: return table(e);
      case kVmaObject: return vma(e);
      case kPageObject: return page(e);
      case kAnonVmaObject: return anon_vma(e);
      default: return;
    }
  }

  void user_access(const Event& e) {
    if (!f_.has(kData) || !f_.places[e.object.ordinal]) return;
    const bool is_write = e.kind == EventKind::write;
    Deed& d = add(is_write ? Act::store : Act::load, e);
    const auto events = r_.trace.events();
    for (uint32_t i = index_ + 1; i < events.size(); i++) {
      if (events[i].task != e.task) continue;
      if (kSites[events[i].site] == "do_page_fault/mmap_sem") {
        d.act = Act::fault;
        d.after = shadow_.entry(e.object.ordinal);
      }
      break;
    }
  }

  void entry(const Event& e) {
    if (!f_.has(kEntries)) return;
    const uint64_t before = shadow_.entry(e.object.ordinal);
    const bool ours = f_.has_page(before) || f_.has_page(e.a) || f_.places[e.object.ordinal];
    if (!ours || before == e.a) return;
    if (e.a == 0) {
      add(Act::take, e).before = before;
      return;
    }
    Deed* taken = last(Act::take);
    if (taken == nullptr || before != 0) {
      Deed& d = add(before == 0 && is_in_a_register(e) ? Act::put : Act::set, e);
      d.before = before;
      d.supports = same_page(before, e.a);
      return;
    }
    extend(*taken, e);
    taken->after = e.a;
    taken->act = taken->place == e.object.ordinal ? Act::set : Act::move;
    taken->from = taken->place;
    taken->place = e.object.ordinal;
    taken->supports = taken->act == Act::set && same_page(taken->before, e.a);
  }
  // Only what the user may do with it changes.
  static bool same_page(uint64_t a, uint64_t b) {
    return kind_of(a) == kind_of(b) && page_of(a) == page_of(b);
  }
  // This task took the same entry out of another place, in an earlier turn.
  bool is_in_a_register(const Event& e) const {
    for (auto d = deeds_.rbegin(); d != deeds_.rend(); ++d) {
      if (d->task == e.task && d->act == Act::take) return d->before == e.a;
      if (d->task == e.task && d->act == Act::put) return false;
    }
    return false;
  }

  void table(const Event& e) {
    if (!f_.has(kEntries) || e.kind != EventKind::write) return;
    if (!contains(kSites[e.site], "move_normal_pmd")) return;
    if (e.a == 0) {
      pmd_from_ = e.object.ordinal;
      pmd_step_ = e.step;
      return;
    }
    Deed& d = add(Act::table, e);
    d.from = pmd_from_;
    d.step = pmd_step_;
  }

  void vma(const Event& e) {
    if (!f_.vmas[e.object.ordinal] && !f_.has(kLinks)) return;
    if (e.b == kFieldAnonVma) {
      if (f_.has(kLinks) && e.kind == EventKind::write) add(Act::anon_vma, e);
      return;
    }
    if (!is_range_field(e.b)) return;
    if (e.kind == EventKind::read) return read_range(e);
    if (!f_.has(kRanges)) return;
    VmaRange becomes = shadow_.range(e.object.ordinal);
    set_word(becomes, e);
    if (Deed* d = last(Act::range); d != nullptr && d->vma == e.object.ordinal) {
      extend(*d, e);
      d->new_range = becomes;
      return;
    }
    Deed& d = add(Act::range, e);
    d.old_range = shadow_.range(e.object.ordinal);
    d.new_range = becomes;
  }
  static void set_word(VmaRange& range, const Event& e) {
    const auto value = static_cast<PageNr>(e.a);
    if (e.b == kFieldVmStart || e.b == kFieldStackStart) range.start = value;
    if (e.b == kFieldVmEnd || e.b == kFieldStackEnd) range.end = value;
    if (e.b == kFieldVmPgoff || e.b == kFieldStackPgoff) range.pgoff = value;
  }

  // Words of a vma that somebody else changes.
  void read_range(const Event& e) {
    std::bitset<kCpusMax + 1> others = writers_[e.object.ordinal];
    if (e.task <= kCpusMax) others.reset(e.task);
    const bool computes = kSites[e.site] == "page_add_anon_rmap/range" && f_.has(kIndex);
    if (others.none() || !f_.vmas[e.object.ordinal] || (!computes && !in_walk(e))) return;
    const Act act = computes ? Act::index : Act::read_range;
    Deed* d = last(act);
    if (d == nullptr || d->vma != e.object.ordinal) d = &add(act, e);
    set_word(d->new_range, e);
    extend(*d, e);
    d->field |= uint64_t{1} << (e.b + 8);
  }

  void page(const Event& e) {
    const bool ours = f_.pages[e.object.ordinal];
    if (!ours) return;
    if (e.b == kFieldMapping && e.kind == EventKind::write && f_.has(kLinks)) add(Act::mapping, e);
    if (e.b == kFieldContents && f_.has(kData)) add(Act::copy, e);
    const bool changes = e.kind != EventKind::read;
    if (is_count_field(e.b) && changes && f_.has(kCounts)) add(Act::reference, e);
  }

  void anon_vma(const Event& e) {
    if (!f_.has(kReferences) || !f_.anon_vmas[e.object.ordinal]) return;
    if (e.b == kFieldAnonRoot && f_.has(kLocks)) add(Act::root, e);
    if (e.b == kFieldAnonRefcount && e.kind != EventKind::read) add(Act::reference, e);
  }

  // --- Locks -------------------------------------------------------------------------------------
  void lock(const Event& e) {
    const std::string_view site = kSites[e.site];
    const bool takes = e.kind == EventKind::lock || e.kind == EventKind::lock_shared ||
                       (e.kind == EventKind::trylock && e.a != 0);
    if (f_.has(kLinks) && takes && is_rmap_lock(e.object) && is_link_site(site)) return link(e);
    const bool page_lock = f_.has(kPageLocks) && e.object.cls == kPageLockClass &&
                           f_.pages[e.object.ordinal] && e.kind != EventKind::wait;
    if (!page_lock && !(f_.has(kLocks) && matters_at_the_end(e))) return;
    const Act act = e.kind == EventKind::wait     ? Act::wait
                    : e.kind == EventKind::unlock ? Act::unlock
                    : takes                       ? Act::lock
                                                  : Act::busy;
    Deed& d = add(act, e);
    d.lock = shadow_.lock_name(e.object);
    d.holder = shadow_.holder(e.object);
  }

  // A lock that its task still holds, or asks for, when the execution ends.
  bool matters_at_the_end(const Event& e) const {
    const bool suspect = is_suspect(e.task);
    if (e.kind == EventKind::wait) return suspect && is_last_wait(e);
    const bool foreign = r_.finding->rule == "foreign_unlock" && suspect && is_focus_lock(e.object);
    if (e.kind == EventKind::unlock || e.kind == EventKind::trylock) {
      if (e.kind == EventKind::unlock || e.a == 0) return foreign;
    }
    if (r_.finding->rule == "foreign_unlock") return foreign;
    return suspect && stays_held(e);
  }
  bool is_focus_lock(sched::Object lock) const {
    return is_rmap_lock(lock) && f_.anon_vmas[lock.ordinal];
  }
  bool is_suspect(sched::TaskId task) const {
    if (r_.result.outcome.ending == sched::Ending::violation) return task == violation().task;
    const auto& waits = r_.result.outcome.waits;
    return std::any_of(waits.begin(), waits.end(),
                       [&](const sched::Wait& w) { return w.task == task; });
  }
  bool stays_held(const Event& e) const {
    const auto events = r_.trace.events();
    for (uint32_t i = index_ + 1; i < events.size(); i++) {
      if (events[i].task == e.task && events[i].object == e.object &&
          events[i].kind == EventKind::unlock)
        return false;
    }
    return true;
  }
  bool is_last_wait(const Event& e) const {
    const auto events = r_.trace.events();
    for (uint32_t i = index_ + 1; i < events.size(); i++) {
      if (events[i].task == e.task && events[i].kind != EventKind::stop) return false;
    }
    return true;
  }

  void link(const Event& e) {
    const std::string name = shadow_.lock_name(e.object);
    const bool ours = f_.anon_vmas.none() || f_.anon_vmas[e.object.ordinal];
    if (!ours) return;
    Deed* d = last(Act::link);
    if (d != nullptr && d->function() == function_of(e)) {
      extend(*d, e);
      if (!contains(d->lock + " ", name + " ")) d->lock += " and " + name;
      return;
    }
    add(Act::link, e).lock = name;
  }

  const Recording& r_;
  const Focus& f_;
  const std::vector<Turn>& turns_;
  Shadow shadow_;
  Writers writers_;
  std::vector<Deed> deeds_;
  uint32_t turn_ = 0;
  uint32_t index_ = 0;
  uint32_t pmd_from_ = 0;
  uint32_t pmd_step_ = 0;
};

}  // namespace

std::vector<Deed> deeds_of(const Recording& r, const Focus& focus, const std::vector<Turn>& turns) {
  return Collector(r, focus, turns).collect();
}

}  // namespace rmap
