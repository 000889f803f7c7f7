// SPDX-License-Identifier: Apache-2.0
#include "core/mm/page.h"

namespace rmap {
namespace {

// free_hot_cold_page(): nobody has a reference.
void free_page(World& w, Page& page, Site site) {
  w.oracle.tokens.page_freed(w, w.id(page), site);
  page.mapping.init(0);
  page.mapcount.init(0);
  page.anon_exclusive = false;
  page.lru = false;
  page.allocated = false;
}

}  // namespace

void check_alive(World& w, const Page& page, Site site) {
  if (!page.allocated)
    w.oracle.lives.freed_object_used(w, Manner::page, page_object(w.id(page)), site);
}

FrameId alloc_page(World& w, Site site) {
  if (w.allocation_fails(site)) return {};
  for (Page& page : w.pages) {
    if (page.allocated) continue;
    page.allocated = true;
    page.refcount.init(1);
    page.mapcount.init(0);
    page.mapping.init(0);
    page.contents.init(0);
    return w.id(page);
  }
  return {};
}

void get_page(World& w, Page& page, Site site) {
  check_alive(w, page, site);
  page.refcount.add(w.at(page), +1, site);
}

bool get_page_unless_zero(World& w, Page& page, Site site) {
  return page.refcount.inc_not_zero(w.at(page), site);
}

void put_page(World& w, Page& page, Site site) {
  check_alive(w, page, site);
  if (page.refcount.add_return(w.at(page), -1, site) == 0) free_page(w, page, site);
}

bool trylock_page(World&, Page& page, Site site) { return page.lock.trylock(site); }
void lock_page(World&, Page& page, Site site) { page.lock.lock(site); }

void unlock_page(World& w, Page& page, Site site) {
  w.oracle.tokens.page_unlocked(w, w.id(page), site);
  page.lock.unlock(site);
}

void wait_on_page_locked(World&, Page& page, Site site) { page.lock.wait_unlocked(site); }

void wait_for_unlock(World&, Page& page, Site site) { page.lock.wait_for_unlock(site); }

bool page_mapped(World& w, const Page& page, Site site) {
  check_alive(w, page, site);
  return page.mapcount.load(w.at(page), site) != 0;
}

bool isolate_lru_page(World& w, Page& page) {
  if (!page.lru) return false;
  page.lru = false;
  page.refcount.init(static_cast<uint8_t>(page.refcount.peek() + 1));
  check_alive(w, page, "isolate_lru_page/lru"_site);
  return true;
}

void putback_lru_page(World& w, Page& page, Site site) {
  page.lru = true;
  put_page(w, page, site);
}

}  // namespace rmap
