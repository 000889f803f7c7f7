// SPDX-License-Identifier: Apache-2.0
#include "core/mm/rmap/anon_vma_reuse.h"

#include "core/mm/rmap/anon_vma_refs.h"

namespace rmap {

void vma_joins(World& w, AnonVma& a, bool fresh_root) {
  switch (w.kernel.reuse) {
    case Reuse::none: break;
    case Reuse::degree: a.degree++; break;  // The vma, or the self-parent link of a new root.
    case Reuse::children_and_active:
      a.num_active_vmas++;
      a.num_children += fresh_root;
      break;
  }
}

void vma_leaves(World& w, AnonVma& a) {
  switch (w.kernel.reuse) {
    case Reuse::none: break;
    case Reuse::degree: a.degree--; break;
    case Reuse::children_and_active: a.num_active_vmas--; break;
  }
}

void child_comes(World& w, AnonVmaRef parent, Site site) {
  AnonVma& p = use(w, parent, site);
  switch (w.kernel.reuse) {
    case Reuse::none: break;
    case Reuse::degree: p.degree++; break;
    case Reuse::children_and_active: p.num_children++; break;
  }
}

void child_goes(World& w, AnonVmaRef parent, Site site) {
  if (!counts_users(w.kernel.reuse)) return;
  AnonVma& p = use(w, parent, site);
  (counts_children(w.kernel.reuse) ? p.num_children : p.degree)--;
}

bool may_be_reused(const World& w, const AnonVma& a) {
  switch (w.kernel.reuse) {
    case Reuse::none: return false;
    case Reuse::degree: return a.degree < 2;
    case Reuse::children_and_active: return a.num_children < 2 && a.num_active_vmas == 0;
  }
  return false;
}

void check_unused(World& w, const AnonVma& a, Site site) {
  if (counts_users(w.kernel.reuse)) w.oracle.judges(Rule::anon_vma_count);
  bool used = false;
  switch (w.kernel.reuse) {
    case Reuse::none: break;
    case Reuse::degree: used = a.degree != 0; break;
    case Reuse::children_and_active: used = a.num_children != 0 || a.num_active_vmas != 0; break;
  }
  if (used)
    w.oracle.finding(Rule::anon_vma_count, Manner::none, anon_vma_object(w.id(a)), {}, site);
}

}  // namespace rmap
