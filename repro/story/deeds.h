// Deeds: what the tasks did to the things that a finding is about, in the order in which they did
// it; events that are one thing to a reader are one deed.
//
// Structure only; clauses.h puts it into words. A deed belongs to a turn (see turns.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "repro/story/focus.h"
#include "repro/trace/turns.h"

namespace rmap {

enum class Act : uint8_t {
  take,        // an entry out of `place`, into a register
  put,         // from a register, into `place`
  move,        // both, from `from`
  set,         // `before` becomes `after` at `place`
  table,       // a whole page table from pmd `from` to pmd `place`
  walk,        // a walk begins; lock: its rmap lock
  look,        // the walk finds `after` at `place` of `vma`
  pass,        // the walk passes over `vma`
  read_range,  // a racy word of `vma`
  range,       // `vma` from `old_range` to `new_range`
  index,       // computes a page's index from words of `vma`
  link,        // `members` are linked to anon_vmas,
  unlink,      // unlinked from them,
  requeue,     // put behind all others; `lock` is held where it matters
  detach,      // `members` leave their interval trees for a moment,
  attach,      // come back
  insert,      // `members` come into an mm,
  remove,      // leave it
  anon_vma,    // `vma` gets, or is found to have, an anon_vma
  mapping,     // page `place` gets, or is found to have, an anon_vma
  root,        // anon_vma `place` gets or shows its root
  reference,   // the count of `object` becomes or is `after`
  load,
  store,
  fault,
  copy,  // the contents of page `place`
  lock,
  unlock,
  busy,  // a trylock that failed
  wait,
  retry,
  rcu,
  branch,  // a branch that the model names
  fails,   // an allocation
};

struct Deed {
  // A vma, and the number of the anon_vma or mm whose list it is or was in.
  struct Member {
    uint32_t vma = 0;
    uint32_t of = 0;
  };

  Act act = Act::branch;
  uint32_t turn = 0;
  int op = -1;         // Index of the operation, -1 for none.
  uint32_t event = 0;  // The last of its events.
  uint32_t step = 0;   // Of the first event.
  uint32_t last_step = 0;
  sched::TaskId task = 0;
  bool supports = false;  // Worth telling only beside another deed.
  bool write = false;
  uint32_t place = 0;
  uint32_t from = 0;
  uint32_t vma = 0;
  uint64_t before = 0;
  uint64_t after = 0;
  uint64_t field = 0;
  sched::Object object;
  VmaRange old_range;
  VmaRange new_range;
  std::vector<Member> members;
  std::string lock;
  std::string site;
  std::vector<LockHeld> held;  // By its task, before it.
  // Another task that holds an anon_vma lock then, and the lock's name.
  sched::TaskId rmap_holder = sched::kNoTask;
  std::string rmap_lock;
  sched::TaskId holder = sched::kNoTask;  // Who holds what is waited for.

  std::string function() const { return site.substr(0, site.find('/')); }
};

std::vector<Deed> deeds_of(const Recording& r, const Focus& focus, const std::vector<Turn>& turns);

// The lock of an anon_vma, whichever its era has.
bool is_rmap_lock(sched::Object object);

}  // namespace rmap
