// Lives: what is freed is not used. Anon_vmas are freed by RCU, others at once.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/model/oracle_rules.h"
#include "core/model/types.h"

namespace rmap {

struct World;

class Lives {
 public:
  // --- RCU: when anon_vmas were freed, by a clock that ticks at each -----------------------------
  void rcu_begins();
  void rcu_ends();
  uint16_t anon_vma_freed() { return ++frees_; }
  // A pointer to an anon_vma is followed. The object may have been freed since the task's RCU
  // section began, and be another one by now; not before.
  void anon_vma_used(World& w, AnonVmaRef a, Site site);

  void freed_object_used(World& w, Manner what, sched::Object object, Site site);
  // A page table that is gone: whoever freed it is to blame, whoever finds out.
  void freed_table_used(World& w, sched::Object object);
  void table_freed(const World& w);

 private:
  uint16_t frees_ = 0;
  uint8_t table_freed_by_ = 0;  // Kind of the operation that last freed a page table, +1.
  uint8_t rcu_depth_[kCpusMax + 1] = {};
  uint16_t rcu_since_[kCpusMax + 1] = {};
};

}  // namespace rmap
