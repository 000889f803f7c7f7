// The reverse map's walkers: from a page to every entry that maps it. mm/rmap.c, mm/migrate.c.
//
// All require the page lock.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/world.h"

namespace rmap {

// The anon_vma that page->mapping names, without any check that it is still the page's; none for
// NULL.
AnonVmaId page_anon_vma(World& w, const Page& page, Site site);

// Pins the page's anon_vma; none when the page is not mapped any more. Undo with put_anon_vma().
AnonVmaId page_get_anon_vma(World& w, Page& page);

// Locks the page's anon_vma; none when the page is not mapped any more.
AnonVmaId page_lock_anon_vma(World& w, Page& page);
void page_unlock_anon_vma(World& w, AnonVmaId anon_vma);

// Replaces every entry that maps `page` by a migration entry. May miss some: the caller looks at
// page_mapped().
void try_to_unmap(World& w, Page& page);

// Turns every migration entry of `old_page` into one that maps `new_page`. Must not miss any.
// Requires: the anon_vma is pinned.
void remove_migration_ptes(World& w, Page& old_page, Page& new_page);

// A new page is mapped for the first time: nobody else can reach it yet.
void page_add_new_anon_rmap(World& w, Page& page, const Vma& vma, PageNr address);
void page_add_anon_rmap(World& w, Page& page, Site site);
void page_remove_rmap(World& w, Page& page, Site site);

}  // namespace rmap
