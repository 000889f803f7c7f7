// How mremap moves: an enum for each rule that changed, and what code asks of it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace rmap {

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
inline bool moves_many(MremapSpan rule) {
  switch (rule) {
    case MremapSpan::one_vma: return false;
    case MremapSpan::many: return true;
  }
  return false;
}
// move_page_tables(): begins where the range does, or at the table's start where nothing is before.
enum class MoveStart : uint8_t { exact, table };
inline bool begins_exactly(MoveStart rule) {
  switch (rule) {
    case MoveStart::table: return false;
    case MoveStart::exact: return true;
  }
  return false;
}
// move_page_tables(): moves so many entries at a time, or all of a table.
enum class MoveChunk : uint8_t { latency_limit, table };

// move_page_tables(): moves whole page tables: never; with the rmap locks if needed; always with
// them.
enum class TableMove : uint8_t { never, locks_if_needed, locks_always };
inline bool moves_tables(TableMove rule) {
  switch (rule) {
    case TableMove::never: return false;
    case TableMove::locks_if_needed:
    case TableMove::locks_always: return true;
  }
  return false;
}
inline bool may_move_unlocked(TableMove rule) {
  switch (rule) {
    case TableMove::never:
    case TableMove::locks_always: return false;
    case TableMove::locks_if_needed: return true;
  }
  return false;
}
inline bool always_locks(TableMove rule) {
  switch (rule) {
    case TableMove::never:
    case TableMove::locks_if_needed: return false;
    case TableMove::locks_always: return true;
  }
  return false;
}
// MREMAP_DONTUNMAP: unknown; leaves the source's chain as it is; unlinks it.
enum class DontUnmap : uint8_t { unknown, keeps_chain, unlinks_chain };
inline bool knows_dontunmap(DontUnmap rule) {
  switch (rule) {
    case DontUnmap::unknown: return false;
    case DontUnmap::keeps_chain:
    case DontUnmap::unlinks_chain: return true;
  }
  return false;
}
inline bool unlinks_source(DontUnmap rule) {
  switch (rule) {
    case DontUnmap::unknown:
    case DontUnmap::keeps_chain: return false;
    case DontUnmap::unlinks_chain: return true;
  }
  return false;
}
// MREMAP_DONTUNMAP: the pgoff of a source that has no anon_vma any more.
enum class DontUnmapPgoff : uint8_t { kept, reset };
inline bool resets_pgoff(DontUnmapPgoff rule) {
  switch (rule) {
    case DontUnmapPgoff::kept: return false;
    case DontUnmapPgoff::reset: return true;
  }
  return false;
}

}  // namespace rmap
