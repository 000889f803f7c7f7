// How vmas are merged and adjusted: an enum for each rule that changed, and what code asks of it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace rmap {

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
inline bool clones_exporter(ImportSource rule) {
  switch (rule) {
    case ImportSource::itself: return false;
    case ImportSource::exporter: return true;
  }
  return false;
}
// vma_adjust(), where it swallows two vmas: imports from each in its round, or once before the
// first of them is freed.
enum class SwallowImport : uint8_t { each_round, up_front };
inline bool imports_up_front(SwallowImport rule) {
  switch (rule) {
    case SwallowImport::each_round: return false;
    case SwallowImport::up_front: return true;
  }
  return false;
}
// vma_merge(), case 8: the vma in the middle grows over the next one, or goes.
enum class MergeRight : uint8_t { middle_stays, next_stays };

// vma_merge(), cases 3 and 8: the start of a vma that grows down moves its pgoff along, or, where
// nothing was in the middle, does not.
enum class GrowDownPgoff : uint8_t { moved, kept };
inline bool keeps_pgoff(GrowDownPgoff rule) {
  switch (rule) {
    case GrowDownPgoff::moved: return false;
    case GrowDownPgoff::kept: return true;
  }
  return false;
}
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
inline bool may_merge_with_itself(KeepSource rule) {
  switch (rule) {
    case KeepSource::never_merges: return false;
    case KeepSource::may_merge: return true;
  }
  return false;
}
// vma_merge() without memory: is as good as not mergeable, or mprotect() fails.
enum class MergeOom : uint8_t { splits, fails };
inline bool fails_without_memory(MergeOom rule) {
  switch (rule) {
    case MergeOom::splits: return false;
    case MergeOom::fails: return true;
  }
  return false;
}
// mprotect() that takes the write permission of an unfaulted vma: it stays accounted, or does not.
enum class Unaccount : uint8_t { never, unfaulted };
inline bool unaccounts_unfaulted(Unaccount rule) {
  switch (rule) {
    case Unaccount::never: return false;
    case Unaccount::unfaulted: return true;
  }
  return false;
}
// munmap(): holds mmap_sem for write to its end; for read once the vmas are out of the mm; so
// unless a stack comes next, which could grow meanwhile.
enum class UnmapLock : uint8_t { write, downgraded, downgraded_unless_stack };

// expand_stack(): lets vm_pgoff wrap, or refuses.
enum class StackPgoff : uint8_t { wraps, checked };
inline bool checks_pgoff(StackPgoff rule) {
  switch (rule) {
    case StackPgoff::wraps: return false;
    case StackPgoff::checked: return true;
  }
  return false;
}
// expand_stack(): whether it holds the anon_vma lock, and how it holds mmap_sem.
enum class StackLock : uint8_t { anon_vma, none };
inline bool locks_anon_vma(StackLock rule) {
  switch (rule) {
    case StackLock::none: return false;
    case StackLock::anon_vma: return true;
  }
  return false;
}
enum class StackMmap : uint8_t { read, write };
inline bool grows_under_read(StackMmap rule) {
  switch (rule) {
    case StackMmap::write: return false;
    case StackMmap::read: return true;
  }
  return false;
}

}  // namespace rmap
