// How pages are mapped, waited for and migrated: an enum for each rule that changed, and what code
// asks of it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace rmap {

// page_add_anon_rmap(), where migration maps a page again: makes the vma's anon_vma the page's, and
// computes its index anew; or the oldest of the vma's chain; or leaves both alone.
enum class AddRmap : uint8_t { sets_own, sets_oldest, kept };
inline bool takes_oldest(AddRmap rule) {
  switch (rule) {
    case AddRmap::sets_own:
    case AddRmap::kept: return false;
    case AddRmap::sets_oldest: return true;
  }
  return false;
}
inline bool keeps_mapping(AddRmap rule) {
  switch (rule) {
    case AddRmap::sets_own:
    case AddRmap::sets_oldest: return false;
    case AddRmap::kept: return true;
  }
  return false;
}
// page_add_anon_rmap(): a BUG where the address is outside of the vma, or none.
enum class AddRmapCheck : uint8_t { inside_vma, none };
inline bool insists_on_inside(AddRmapCheck rule) {
  switch (rule) {
    case AddRmapCheck::none: return false;
    case AddRmapCheck::inside_vma: return true;
  }
  return false;
}
// remove_migration_pte(): a BUG at any migration entry whose page is not locked, or none.
enum class WalkAsserts : uint8_t { each_entry, none };
inline bool asserts_each_entry(WalkAsserts rule) {
  switch (rule) {
    case WalkAsserts::none: return false;
    case WalkAsserts::each_entry: return true;
  }
  return false;
}
// remove_migration_pte(): looks at the pte before it takes the page-table lock, or only under it.
enum class MigrationPeek : uint8_t { unlocked, locked };

// migration_entry_wait(): has a reference on the page while it sleeps; until it sleeps; or none.
enum class EntryWait : uint8_t { holds_reference, drops_reference, no_reference };
inline bool holds_while_asleep(EntryWait rule) {
  switch (rule) {
    case EntryWait::drops_reference:
    case EntryWait::no_reference: return false;
    case EntryWait::holds_reference: return true;
  }
  return false;
}
inline bool gets_page(EntryWait rule) {
  switch (rule) {
    case EntryWait::no_reference: return false;
    case EntryWait::holds_reference:
    case EntryWait::drops_reference: return true;
  }
  return false;
}
// A page that is no longer mapped: is not migrated, where it has no anon_vma; so, and not walked;
// is migrated without a walk.
enum class UnmappedPage : uint8_t { let_go, not_walked, migrated };
inline bool walks_unmapped(UnmappedPage rule) {
  switch (rule) {
    case UnmappedPage::not_walked:
    case UnmappedPage::migrated: return false;
    case UnmappedPage::let_go: return true;
  }
  return false;
}
inline bool migrates_unmapped(UnmappedPage rule) {
  switch (rule) {
    case UnmappedPage::let_go:
    case UnmappedPage::not_walked: return false;
    case UnmappedPage::migrated: return true;
  }
  return false;
}
// migrate_pages() tries again: from the unmapping on, or only the move, the entries still replaced.
enum class MoveRetry : uint8_t { whole, move_only };
inline bool retries_move(MoveRetry rule) {
  switch (rule) {
    case MoveRetry::whole: return false;
    case MoveRetry::move_only: return true;
  }
  return false;
}
// A BUG at a migration entry whose page is not locked: where it is waited for; or forked or
// unmapped, too.
enum class EntryAsserts : uint8_t { wait, fork_and_zap_too };
inline bool asserts_everywhere(EntryAsserts rule) {
  switch (rule) {
    case EntryAsserts::wait: return false;
    case EntryAsserts::fork_and_zap_too: return true;
  }
  return false;
}
// A page that only one process ever had (PageAnonExclusive): is like others; is reused by
// do_wp_page() without asking; and made writable by mprotect().
enum class Exclusive : uint8_t { unknown, reused };
inline bool reuses_exclusive(Exclusive rule) {
  switch (rule) {
    case Exclusive::unknown: return false;
    case Exclusive::reused: return true;
  }
  return false;
}
enum class MprotectWrite : uint8_t { never, exclusive };
inline bool makes_exclusive_writable(MprotectWrite rule) {
  switch (rule) {
    case MprotectWrite::never: return false;
    case MprotectWrite::exclusive: return true;
  }
  return false;
}
// do_wp_page(): a page is the writer's own by its mapcount, or by its reference count.
enum class WpReuse : uint8_t { mapcount, refcount };

// do_wp_page(): a page that is reused keeps its anon_vma, or moves to the writer's.
enum class WpMapping : uint8_t { kept, moved };
inline bool moves_mapping(WpMapping rule) {
  switch (rule) {
    case WpMapping::kept: return false;
    case WpMapping::moved: return true;
  }
  return false;
}

}  // namespace rmap
