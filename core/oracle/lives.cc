// SPDX-License-Identifier: Apache-2.0
#include "core/model/ghost/lives.h"

#include "core/model/world.h"

namespace rmap {

namespace {

sched::TaskId self() { return sched::Scheduler::running().current(); }

}  // namespace

void Lives::rcu_begins() {
  if (rcu_depth_[self()]++ == 0) rcu_since_[self()] = frees_;
}
void Lives::rcu_ends() { rcu_depth_[self()]--; }

void Lives::anon_vma_used(World& w, AnonVmaRef ref, Site site) {
  w.oracle.judges(Rule::use_after_free);
  const AnonVma& a = w.anon_vma(ref.id);
  if (a.allocated && a.life == ref.life) return;
  if (rcu_depth_[self()] != 0 && a.freed_at > rcu_since_[self()]) return;
  freed_object_used(w, Manner::anon_vma, anon_vma_object(ref.id), site);
}

void Lives::freed_object_used(World& w, Manner what, sched::Object object, Site site) {
  w.oracle.finding(Rule::use_after_free, what, object, {}, site);
}

void Lives::table_freed(const World& w) { table_freed_by_ = w.oracle.actors.operation(); }

void Lives::freed_table_used(World& w, sched::Object object) {
  const FindingDetail d{.mm = {}, .op = table_freed_by_, .other_site = {}};
  w.oracle.finding(Rule::use_after_free, Manner::table, object, d, "free_pgtables/clear"_site);
}

}  // namespace rmap
