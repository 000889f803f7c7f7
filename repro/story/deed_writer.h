// DeedWriter: collects deeds; what the files that recognize them share.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "repro/story/deeds.h"

namespace rmap {

class DeedWriter {
 public:
  DeedWriter(const Recording& recording, const Focus& on, const std::vector<Turn>& its_turns)
      : r(recording), f(on), turns(its_turns), shadow(recording) {}

  // A deed of event `e`, which is events()[index] and of the turn `turn`.
  Deed& add(Act act, const sched::Event& e);
  // The deed before, if it is such a one and of the same turn.
  Deed* last(Act act);
  // Takes the event into a deed.
  void extend(Deed& d, const sched::Event& e) const;
  // The event belongs to the walk that went wrong.
  bool in_walk(const sched::Event& e) const;
  std::span<const sched::Event> events() const { return r.trace.events(); }

  const Recording& r;
  const Focus& f;
  const std::vector<Turn>& turns;
  Shadow shadow;  // Before the event.
  std::vector<Deed> deeds;
  uint32_t turn = 0;
  uint32_t index = 0;
};

// Recognizes what is done to entries, vmas, pages and anon_vmas.
class AccessDeeds {
 public:
  explicit AccessDeeds(DeedWriter& writer);
  void access(const sched::Event& e);

 private:
  void user_access(const sched::Event& e);
  void entry(const sched::Event& e);
  bool is_in_a_register(const sched::Event& e) const;
  void table(const sched::Event& e);
  void vma(const sched::Event& e);
  void read_range(const sched::Event& e);
  void pointer(const sched::Event& e, Act act);
  void page(const sched::Event& e);
  void anon_vma(const sched::Event& e);

  DeedWriter& w_;
  // Which cpus write the range words of each vma: a word that nobody else writes is no news.
  std::vector<std::bitset<kCpusMax + 1>> range_writers_;
  uint32_t pmd_from_ = 0;
  uint32_t pmd_step_ = 0;
};

// Recognizes locks that matter.
class LockDeeds {
 public:
  explicit LockDeeds(DeedWriter& writer) : w_(writer) {}
  void lock(const sched::Event& e);
  void rcu(const sched::Event& e);

 private:
  bool matters_at_the_end(const sched::Event& e) const;
  bool is_suspect(sched::TaskId task) const;
  bool stays_held(const sched::Event& e) const;
  bool is_last_wait(const sched::Event& e) const;

  DeedWriter& w_;
};

// Recognizes vmas that come into lists and leave them.
class ListDeeds {
 public:
  explicit ListDeeds(DeedWriter& writer) : w_(writer) {}
  // Requires: is_link_note(e), is_mm_note(e) or is_tree_note(e).
  void note(const sched::Event& e);

 private:
  bool matters(Act act, const sched::Event& e) const;
  std::string lock_held(const sched::Event& e) const;

  DeedWriter& w_;
};

bool is_range_field(uint64_t field);

}  // namespace rmap
