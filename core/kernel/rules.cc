// The rules of struct Kernel by name: for expressions, listings and the rows of chain.cc.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "core/kernel/kernel.h"

namespace rmap {
namespace {

using Names = std::span<const std::string_view>;

template <auto Member>
constexpr KernelRule rule(std::string_view name, Names values) {
  using Value = std::remove_reference_t<decltype(std::declval<Kernel&>().*Member)>;
  return {name, values, [](const Kernel& k) { return static_cast<uint8_t>(k.*Member); },
          [](Kernel& k, uint8_t v) { k.*Member = static_cast<Value>(v); }};
}

constexpr std::string_view kTopology[] = {"single", "chains"};
constexpr std::string_view kAnonLock[] = {"spinlock", "mutex", "rwsem"};
constexpr std::string_view kScope[] = {"own", "root"};
constexpr std::string_view kIndex[] = {"list", "interval_tree"};
constexpr std::string_view kInsert[] = {"tail", "head"};
constexpr std::string_view kShare[] = {"any", "singular"};
constexpr std::string_view kPrepareLost[] = {"leaks_element", "frees_element"};
constexpr std::string_view kCloneAlloc[] = {"one_by_one", "all_first"};
constexpr std::string_view kAddRmap[] = {"sets_own", "sets_oldest", "kept"};
constexpr std::string_view kAddRmapCheck[] = {"inside_vma", "none"};
constexpr std::string_view kWalkAsserts[] = {"each_entry", "none"};
constexpr std::string_view kMergeOom[] = {"splits", "fails"};
constexpr std::string_view kUnaccount[] = {"never", "unfaulted"};
constexpr std::string_view kUnmapLock[] = {"write", "downgraded", "downgraded_unless_stack"};
constexpr std::string_view kStackPgoff[] = {"wraps", "checked"};
constexpr std::string_view kMremapSpan[] = {"one_vma", "many"};
constexpr std::string_view kMoveStart[] = {"exact", "table"};
constexpr std::string_view kUnmappedPage[] = {"let_go", "not_walked", "migrated"};
constexpr std::string_view kMoveRetry[] = {"whole", "move_only"};
constexpr std::string_view kEntryAsserts[] = {"wait", "fork_and_zap_too"};
constexpr std::string_view kExclusive[] = {"unknown", "reused"};
constexpr std::string_view kMprotectWrite[] = {"never", "exclusive"};
constexpr std::string_view kCloneLock[] = {"per_element", "per_tree"};
constexpr std::string_view kUnlinkPasses[] = {"one", "two"};
constexpr std::string_view kCloneOrder[] = {"reversed", "faithful"};
constexpr std::string_view kCloneUnwind[] = {"keeps_anon_vma", "clears_anon_vma", "frees",
                                             "frees_and_clears"};
constexpr std::string_view kForkUnwind[] = {"keeps_chain", "unlinks_chain", "allocates_first"};
constexpr std::string_view kReuse[] = {"none", "degree", "children_and_active"};
constexpr std::string_view kForkShare[] = {"none", "with_previous"};
constexpr std::string_view kPointer[] = {"kept", "cleared"};
constexpr std::string_view kRefs[] = {"list", "external", "counted"};
constexpr std::string_view kPutRoot[] = {"first", "last"};
constexpr std::string_view kLateGet[] = {"inside_rcu", "outside_rcu"};
constexpr std::string_view kPageLock[] = {"unchecked", "recheck_mapped", "get_and_lock",
                                          "trust_refcount", "refcount"};
constexpr std::string_view kPin[] = {"rcu", "external_unchecked", "external", "lock_and_get",
                                     "get"};
constexpr std::string_view kMergeAnon[] = {"equal_or_none", "singular_if_none", "unfaulted_too"};
constexpr std::string_view kAdjust[] = {"own_or_import",        "never",
                                        "unless_only_end",      "start_or_import",
                                        "start_import_or_next", "always"};
constexpr std::string_view kImportSource[] = {"itself", "exporter"};
constexpr std::string_view kSwallowImport[] = {"each_round", "up_front"};
constexpr std::string_view kMergeRight[] = {"middle_stays", "next_stays"};
constexpr std::string_view kGrowDownPgoff[] = {"moved", "kept"};
constexpr std::string_view kCopyFork[] = {"merges", "refused"};
constexpr std::string_view kPrepareLock[] = {"always", "shared_only"};
constexpr std::string_view kExpandMerge[] = {"never", "with_next"};
constexpr std::string_view kImportOrder[] = {"clone_first", "publish_first"};
constexpr std::string_view kCopyLink[] = {"clone_then_range", "range_then_clone"};
constexpr std::string_view kCopyImport[] = {"none", "clones"};
constexpr std::string_view kKeepSource[] = {"may_merge", "never_merges"};
constexpr std::string_view kStackLock[] = {"anon_vma", "none"};
constexpr std::string_view kStackMmap[] = {"read", "write"};
constexpr std::string_view kOrder[] = {"as_found", "move_to_tail"};
constexpr std::string_view kMoveLocks[] = {"none", "if_needed", "always"};
constexpr std::string_view kChunk[] = {"latency_limit", "table"};
constexpr std::string_view kTableMove[] = {"never", "locks_if_needed", "locks_always"};
constexpr std::string_view kDontUnmap[] = {"unknown", "keeps_chain", "unlinks_chain"};
constexpr std::string_view kDontUnmapPgoff[] = {"kept", "reset"};
constexpr std::string_view kPeek[] = {"unlocked", "locked"};
constexpr std::string_view kEntryWait[] = {"holds_reference", "drops_reference", "no_reference"};
constexpr std::string_view kWpReuse[] = {"mapcount", "refcount"};
constexpr std::string_view kWpMapping[] = {"kept", "moved"};

constexpr KernelRule kRules[] = {
    rule<&Kernel::anon_topology>("anon_topology", kTopology),
    rule<&Kernel::anon_lock>("anon_lock", kAnonLock),
    rule<&Kernel::lock_scope>("lock_scope", kScope),
    rule<&Kernel::rmap_index>("rmap_index", kIndex),
    rule<&Kernel::link_insert>("link_insert", kInsert),
    rule<&Kernel::prepare_insert>("prepare_insert", kInsert),
    rule<&Kernel::prepare_share>("prepare_share", kShare),
    rule<&Kernel::prepare_lock>("prepare_lock", kPrepareLock),
    rule<&Kernel::prepare_lost>("prepare_lost", kPrepareLost),
    rule<&Kernel::clone_lock>("clone_lock", kCloneLock),
    rule<&Kernel::unlink_passes>("unlink_passes", kUnlinkPasses),
    rule<&Kernel::clone_order>("clone_order", kCloneOrder),
    rule<&Kernel::clone_alloc>("clone_alloc", kCloneAlloc),
    rule<&Kernel::clone_unwind>("clone_unwind", kCloneUnwind),
    rule<&Kernel::fork_unwind>("fork_unwind", kForkUnwind),
    rule<&Kernel::reuse>("reuse", kReuse),
    rule<&Kernel::fork_share>("fork_share", kForkShare),
    rule<&Kernel::unlink_pointer>("unlink_pointer", kPointer),
    rule<&Kernel::anon_refs>("anon_refs", kRefs),
    rule<&Kernel::put_root>("put_root", kPutRoot),
    rule<&Kernel::late_get>("late_get", kLateGet),
    rule<&Kernel::page_lock>("page_lock", kPageLock),
    rule<&Kernel::migrate_pin>("migrate_pin", kPin),
    rule<&Kernel::merge_anon>("merge_anon", kMergeAnon),
    rule<&Kernel::adjust_lock>("adjust_lock", kAdjust),
    rule<&Kernel::import_source>("import_source", kImportSource),
    rule<&Kernel::import_order>("import_order", kImportOrder),
    rule<&Kernel::swallow_import>("swallow_import", kSwallowImport),
    rule<&Kernel::merge_right>("merge_right", kMergeRight),
    rule<&Kernel::grow_down_pgoff>("grow_down_pgoff", kGrowDownPgoff),
    rule<&Kernel::copy_link>("copy_link", kCopyLink),
    rule<&Kernel::copy_import>("copy_import", kCopyImport),
    rule<&Kernel::copy_fork>("copy_fork", kCopyFork),
    rule<&Kernel::keep_source>("keep_source", kKeepSource),
    rule<&Kernel::merge_oom>("merge_oom", kMergeOom),
    rule<&Kernel::unaccount>("unaccount", kUnaccount),
    rule<&Kernel::unmap_lock>("unmap_lock", kUnmapLock),
    rule<&Kernel::stack_pgoff>("stack_pgoff", kStackPgoff),
    rule<&Kernel::stack_lock>("stack_lock", kStackLock),
    rule<&Kernel::stack_mmap>("stack_mmap", kStackMmap),
    rule<&Kernel::expand_merge>("expand_merge", kExpandMerge),
    rule<&Kernel::merge_order>("merge_order", kOrder),
    rule<&Kernel::rollback_order>("rollback_order", kOrder),
    rule<&Kernel::move_locks>("move_locks", kMoveLocks),
    rule<&Kernel::mremap_span>("mremap_span", kMremapSpan),
    rule<&Kernel::move_start>("move_start", kMoveStart),
    rule<&Kernel::move_chunk>("move_chunk", kChunk),
    rule<&Kernel::table_move>("table_move", kTableMove),
    rule<&Kernel::dontunmap>("dontunmap", kDontUnmap),
    rule<&Kernel::dontunmap_pgoff>("dontunmap_pgoff", kDontUnmapPgoff),
    rule<&Kernel::add_rmap>("add_rmap", kAddRmap),
    rule<&Kernel::add_rmap_check>("add_rmap_check", kAddRmapCheck),
    rule<&Kernel::walk_asserts>("walk_asserts", kWalkAsserts),
    rule<&Kernel::migration_peek>("migration_peek", kPeek),
    rule<&Kernel::entry_wait>("entry_wait", kEntryWait),
    rule<&Kernel::unmapped_page>("unmapped_page", kUnmappedPage),
    rule<&Kernel::move_retry>("move_retry", kMoveRetry),
    rule<&Kernel::entry_asserts>("entry_asserts", kEntryAsserts),
    rule<&Kernel::exclusive>("exclusive", kExclusive),
    rule<&Kernel::mprotect_write>("mprotect_write", kMprotectWrite),
    rule<&Kernel::wp_reuse>("wp_reuse", kWpReuse),
    rule<&Kernel::wp_mapping>("wp_mapping", kWpMapping),
};
static_assert(std::size(kRules) == sizeof(Kernel), "every rule of struct Kernel has a row");

}  // namespace

std::span<const KernelRule> kernel_rules() { return kRules; }

const KernelRule* find_rule(std::string_view name) {
  const auto* it = std::find_if(std::begin(kRules), std::end(kRules),
                                [&](const KernelRule& r) { return r.name == name; });
  return it == std::end(kRules) ? nullptr : it;
}

int find_value(const KernelRule& r, std::string_view name) {
  const auto it = std::find(r.values.begin(), r.values.end(), name);
  return it == r.values.end() ? -1 : static_cast<int>(it - r.values.begin());
}

std::vector<std::string> describe(const Kernel& kernel) {
  std::vector<std::string> lines;
  for (const KernelRule& r : kRules)
    lines.push_back(fmt::format("{}={}", r.name, r.values[r.get(kernel)]));
  return lines;
}

}  // namespace rmap
