// SPDX-License-Identifier: Apache-2.0
#include "core/mm/rmap/page_anon_vma.h"

#include "core/mm/page.h"
#include "core/mm/rmap/anon_vma_refs.h"

namespace rmap {
namespace {

void rcu_read_lock(World& w, Site site) {
  w.rcu.read_lock(site);
  w.oracle.lives.rcu_begins();
}
void rcu_read_unlock(World& w, Site site) {
  w.oracle.lives.rcu_ends();
  w.rcu.read_unlock(site);
}

constexpr Site kLockRcu = "page_lock_anon_vma/rcu"_site;
constexpr Site kGetRcu = "page_get_anon_vma/rcu"_site;
constexpr Site kPinRcu = "unmap_and_move/rcu"_site;

// Gives a reference that came too late back, and leaves the RCU section that it was taken in. True
// to the era: until 3.15 the first happens inside the section, where it may sleep.
void put_late(World& w, AnonVmaRef pinned, Site put, Site rcu) {
  switch (w.kernel.late_get) {
    case LateGet::inside_rcu:
      put_anon_vma(w, pinned, put);
      rcu_read_unlock(w, rcu);
      break;
    case LateGet::outside_rcu:
      rcu_read_unlock(w, rcu);
      put_anon_vma(w, pinned, put);
      break;
  }
}

// Until 2.6.35: whatever the pointer names is locked, and the walk has to bear with it.
PageAnonVmaLock lock_unchecked(World& w, AnonVmaRef a) {
  return {anon_vma_lock(w, a, AnonVmaAccess::write, "page_lock_anon_vma/lock"_site), true};
}

// 2.6.36: the root is read once, as a fork that reuses the memory may change it.
PageAnonVmaLock lock_and_recheck(World& w, Page& page, AnonVmaRef a, AnonVmaId owner) {
  RwSem& lock = w.anon_vma(owner).lock;
  lock.down_write("page_lock_anon_vma/lock"_site);
  if (page_mapped(w, page, "page_lock_anon_vma/recheck"_site)) return {{a, owner, false}, true};
  lock.up_write("page_lock_anon_vma/lock"_site);
  rcu_read_unlock(w, kLockRcu);
  return {};
}

// Whether the trylock took the right lock.
bool trylock_was_right(World& w, Page& page, AnonVma& a) {
  switch (w.kernel.page_lock) {
    case PageLock::trust_refcount:
      return a.refcount.load(w.at(a), "page_lock_anon_vma/recheck"_site) != 0;
    case PageLock::unchecked:
    case PageLock::recheck_mapped:
    case PageLock::get_and_lock:
    case PageLock::refcount: break;
  }
  // Still mapped, so this is still its anon_vma, and the lock keeps it: see anon_vma_free().
  return page_mapped(w, page, "page_lock_anon_vma/recheck"_site);
}

// 3.0: tries, or pins the anon_vma and sleeps.
PageAnonVmaLock lock_or_sleep(World& w, Page& page, AnonVmaRef ref, AnonVmaId owner) {
  AnonVma& a = w.anon_vma(ref.id);
  RwSem& lock = w.anon_vma(owner).lock;
  const bool shared = walks_share(w.kernel.anon_lock);
  constexpr Site trylock = "page_lock_anon_vma/trylock"_site;
  if (shared ? lock.down_read_trylock(trylock) : lock.down_write_trylock(trylock)) {
    const PageAnonVmaLock locked{{ref, owner, shared}, false};
    const bool right = trylock_was_right(w, page, a);
    if (!right && trusts_refcount(w.kernel.page_lock)) {
      anon_vma_unlock(w, locked.locked, trylock);
    } else if (!right) {
      shared ? lock.up_read(trylock) : lock.up_write(trylock);
    }
    rcu_read_unlock(w, kLockRcu);
    return right ? locked : PageAnonVmaLock{};
  }
  if (!a.refcount.inc_not_zero(w.at(a), "page_lock_anon_vma/get"_site)) {
    rcu_read_unlock(w, kLockRcu);
    return {};
  }
  // Pinned from here on, whichever anon_vma it is by now.
  const AnonVmaRef pinned = w.ref(a);
  if (!page_mapped(w, page, "page_lock_anon_vma/recheck"_site)) {
    put_late(w, pinned, "page_lock_anon_vma/put"_site, kLockRcu);
    return {};
  }
  rcu_read_unlock(w, kLockRcu);
  const AnonVmaLocked locked =
      anon_vma_lock(w, pinned, AnonVmaAccess::read, "page_lock_anon_vma/lock"_site);
  if (a.refcount.add_return(w.at(a), -1, "page_lock_anon_vma/unpin"_site) != 0)
    return {locked, false};
  // That was the last reference: bail out, without put_anon_vma(), which would take the lock again.
  cover(w, "page_lock_anon_vma/lost"_site);
  anon_vma_unlock(w, locked, "page_lock_anon_vma/lock"_site);
  __put_anon_vma(w, a, "page_lock_anon_vma/put"_site);
  return {};
}

// 2.6.35: a plain increment; that the page was mapped a moment ago must do, or not even that.
AnonVmaRef get_external(World& w, Page& page) {
  const AnonVmaRef ref = page_anon_vma(w, page, "page_get_anon_vma/mapping"_site);
  w.oracle.lives.anon_vma_used(w, ref, "page_get_anon_vma/get"_site);
  AnonVma& a = w.anon_vma(ref.id);
  a.refcount.add(w.at(a), +1, "page_get_anon_vma/get"_site);
  return w.ref(a);
}

// 2.6.38: under the lock, which only page_lock_anon_vma() knows how to take.
AnonVmaRef lock_and_get(World& w, Page& page) {
  const PageAnonVmaLock lock = page_lock_anon_vma(w, page);
  if (!lock.valid()) return {};
  AnonVma& a = w.anon_vma(lock.locked.anon_vma.id);
  a.refcount.add(w.at(a), +1, "page_get_anon_vma/get"_site);
  page_unlock_anon_vma(w, lock);
  return w.ref(a);
}

}  // namespace

AnonVmaRef page_anon_vma(World& w, const Page& page, Site site) {
  return AnonVmaRef::of(page.mapping.load(w.at(page), site));
}

AnonVmaRef page_get_anon_vma(World& w, Page& page) {
  rcu_read_lock(w, kGetRcu);
  const AnonVmaRef ref = page_anon_vma(w, page, "page_get_anon_vma/mapping"_site);
  const bool mapped = ref.valid() && page_mapped(w, page, "page_get_anon_vma/mapped"_site);
  AnonVma* a = mapped ? &w.anon_vma(ref.id) : nullptr;
  if (a != nullptr) w.oracle.lives.anon_vma_used(w, ref, "page_get_anon_vma/get"_site);
  if (a == nullptr || !a->refcount.inc_not_zero(w.at(*a), "page_get_anon_vma/get"_site)) {
    rcu_read_unlock(w, kGetRcu);
    return {};
  }
  // Still mapped, so it was still the page's anon_vma when the reference was taken.
  if (page_mapped(w, page, "page_get_anon_vma/recheck"_site)) {
    rcu_read_unlock(w, kGetRcu);
    return ref;
  }
  cover(w, "page_get_anon_vma/lost"_site);
  put_late(w, w.ref(*a), "page_get_anon_vma/put"_site, kGetRcu);
  return {};
}

// 3.0-rc1: pinned for as long as it is locked.
PageAnonVmaLock get_and_lock(World& w, Page& page) {
  const AnonVmaRef pinned = page_get_anon_vma(w, page);
  if (!pinned.valid()) return {};
  const AnonVmaLocked locked =
      anon_vma_lock(w, pinned, AnonVmaAccess::read, "page_lock_anon_vma/lock"_site);
  return {.locked = locked, .pinned = true};
}

PageAnonVmaLock page_lock_anon_vma(World& w, Page& page) {
  if (gets_and_locks(w.kernel.page_lock)) return get_and_lock(w, page);
  rcu_read_lock(w, kLockRcu);
  const AnonVmaRef ref = page_anon_vma(w, page, "page_lock_anon_vma/mapping"_site);
  if (!ref.valid() || !page_mapped(w, page, "page_lock_anon_vma/mapped"_site)) {
    rcu_read_unlock(w, kLockRcu);
    return {};
  }
  if (asks_no_more(w.kernel.page_lock)) return lock_unchecked(w, ref);
  w.oracle.lives.anon_vma_used(w, ref, "page_lock_anon_vma/root"_site);
  AnonVmaId owner = ref.id;
  if (locks_root(w.kernel.lock_scope)) {
    const AnonVma& a = w.anon_vma(ref.id);
    owner =
        AnonVmaId{static_cast<uint8_t>(a.root.load(w.at(a), "page_lock_anon_vma/root"_site) - 1)};
  }
  return rechecks_mapped(w.kernel.page_lock) ? lock_and_recheck(w, page, ref, owner)
                                             : lock_or_sleep(w, page, ref, owner);
}

void page_unlock_anon_vma(World& w, const PageAnonVmaLock& lock) {
  anon_vma_unlock(w, lock.locked, "page_unlock_anon_vma/unlock"_site);
  if (lock.pinned) put_anon_vma(w, lock.locked.anon_vma, "page_unlock_anon_vma/put"_site);
  if (lock.in_rcu) rcu_read_unlock(w, kLockRcu);
}

MigrationPin pin_for_migration(World& w, Page& page) {
  MigrationPin pin;
  switch (w.kernel.migrate_pin) {
    case MigratePin::lock_and_get: pin.reference = lock_and_get(w, page); break;
    case MigratePin::get: pin.reference = page_get_anon_vma(w, page); break;
    case MigratePin::rcu:
    case MigratePin::external_unchecked:
    case MigratePin::external:
      // "This rcu_read_lock() delays freeing anon_vma pointer until the end of migration."
      rcu_read_lock(w, kPinRcu);
      pin.in_rcu = true;
      pin.go_on = !looks_if_mapped(w.kernel.migrate_pin) ||
                  page_mapped(w, page, "page_get_anon_vma/mapped"_site);
      if (!pin.go_on) {
        rcu_read_unlock(w, kPinRcu);
        return {};
      }
      if (takes_reference(w.kernel.migrate_pin)) pin.reference = get_external(w, page);
      return pin;
  }
  pin.go_on = pin.reference.valid() || migrates_unmapped(w.kernel.unmapped_page);
  return pin;
}

void unpin_after_migration(World& w, const MigrationPin& pin) {
  if (pin.reference.valid()) put_anon_vma(w, pin.reference, "unmap_and_move/put_anon_vma"_site);
  if (pin.in_rcu) rcu_read_unlock(w, kPinRcu);
}

}  // namespace rmap
