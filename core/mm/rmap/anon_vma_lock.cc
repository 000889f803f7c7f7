// SPDX-License-Identifier: Apache-2.0
#include "core/mm/rmap/anon_vma_lock.h"

namespace rmap {

AnonVmaId anon_vma_lock_owner(const World& w, AnonVmaId a) {
  switch (w.kernel.lock_scope) {
    case LockScope::own: return a;
    case LockScope::root: return w.anon_vmas[a.value].root_id();
  }
  return a;
}

AnonVmaLocked anon_vma_lock(World& w, AnonVmaRef a, AnonVmaAccess access, Site site) {
  w.oracle.lives.anon_vma_used(w, a, site);
  const bool shared = access == AnonVmaAccess::read && walks_share(w.kernel.anon_lock);
  const AnonVmaLocked locked{a, anon_vma_lock_owner(w, a.id), shared};
  RwSem& lock = w.anon_vma(locked.owner).lock;
  shared ? lock.down_read(site) : lock.down_write(site);
  return locked;
}

void anon_vma_unlock(World& w, const AnonVmaLocked& locked, Site site) {
  w.oracle.lives.anon_vma_used(w, locked.anon_vma,
                               site);  // Which names the root, whose lock it is.
  const AnonVmaId owner = anon_vma_lock_owner(w, locked.anon_vma.id);
  w.oracle.judges(Rule::foreign_unlock);
  if (!(owner == locked.owner))
    w.oracle.finding(Rule::foreign_unlock, Manner::none, w.anon_vma(owner).lock.object(), {}, site);
  RwSem& lock = w.anon_vma(locked.owner).lock;  // Another one's is ended by the finding, if asked.
  locked.shared ? lock.up_read(site) : lock.up_write(site);
}

}  // namespace rmap
