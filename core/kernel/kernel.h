// Kernel: which version's code the model runs, one enum per rule that changed. The enums are in the
// *_rules.h, with the questions that code asks of them.
//
// The chain of releases, each its predecessor plus commits, is in core/kernel/chain.cc and reads as
// a changelog; every commit can be added or taken away by name ("v3.0+486cf46f3f9b",
// "v3.3-948f017b093a.rollback"). A rule is named after what the code does. The first value of each
// enum is what v2.6.33 does. Read next: core/kernel/chain.cc, then the functions that switch over a
// rule.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/kernel/anon_ref_rules.h"
#include "core/kernel/anon_vma_rules.h"
#include "core/kernel/mremap_rules.h"
#include "core/kernel/page_rules.h"
#include "core/kernel/vma_rules.h"

namespace rmap {

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
