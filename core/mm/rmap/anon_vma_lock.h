// The anon_vma lock: the anon_vma's own, or that of the root of its tree. include/linux/rmap.h,
// mm/rmap.c.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/world.h"

namespace rmap {

// anon_vma_lock(): the anon_vma's own lock, or its root's; for read only where it is a rwsem.
// The unlock asks again whose lock that is, as the kernel does.
enum class AnonVmaAccess : uint8_t { read, write };
struct AnonVmaLocked {
  AnonVmaRef anon_vma;
  AnonVmaId owner;  // Whose lock was taken.
  bool shared = false;
};
AnonVmaLocked anon_vma_lock(World& w, AnonVmaRef a, AnonVmaAccess access, Site site);
void anon_vma_unlock(World& w, const AnonVmaLocked& locked, Site site);
// Whose lock anon_vma_lock() would take. The root is constant while the anon_vma lives.
AnonVmaId anon_vma_lock_owner(const World& w, AnonVmaId a);

class [[nodiscard]] AnonVmaGuard {
 public:
  // Nothing is locked where `a` is none.
  AnonVmaGuard(World& w, AnonVmaRef a, Site site, AnonVmaAccess access = AnonVmaAccess::write)
      : w_(w), site_(site) {
    if (a.valid()) locked_ = anon_vma_lock(w, a, access, site);
  }
  ~AnonVmaGuard() {
    if (locked_.owner.valid()) anon_vma_unlock(w_, locked_, site_);
  }
  AnonVmaGuard(const AnonVmaGuard&) = delete;
  AnonVmaGuard& operator=(const AnonVmaGuard&) = delete;

 private:
  World& w_;
  Site site_;
  AnonVmaLocked locked_;
};

// Takes the lock of each anon_vma in turn, or keeps a root's lock while the next anon_vma has the
// same root: lock_anon_vma_root().
class ChainWalkLock {
 public:
  ChainWalkLock(World& w, Site site, CloneLock taken = CloneLock::per_tree)
      : w_(w), site_(site), taken_(taken) {}
  ~ChainWalkLock() { unlock(); }
  void lock(AnonVmaRef a) {
    if (locked_.owner.valid() && locked_.owner == anon_vma_lock_owner(w_, a.id)) {
      locked_.anon_vma = a;
      return;
    }
    unlock();
    locked_ = anon_vma_lock(w_, a, AnonVmaAccess::write, site_);
  }
  // Between two elements.
  void element_done() {
    if (unlocks_between(taken_)) unlock();
  }
  void unlock() {
    if (locked_.owner.valid()) anon_vma_unlock(w_, locked_, site_);
    locked_ = {};
  }

 private:
  World& w_;
  Site site_;
  CloneLock taken_;
  AnonVmaLocked locked_;
};

}  // namespace rmap
