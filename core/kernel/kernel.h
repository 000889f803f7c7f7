// Kernel: which version's code the model runs, one enum per rule that changed.
//
// The chain of releases, each its predecessor plus commits, is in core/kernel/chain.cc and reads as
// a changelog; every commit can be added or taken away by name ("v3.0+486cf46f3f9b",
// "v3.3-948f017b093a.rollback"). A rule is named after what the code does. The first value of each
// enum is what v2.6.33 does. Read next: core/kernel/chain.cc, then the functions that switch over a
// rule.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rmap {

// --- anon_vmas: how they are linked, locked and counted ------------------------------------------

// A vma belongs to one anon_vma, or to a chain of them: its own and those of its ancestors.
enum class AnonTopology : uint8_t { single, chains };
// The anon_vma lock: spins, sleeps, or sleeps and lets walks share it.
enum class AnonLock : uint8_t { spinlock, mutex, rwsem };
// Locking an anon_vma takes its own lock, or that of the root of its tree.
enum class LockScope : uint8_t { own, root };
// How an anon_vma finds its vmas, and so the order of a walk.
enum class RmapIndex : uint8_t { list, interval_tree };
// anon_vma_link() of fork and copy_vma(): where the new vma stands in the list.
enum class LinkInsert : uint8_t { tail, head };
// anon_vma_prepare(): where a vma that shares its neighbour's anon_vma stands in the list.
enum class PrepareInsert : uint8_t { tail, head };
// anon_vma_prepare(): shares any neighbour's anon_vma, or only that of a chain with one element.
enum class PrepareShare : uint8_t { any, singular };
// anon_vma_prepare(): locks an anon_vma before it links to it; only one that was there before.
enum class PrepareLock : uint8_t { always, shared_only };
// anon_vma_prepare(), where another thread was faster: forgets the chain element that it allocated
// to share a neighbour's anon_vma, or frees it.
enum class PrepareLost : uint8_t { leaks_element, frees_element };
// anon_vma_clone(): takes the lock for each element, or once for a whole tree.
enum class CloneLock : uint8_t { per_element, per_tree };
// unlink_anon_vmas(): each element is unlinked and freed before the next one; or all are unlinked
// under one lock, and what is empty then is freed.
enum class UnlinkPasses : uint8_t { one, two };
// anon_vma_clone(): the new chain has the source's order, or the reverse of it.
enum class CloneOrder : uint8_t { reversed, faithful };
// anon_vma_clone(): allocates and links one element after the other, or allocates all of them
// first.
enum class CloneAlloc : uint8_t { one_by_one, all_first };
// anon_vma_clone(): whether a failure forgets dst->anon_vma before it unlinks what is linked; or,
// where nothing is linked yet, frees the elements, and leaves or clears dst->anon_vma.
enum class CloneUnwind : uint8_t { keeps_anon_vma, clears_anon_vma, frees, frees_and_clears };
// anon_vma_fork(): when its second half fails, the chain is left alone or unlinked; or what can
// fail comes first.
enum class ForkUnwind : uint8_t { keeps_chain, unlinks_chain, allocates_first };
// anon_vma_fork(): a child's vma reuses an ancestor's anon_vma: never; one whose degree is below
// two; one with at most one child and no vma of its own.
enum class Reuse : uint8_t { none, degree, children_and_active };
// anon_vma_clone() in fork: the child shares the anon_vma that its parent shares with the vma
// before.
enum class ForkShare : uint8_t { none, with_previous };
// unlink_anon_vmas(): leaves vma->anon_vma as it is, or clears it.
enum class UnlinkPointer : uint8_t { kept, cleared };
// What keeps an anon_vma alive: the vmas in its list; those, or references from outside; one count.
enum class AnonRefs : uint8_t { list, external, counted };
// put_anon_vma(): drops its reference on the root before or after it frees the anon_vma.
enum class PutRoot : uint8_t { first, last };
// page_get_anon_vma(): gives a reference that came too late back inside or outside the RCU section.
enum class LateGet : uint8_t { inside_rcu, outside_rcu };
// page_lock_anon_vma(): takes the lock and asks no more; looks again whether the page is mapped;
// pins the anon_vma with page_get_anon_vma() and takes the lock; tries the lock, or pins and sleeps
// (at first trusting its count instead of the page).
enum class PageLock : uint8_t { unchecked, recheck_mapped, get_and_lock, trust_refcount, refcount };
// unmap_and_move(): what keeps the page's anon_vma: an RCU section; a reference taken in one,
// without a look whether the page is mapped, or after it; one taken under the lock;
// page_get_anon_vma().
enum class MigratePin : uint8_t { rcu, external_unchecked, external, lock_and_get, get };

// --- vmas: merging and adjusting -----------------------------------------------------------------

// is_mergeable_anon_vma(): a vma without an anon_vma merges with any; only with one whose chain has
// one element; or, faulted or not, whenever the anon_vma is not inherited.
enum class MergeAnon : uint8_t { equal_or_none, singular_if_none, unfaulted_too };
// vma_adjust(): takes the anon_vma lock unless only the end moves, or that of the vma whose pages
// it imports; never; unless only the end moves (a split that cuts off the upper part counted as
// more than that at first); so, or that of the next vma when its start moves; always.
enum class AdjustLock : uint8_t {
  own_or_import,
  never,
  unless_only_end,
  start_or_import,
  start_import_or_next,
  always
};
// vma_adjust(): whose chain the importer of pages clones.
enum class ImportSource : uint8_t { itself, exporter };
// vma_adjust(), where it swallows two vmas: imports from each in its round, or once before the
// first of them is freed.
enum class SwallowImport : uint8_t { each_round, up_front };
// vma_merge(), case 8: the vma in the middle grows over the next one, or goes.
enum class MergeRight : uint8_t { middle_stays, next_stays };
// vma_merge(), cases 3 and 8: the start of a vma that grows down moves its pgoff along, or, where
// nothing was in the middle, does not.
enum class GrowDownPgoff : uint8_t { moved, kept };
// vma_adjust(): clones the chain before or after it sets the importer's anon_vma.
enum class ImportOrder : uint8_t { clone_first, publish_first };
// copy_vma(): a fresh destination gets its range after or before it is linked into the anon_vmas.
enum class CopyLink : uint8_t { clone_then_range, range_then_clone };
// copy_vma(): an unfaulted vma that it merges with gets the source's anon_vmas, or nothing.
enum class CopyImport : uint8_t { none, clones };
// copy_vma(): an unfaulted vma merges with a source that came to its anon_vma by fork, or must not.
enum class CopyFork : uint8_t { merges, refused };
// copy_vma() for a source that stays (MREMAP_DONTUNMAP): may merge it with itself, or must not.
enum class KeepSource : uint8_t { may_merge, never_merges };
// vma_merge() without memory: is as good as not mergeable, or mprotect() fails.
enum class MergeOom : uint8_t { splits, fails };
// mprotect() that takes the write permission of an unfaulted vma: it stays accounted, or does not.
enum class Unaccount : uint8_t { never, unfaulted };
// munmap(): holds mmap_sem for write to its end; for read once the vmas are out of the mm; so
// unless a stack comes next, which could grow meanwhile.
enum class UnmapLock : uint8_t { write, downgraded, downgraded_unless_stack };
// expand_stack(): lets vm_pgoff wrap, or refuses.
enum class StackPgoff : uint8_t { wraps, checked };
// expand_stack(): whether it holds the anon_vma lock, and how it holds mmap_sem.
enum class StackLock : uint8_t { anon_vma, none };
enum class StackMmap : uint8_t { read, write };

// --- mremap --------------------------------------------------------------------------------------

// mremap() that grows in place: leaves the next vma alone, or merges with it.
enum class ExpandMerge : uint8_t { never, with_next };
// copy_vma(): where a merged destination stands in its anon_vmas' lists afterwards.
enum class MergeOrder : uint8_t { as_found, move_to_tail };
// move_vma(): where the source stands before entries are moved back to it.
enum class RollbackOrder : uint8_t { as_found, move_to_tail };
// move_ptes(): whether it holds the anon_vma lock while entries move.
enum class MoveLocks : uint8_t { none, if_needed, always };
// mremap() to a fixed address, of the same length: moves one vma, or all that the range spans.
enum class MremapSpan : uint8_t { one_vma, many };
// move_page_tables(): begins where the range does, or at the table's start where nothing is before.
enum class MoveStart : uint8_t { exact, table };
// move_page_tables(): moves so many entries at a time, or all of a table.
enum class MoveChunk : uint8_t { latency_limit, table };
// move_page_tables(): moves whole page tables: never; with the rmap locks if needed; always with
// them.
enum class TableMove : uint8_t { never, locks_if_needed, locks_always };
// MREMAP_DONTUNMAP: unknown; leaves the source's chain as it is; unlinks it.
enum class DontUnmap : uint8_t { unknown, keeps_chain, unlinks_chain };
// MREMAP_DONTUNMAP: the pgoff of a source that has no anon_vma any more.
enum class DontUnmapPgoff : uint8_t { kept, reset };

// --- Pages ---------------------------------------------------------------------------------------

// page_add_anon_rmap(), where migration maps a page again: makes the vma's anon_vma the page's, and
// computes its index anew; or the oldest of the vma's chain; or leaves both alone.
enum class AddRmap : uint8_t { sets_own, sets_oldest, kept };
// page_add_anon_rmap(): a BUG where the address is outside of the vma, or none.
enum class AddRmapCheck : uint8_t { inside_vma, none };
// remove_migration_pte(): a BUG at any migration entry whose page is not locked, or none.
enum class WalkAsserts : uint8_t { each_entry, none };
// remove_migration_pte(): looks at the pte before it takes the page-table lock, or only under it.
enum class MigrationPeek : uint8_t { unlocked, locked };
// migration_entry_wait(): has a reference on the page while it sleeps; until it sleeps; or none.
enum class EntryWait : uint8_t { holds_reference, drops_reference, no_reference };
// A page that is no longer mapped: is not migrated, where it has no anon_vma; so, and not walked;
// is migrated without a walk.
enum class UnmappedPage : uint8_t { let_go, not_walked, migrated };
// migrate_pages() tries again: from the unmapping on, or only the move, the entries still replaced.
enum class MoveRetry : uint8_t { whole, move_only };
// A BUG at a migration entry whose page is not locked: where it is waited for; or forked or
// unmapped, too.
enum class EntryAsserts : uint8_t { wait, fork_and_zap_too };
// A page that only one process ever had (PageAnonExclusive): is like others; is reused by
// do_wp_page() without asking; and made writable by mprotect().
enum class Exclusive : uint8_t { unknown, reused };
enum class MprotectWrite : uint8_t { never, exclusive };
// do_wp_page(): a page is the writer's own by its mapcount, or by its reference count.
enum class WpReuse : uint8_t { mapcount, refcount };
// do_wp_page(): a page that is reused keeps its anon_vma, or moves to the writer's.
enum class WpMapping : uint8_t { kept, moved };

struct Kernel {
  AnonTopology anon_topology = {};
  AnonLock anon_lock = {};
  LockScope lock_scope = {};
  RmapIndex rmap_index = {};
  LinkInsert link_insert = {};
  PrepareInsert prepare_insert = {};
  PrepareShare prepare_share = {};
  PrepareLock prepare_lock = {};
  PrepareLost prepare_lost = {};
  CloneLock clone_lock = {};
  UnlinkPasses unlink_passes = {};
  CloneOrder clone_order = {};
  CloneAlloc clone_alloc = {};
  CloneUnwind clone_unwind = {};
  ForkUnwind fork_unwind = {};
  Reuse reuse = {};
  ForkShare fork_share = {};
  UnlinkPointer unlink_pointer = {};
  AnonRefs anon_refs = {};
  PutRoot put_root = {};
  LateGet late_get = {};
  PageLock page_lock = {};
  MigratePin migrate_pin = {};
  MergeAnon merge_anon = {};
  AdjustLock adjust_lock = {};
  ImportSource import_source = {};
  ImportOrder import_order = {};
  SwallowImport swallow_import = {};
  MergeRight merge_right = {};
  GrowDownPgoff grow_down_pgoff = {};
  CopyLink copy_link = {};
  CopyImport copy_import = {};
  CopyFork copy_fork = {};
  KeepSource keep_source = {};
  MergeOom merge_oom = {};
  Unaccount unaccount = {};
  UnmapLock unmap_lock = {};
  StackPgoff stack_pgoff = {};
  StackLock stack_lock = {};
  StackMmap stack_mmap = {};
  ExpandMerge expand_merge = {};
  MergeOrder merge_order = {};
  RollbackOrder rollback_order = {};
  MoveLocks move_locks = {};
  MremapSpan mremap_span = {};
  MoveStart move_start = {};
  MoveChunk move_chunk = {};
  TableMove table_move = {};
  DontUnmap dontunmap = {};
  DontUnmapPgoff dontunmap_pgoff = {};
  AddRmap add_rmap = {};
  AddRmapCheck add_rmap_check = {};
  WalkAsserts walk_asserts = {};
  MigrationPeek migration_peek = {};
  EntryWait entry_wait = {};
  UnmappedPage unmapped_page = {};
  MoveRetry move_retry = {};
  EntryAsserts entry_asserts = {};
  Exclusive exclusive = {};
  MprotectWrite mprotect_write = {};
  WpReuse wp_reuse = {};
  WpMapping wp_mapping = {};

  friend bool operator==(const Kernel&, const Kernel&) = default;
};

// One rule: its name, the names of its values, and how to read and set it in a Kernel.
struct KernelRule {
  std::string_view name;
  std::span<const std::string_view> values;
  uint8_t (*get)(const Kernel&);
  void (*set)(Kernel&, uint8_t);
};
std::span<const KernelRule> kernel_rules();
// The rule of that name, or null; the number of a rule's value, or -1.
const KernelRule* find_rule(std::string_view name);
int find_value(const KernelRule& r, std::string_view name);

// "rule=value" for each rule, in the order of struct Kernel.
std::vector<std::string> describe(const Kernel& kernel);

}  // namespace rmap
