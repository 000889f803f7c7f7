// From a page to its anon_vma, for those who hold no lock of any mm that maps it. mm/rmap.c, and
// unmap_and_move() of mm/migrate.c.
//
// Property: page->mapping may be followed only while the page is mapped, or while something else
// keeps the anon_vma that it names: an RCU section keeps its memory an anon_vma (not which one), a
// reference keeps the very one, its lock keeps it as long as the page is mapped.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mm/rmap/anon_vma_lock.h"

namespace rmap {

// The anon_vma that page->mapping names, without any check that it is still the page's; none for
// NULL.
AnonVmaRef page_anon_vma(World& w, const Page& page, Site site);

// Pins the page's anon_vma; none when the page is not mapped any more. Undo with put_anon_vma().
AnonVmaRef page_get_anon_vma(World& w, Page& page);

// Locks the page's anon_vma; nothing when the page is not mapped any more.
struct PageAnonVmaLock {
  AnonVmaLocked locked;
  bool in_rcu = false;  // Until 2.6.39 the section lasts as long as the lock is held.
  bool pinned = false;  // The unlock drops a reference, too.

  bool valid() const { return locked.owner.valid(); }
};
PageAnonVmaLock page_lock_anon_vma(World& w, Page& page);
void page_unlock_anon_vma(World& w, const PageAnonVmaLock& lock);

// Keeps the page's anon_vma for the length of a migration, during which nothing maps the page.
// Requires: the page lock.
struct MigrationPin {
  bool go_on = false;  // Otherwise the page is not mapped any more: let go of it.
  bool in_rcu = false;
  AnonVmaRef reference;
};
MigrationPin pin_for_migration(World& w, Page& page);
void unpin_after_migration(World& w, const MigrationPin& pin);

}  // namespace rmap
