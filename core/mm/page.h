// Pages: allocation, references, the page lock, the LRU. mm/page_alloc.c, mm/swap.c, mm/vmscan.c.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/world.h"

namespace rmap {

// A zeroed page with one reference, or none (no frame left, or the allocation fails by decision).
FrameId alloc_page(World& w, Site site);

void get_page(World& w, Page& page, Site site);
// False when the page is free: its count was zero.
bool get_page_unless_zero(World& w, Page& page, Site site);
// Drops a reference; the last one frees the page.
void put_page(World& w, Page& page, Site site);

bool trylock_page(World& w, Page& page, Site site);
void lock_page(World& w, Page& page, Site site);
// Property: no migration entry of the page outlives this (rule stale_entry).
void unlock_page(World& w, Page& page, Site site);
void wait_on_page_locked(World& w, Page& page, Site site);
// Sleeps until the lock is released once, if it is held: without a reference, the page may be
// another one afterwards.
//
// Simplified: the kernel queues the task under the page-table lock; here the lock may be released
// and taken again before it sleeps, which only makes it sleep longer.
void wait_for_unlock(World& w, Page& page, Site site);

// Whoever reads or writes a field of a page needs it to be somebody's: a free page is a finding.
void check_alive(World& w, const Page& page, Site site);

// page_mapped(): some entry maps it.
bool page_mapped(World& w, const Page& page, Site site);

// Takes the page off the LRU and a reference on it. False when it is not on the LRU.
// Simplified: the LRU and its lock are one atomic test-and-clear, as no rmap rule looks inside.
bool isolate_lru_page(World& w, Page& page);
// Gives an isolated page back: onto the LRU, and drops the isolation's reference.
void putback_lru_page(World& w, Page& page, Site site);

}  // namespace rmap
