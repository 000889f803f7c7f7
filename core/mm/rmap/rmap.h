// The reverse map's walkers: from a page to every entry that maps it. mm/rmap.c, mm/migrate.c.
//
// All require the page lock.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/world.h"

namespace rmap {

// Replaces every entry that maps `page` by a migration entry. May miss some: the caller looks at
// page_mapped().
void try_to_unmap(World& w, Page& page);

// Turns every migration entry of `old_page` into one that maps `new_page`. Must not miss any.
// Requires: the anon_vma is pinned.
void remove_migration_ptes(World& w, Page& old_page, Page& new_page);

// A new page is mapped for the first time: nobody else can reach it yet.
void page_add_new_anon_rmap(World& w, Page& page, const Vma& vma, PageNr address);
// Migration maps the page again, at `address` of `vma`. Before 288468c334e9 (2.6.36) the first such
// entry sets the page's anon_vma and index anew.
// Requires: the walk's anon_vma lock, and the page-table lock.
void page_add_anon_rmap(World& w, Page& page, const Vma& vma, PageNr address);
// fork maps the page once more.
void page_dup_rmap(World& w, Page& page, Site site);
// The page has become this vma's alone: its anon_vma is the vma's from now on.
// Requires: the page lock.
void page_move_anon_rmap(World& w, Page& page, const Vma& vma, Site site);
void page_remove_rmap(World& w, Page& page, Site site);

}  // namespace rmap
