// How anon_vmas are kept alive, and how a page's is found: an enum for each rule that changed, and
// what code asks of it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace rmap {

// What keeps an anon_vma alive: the vmas in its list; those, or references from outside; one count.
enum class AnonRefs : uint8_t { list, external, counted };
inline bool has_count(AnonRefs rule) {
  switch (rule) {
    case AnonRefs::list: return false;
    case AnonRefs::external:
    case AnonRefs::counted: return true;
  }
  return false;
}
inline bool counts_from_outside(AnonRefs rule) {
  switch (rule) {
    case AnonRefs::list:
    case AnonRefs::counted: return false;
    case AnonRefs::external: return true;
  }
  return false;
}
inline bool counts_vmas(AnonRefs rule) {
  switch (rule) {
    case AnonRefs::list:
    case AnonRefs::external: return false;
    case AnonRefs::counted: return true;
  }
  return false;
}
// put_anon_vma(): drops its reference on the root before or after it frees the anon_vma.
enum class PutRoot : uint8_t { first, last };
inline bool puts_root_first(PutRoot rule) {
  switch (rule) {
    case PutRoot::last: return false;
    case PutRoot::first: return true;
  }
  return false;
}
// page_get_anon_vma(): gives a reference that came too late back inside or outside the RCU section.
enum class LateGet : uint8_t { inside_rcu, outside_rcu };

// page_lock_anon_vma(): takes the lock and asks no more; looks again whether the page is mapped;
// pins the anon_vma with page_get_anon_vma() and takes the lock; tries the lock, or pins and sleeps
// (at first trusting its count instead of the page).
enum class PageLock : uint8_t { unchecked, recheck_mapped, get_and_lock, trust_refcount, refcount };
inline bool asks_no_more(PageLock rule) {
  switch (rule) {
    case PageLock::recheck_mapped:
    case PageLock::get_and_lock:
    case PageLock::trust_refcount:
    case PageLock::refcount: return false;
    case PageLock::unchecked: return true;
  }
  return false;
}
inline bool rechecks_mapped(PageLock rule) {
  switch (rule) {
    case PageLock::unchecked:
    case PageLock::get_and_lock:
    case PageLock::trust_refcount:
    case PageLock::refcount: return false;
    case PageLock::recheck_mapped: return true;
  }
  return false;
}
inline bool gets_and_locks(PageLock rule) {
  switch (rule) {
    case PageLock::unchecked:
    case PageLock::recheck_mapped:
    case PageLock::trust_refcount:
    case PageLock::refcount: return false;
    case PageLock::get_and_lock: return true;
  }
  return false;
}
inline bool trusts_refcount(PageLock rule) {
  switch (rule) {
    case PageLock::unchecked:
    case PageLock::recheck_mapped:
    case PageLock::get_and_lock:
    case PageLock::refcount: return false;
    case PageLock::trust_refcount: return true;
  }
  return false;
}
inline bool free_waits_for_holders(PageLock rule) {
  switch (rule) {
    case PageLock::unchecked:
    case PageLock::recheck_mapped:
    case PageLock::get_and_lock: return false;
    case PageLock::trust_refcount:
    case PageLock::refcount: return true;
  }
  return false;
}
// unmap_and_move(): what keeps the page's anon_vma: an RCU section; a reference taken in one,
// without a look whether the page is mapped, or after it; one taken under the lock;
// page_get_anon_vma().
enum class MigratePin : uint8_t { rcu, external_unchecked, external, lock_and_get, get };
inline bool looks_if_mapped(MigratePin rule) {
  switch (rule) {
    case MigratePin::rcu:
    case MigratePin::external_unchecked:
    case MigratePin::lock_and_get:
    case MigratePin::get: return false;
    case MigratePin::external: return true;
  }
  return false;
}
inline bool takes_reference(MigratePin rule) {
  switch (rule) {
    case MigratePin::rcu: return false;
    case MigratePin::external_unchecked:
    case MigratePin::external:
    case MigratePin::lock_and_get:
    case MigratePin::get: return true;
  }
  return false;
}

}  // namespace rmap
