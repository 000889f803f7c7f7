// SPDX-License-Identifier: Apache-2.0
#include "core/mm/fault/wp_fault.h"

#include "core/mm/page.h"
#include "core/mm/rmap/anon_vma.h"
#include "core/mm/rmap/rmap.h"
#include "core/mm/table/page_table.h"

namespace rmap {
namespace {

bool pte_same(World& w, const PteSlot& slot, const Pte& expected, Site site) {
  return pte_read(w, slot, site).word() == expected.word();
}

// Cleared and flushed before the new one is set, so that nobody's translation is of both pages.
// Only after that may the old page's mapcount sink: somebody else could take it for theirs.
void clear_entry(World& w, const PteSlot& slot, const Pte& expected) {
  if (expected.none()) return;
  const Pte old = ptep_get_and_clear(w, slot, "do_wp_page/clear"_site);
  if (old.token.valid()) w.oracle.tokens.died(w, old.token);
  flush_tlb_page(w, w.mm(slot.mm), slot.address);
}

// The page lock, which do_wp_page() may have to wait for without the page-table lock.
enum class Locked : uint8_t { yes, pte_changed };
Locked lock_old_page(World& w, SpinLock& ptl, const PteSlot& slot, const Pte& expected,
                     Page& page) {
  if (trylock_page(w, page, "do_wp_page/trylock"_site)) return Locked::yes;
  get_page(w, page, "do_wp_page/get"_site);
  ptl.unlock("do_wp_page/ptl"_site);
  lock_page(w, page, "do_wp_page/lock"_site);
  ptl.lock("do_wp_page/ptl"_site);
  const bool same = pte_same(w, slot, expected, "do_wp_page/recheck"_site);
  if (!same) unlock_page(w, page, "do_wp_page/unlock"_site);
  put_page(w, page, "do_wp_page/put"_site);
  return same ? Locked::yes : Locked::pte_changed;
}

enum class InPlace : uint8_t { yes, no, pte_changed };

// The end of both ways to ask, with the page lock held.
InPlace decide(World& w, Vma& vma, Page& page, bool mine) {
  if (mine && moves_mapping(w.kernel.wp_mapping))
    page_move_anon_rmap(w, page, vma, "do_wp_page/move"_site);
  unlock_page(w, page, "do_wp_page/unlock"_site);
  return mine ? InPlace::yes : InPlace::no;
}

// reuse_swap_page(): nobody else maps it.
InPlace reuse_by_mapcount(World& w, SpinLock& ptl, Vma& vma, const PteSlot& slot,
                          const Pte& expected, Page& page) {
  if (lock_old_page(w, ptl, slot, expected, page) == Locked::pte_changed)
    return InPlace::pte_changed;
  const bool mine = page.mapcount.load(w.at(page), "do_wp_page/mapcount"_site) <= 1;
  return decide(w, vma, page, mine);
}

// 5.9: nobody else has so much as a reference. 5.19 does not ask where nobody else ever had one.
InPlace reuse_by_refcount(World& w, Vma& vma, Page& page) {
  if (page.anon_exclusive && reuses_exclusive(w.kernel.exclusive)) return InPlace::yes;
  if (page.refcount.load(w.at(page), "do_wp_page/refcount"_site) != 1) return InPlace::no;
  if (!trylock_page(w, page, "do_wp_page/trylock"_site)) return InPlace::no;
  const bool mine = page.refcount.load(w.at(page), "do_wp_page/refcount"_site) == 1;
  return decide(w, vma, page, mine);
}

}  // namespace

int map_new_page(World& w, Vma& vma, const PteSlot& slot, const Pte& expected, FrameId old) {
  if (anon_vma_prepare(w, vma) != kOk) return kEnomem;
  const FrameId frame = alloc_page(w, "do_anonymous_page/alloc"_site);
  if (!frame.valid()) return kEnomem;
  Page& page = w.page(frame);
  if (old.valid()) {
    const Page& from = w.page(old);
    check_alive(w, from, "do_wp_page/copy"_site);
    page.contents.init(from.contents.load(w.at(from), "do_wp_page/copy"_site));
  }
  bool used = false;
  {
    Guard ptl(pte_lockptr(w, slot), "do_anonymous_page/ptl"_site);
    if (pte_same(w, slot, expected, "do_anonymous_page/recheck"_site)) {
      clear_entry(w, slot, expected);
      page_add_new_anon_rmap(w, page, vma, slot.address);
      const TokenId token = w.oracle.tokens.born(w, frame, slot.mm, slot.address);
      set_pte_at(
          w, slot,
          {.kind = PteKind::present, .frame = frame, .writable = vma.can_write, .token = token},
          "do_anonymous_page/set"_site);
      if (old.valid()) page_remove_rmap(w, w.page(old), "do_wp_page/mapcount"_site);
      used = true;
    }
  }
  if (!used) put_page(w, page, "do_anonymous_page/release"_site);
  if (used && old.valid()) put_page(w, w.page(old), "do_wp_page/release"_site);
  return kOk;
}

int do_wp_page(World& w, Vma& vma, const PteSlot& slot, const Pte& expected) {
  SpinLock& ptl = pte_lockptr(w, slot);
  ptl.lock("do_wp_page/ptl"_site);
  if (!pte_same(w, slot, expected, "do_wp_page/recheck"_site)) {
    ptl.unlock("do_wp_page/ptl"_site);
    return kOk;
  }
  if (expected.kind == PteKind::zero) {
    ptl.unlock("do_wp_page/ptl"_site);
    return map_new_page(w, vma, slot, expected, {});
  }
  Page& page = w.page(expected.frame);
  InPlace reuse = InPlace::no;
  switch (w.kernel.wp_reuse) {
    case WpReuse::mapcount: reuse = reuse_by_mapcount(w, ptl, vma, slot, expected, page); break;
    case WpReuse::refcount: reuse = reuse_by_refcount(w, vma, page); break;
  }
  if (reuse == InPlace::yes) {
    cover(w, "do_wp_page/reuse"_site);
    Pte entry = pte_read(w, slot, "do_wp_page/recheck"_site);
    entry.writable = true;
    page.anon_exclusive = true;
    set_pte_at(w, slot, entry, "do_wp_page/set"_site);
  }
  if (reuse == InPlace::no) get_page(w, page, "do_wp_page/get"_site);
  ptl.unlock("do_wp_page/ptl"_site);
  if (reuse != InPlace::no) return kOk;
  cover(w, "do_wp_page/cow"_site);
  const int error = map_new_page(w, vma, slot, expected, expected.frame);
  put_page(w, page, "do_wp_page/put"_site);
  return error;
}

}  // namespace rmap
