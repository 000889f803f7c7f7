// Actors: the kind of each task's current operation, the last branch that it named, and whether it
// changed or reached anything yet. Findings and entries say so.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/model/types.h"

namespace rmap {

class Actors {
 public:
  void op_begins(uint8_t kind);
  void branch(Site site);
  void took_effect();
  // What the task does from now on is another operation's work (kind + 1), and findings name that
  // one. Returns the one before.
  uint8_t acts_as(uint8_t kind_plus_one);

  // Of the running task.
  uint8_t operation() const;  // Its kind, +1; 0 for none.
  Site last_branch() const;
  bool has_taken_effect() const;

  uint8_t operation_of(sched::TaskId task) const;
  Site branch_of(sched::TaskId task) const;

 private:
  struct Actor {
    uint8_t operation = 0;
    Site branch = {};
    bool effect = false;
  };
  Actor& self();
  const Actor& self() const;

  Actor actors_[kCpusMax + 1] = {};
};

}  // namespace rmap
