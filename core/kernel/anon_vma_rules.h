// How anon_vmas are linked, locked and reused: an enum for each rule that changed, and what code
// asks of it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace rmap {

// A vma belongs to one anon_vma, or to a chain of them: its own and those of its ancestors.
enum class AnonTopology : uint8_t { single, chains };
inline bool has_chains(AnonTopology rule) {
  switch (rule) {
    case AnonTopology::single: return false;
    case AnonTopology::chains: return true;
  }
  return false;
}
// The anon_vma lock: spins, sleeps, or sleeps and lets walks share it.
enum class AnonLock : uint8_t { spinlock, mutex, rwsem };
inline bool sleeps(AnonLock rule) {
  switch (rule) {
    case AnonLock::spinlock: return false;
    case AnonLock::mutex:
    case AnonLock::rwsem: return true;
  }
  return false;
}
inline bool walks_share(AnonLock rule) {
  switch (rule) {
    case AnonLock::spinlock:
    case AnonLock::mutex: return false;
    case AnonLock::rwsem: return true;
  }
  return false;
}
// Locking an anon_vma takes its own lock, or that of the root of its tree.
enum class LockScope : uint8_t { own, root };
inline bool locks_root(LockScope rule) {
  switch (rule) {
    case LockScope::own: return false;
    case LockScope::root: return true;
  }
  return false;
}
// How an anon_vma finds its vmas, and so the order of a walk.
enum class RmapIndex : uint8_t { list, interval_tree };
inline bool is_tree(RmapIndex rule) {
  switch (rule) {
    case RmapIndex::list: return false;
    case RmapIndex::interval_tree: return true;
  }
  return false;
}
// anon_vma_link() of fork and copy_vma(): where the new vma stands in the list.
enum class LinkInsert : uint8_t { tail, head };
inline bool links_at_head(LinkInsert rule) {
  switch (rule) {
    case LinkInsert::tail: return false;
    case LinkInsert::head: return true;
  }
  return false;
}
// anon_vma_prepare(): where a vma that shares its neighbour's anon_vma stands in the list.
enum class PrepareInsert : uint8_t { tail, head };
inline bool shares_at_head(PrepareInsert rule) {
  switch (rule) {
    case PrepareInsert::tail: return false;
    case PrepareInsert::head: return true;
  }
  return false;
}
// anon_vma_prepare(): shares any neighbour's anon_vma, or only that of a chain with one element.
enum class PrepareShare : uint8_t { any, singular };

// anon_vma_prepare(): locks an anon_vma before it links to it; only one that was there before.
enum class PrepareLock : uint8_t { always, shared_only };
inline bool locks_fresh(PrepareLock rule) {
  switch (rule) {
    case PrepareLock::shared_only: return false;
    case PrepareLock::always: return true;
  }
  return false;
}
// anon_vma_prepare(), where another thread was faster: forgets the chain element that it allocated
// to share a neighbour's anon_vma, or frees it.
enum class PrepareLost : uint8_t { leaks_element, frees_element };
inline bool frees_lost(PrepareLost rule) {
  switch (rule) {
    case PrepareLost::leaks_element: return false;
    case PrepareLost::frees_element: return true;
  }
  return false;
}
// anon_vma_clone(): takes the lock for each element, or once for a whole tree.
enum class CloneLock : uint8_t { per_element, per_tree };
inline bool unlocks_between(CloneLock rule) {
  switch (rule) {
    case CloneLock::per_tree: return false;
    case CloneLock::per_element: return true;
  }
  return false;
}
// unlink_anon_vmas(): each element is unlinked and freed before the next one; or all are unlinked
// under one lock, and what is empty then is freed.
enum class UnlinkPasses : uint8_t { one, two };

// anon_vma_clone(): the new chain has the source's order, or the reverse of it.
enum class CloneOrder : uint8_t { reversed, faithful };
inline bool is_reversed(CloneOrder rule) {
  switch (rule) {
    case CloneOrder::faithful: return false;
    case CloneOrder::reversed: return true;
  }
  return false;
}
// anon_vma_clone(): allocates and links one element after the other, or allocates all of them
// first.
enum class CloneAlloc : uint8_t { one_by_one, all_first };
inline bool allocates_all_first(CloneAlloc rule) {
  switch (rule) {
    case CloneAlloc::one_by_one: return false;
    case CloneAlloc::all_first: return true;
  }
  return false;
}
// anon_vma_clone(): whether a failure forgets dst->anon_vma before it unlinks what is linked; or,
// where nothing is linked yet, frees the elements, and leaves or clears dst->anon_vma.
enum class CloneUnwind : uint8_t { keeps_anon_vma, clears_anon_vma, frees, frees_and_clears };
inline bool leaves_it_to_the_caller(CloneUnwind rule) {
  switch (rule) {
    case CloneUnwind::clears_anon_vma:
    case CloneUnwind::frees:
    case CloneUnwind::frees_and_clears: return false;
    case CloneUnwind::keeps_anon_vma: return true;
  }
  return false;
}
// anon_vma_fork(): when its second half fails, the chain is left alone or unlinked; or what can
// fail comes first.
enum class ForkUnwind : uint8_t { keeps_chain, unlinks_chain, allocates_first };
inline bool unlinks_chain(ForkUnwind rule) {
  switch (rule) {
    case ForkUnwind::keeps_chain:
    case ForkUnwind::allocates_first: return false;
    case ForkUnwind::unlinks_chain: return true;
  }
  return false;
}
// anon_vma_fork(): a child's vma reuses an ancestor's anon_vma: never; one whose degree is below
// two; one with at most one child and no vma of its own.
enum class Reuse : uint8_t { none, degree, children_and_active };
inline bool counts_users(Reuse rule) {
  switch (rule) {
    case Reuse::none: return false;
    case Reuse::degree:
    case Reuse::children_and_active: return true;
  }
  return false;
}
inline bool counts_children(Reuse rule) {
  switch (rule) {
    case Reuse::none:
    case Reuse::degree: return false;
    case Reuse::children_and_active: return true;
  }
  return false;
}
// anon_vma_clone() in fork: the child shares the anon_vma that its parent shares with the vma
// before.
enum class ForkShare : uint8_t { none, with_previous };
inline bool shares_with_previous(ForkShare rule) {
  switch (rule) {
    case ForkShare::none: return false;
    case ForkShare::with_previous: return true;
  }
  return false;
}
// unlink_anon_vmas(): leaves vma->anon_vma as it is, or clears it.
enum class UnlinkPointer : uint8_t { kept, cleared };

}  // namespace rmap
