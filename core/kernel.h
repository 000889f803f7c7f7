// Kernel: which version's code the model runs, one enum per rule that changed.
//
// Reads as a changelog: kernel.cc has the chain of releases, each its predecessor plus commits, and
// every commit can be added or taken away by name ("v3.0+486cf46f3f9b",
// "v3.3-948f017b093a.rollback"). A rule is named after what the code does. Read next: the table in
// kernel.cc, then the functions that switch over a rule.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rmap {

// remove_migration_pte(): looks at the pte before it takes the page-table lock, or only under it.
enum class MigrationPeek : uint8_t { unlocked, locked };
// copy_vma(): where a merged destination stands in its anon_vmas' lists afterwards.
enum class MergeOrder : uint8_t { as_found, move_to_tail };
// move_vma(): where the source stands before entries are moved back to it.
enum class RollbackOrder : uint8_t { as_found, move_to_tail };
// move_ptes(): whether it holds the anon_vma lock while entries move.
enum class MoveLocks : uint8_t { none, if_needed, always };
// How an anon_vma finds its vmas, and so the order of a walk.
enum class RmapIndex : uint8_t { list, interval_tree };
// vma_adjust(): takes the anon_vma lock only when the start moves or entries change owner, or
// always.
enum class AdjustLock : uint8_t { start_or_import, always };
// copy_vma(): a fresh destination gets its range after or before it is linked into the anon_vmas.
enum class CopyLink : uint8_t { clone_then_range, range_then_clone };

struct Kernel {
  MigrationPeek migration_peek = MigrationPeek::unlocked;
  MergeOrder merge_order = MergeOrder::as_found;
  RollbackOrder rollback_order = RollbackOrder::as_found;
  MoveLocks move_locks = MoveLocks::none;
  RmapIndex rmap_index = RmapIndex::list;
  AdjustLock adjust_lock = AdjustLock::start_or_import;
  CopyLink copy_link = CopyLink::clone_then_range;

  friend bool operator==(const Kernel&, const Kernel&) = default;
};

// A kernel with the expression that named it, for messages.
struct NamedKernel {
  std::string name;
  Kernel kernel;
};

// Either a kernel or one line that says what is wrong with the expression and what would be right.
struct KernelResult {
  std::optional<NamedKernel> kernel;
  std::string error;
};

// release { (+|-) commit[.half] } [ { rule=value, ... } ], or "newest".
KernelResult parse_kernel(std::string_view expression);
// For expressions that this program wrote itself. A bad one is a CHECK.
NamedKernel kernel_named(std::string_view expression);

// The releases in order, oldest first; the last is the newest.
std::span<const std::string_view> releases();
inline constexpr std::string_view kNewest = "v3.7";

// One change of one rule by one commit. A commit with several changes has several rows.
struct Change {
  std::string_view release;  // First release that has it; empty for a patch that never landed.
  std::string_view commit;
  std::string_view half;  // For a commit that can be taken in halves.
  std::string_view rule;
  std::string_view before;
  std::string_view after;
  std::string_view sentence;
};
std::span<const Change> changes();

// "rule=value" for each rule, in the order of struct Kernel.
std::vector<std::string> describe(const Kernel& kernel);

}  // namespace rmap
