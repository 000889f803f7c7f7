// SPDX-License-Identifier: Apache-2.0
#include "core/model/oracle_rules.h"
#include "scheduler/check.h"

namespace rmap {
namespace {

constexpr RuleInfo kRules[] = {
    {Rule::lock_order, "lock_order", false, "A lock was requested against the declared lock order.",
     "lockdep: possible circular locking dependency detected"},
    {Rule::sleep_in_atomic, "sleep_in_atomic", false,
     "A sleeping lock was requested under a spin lock or inside an RCU section.",
     "BUG: sleeping function called from invalid context"},
    {Rule::missed_pte, "missed_pte", false,
     "The walk that removes migration entries ended without having seen one that existed "
     "throughout.",
     "kernel BUG at include/linux/swapops.h:105 (BUG_ON(!PageLocked) in migration_entry_to_page), "
     "later"},
    {Rule::stale_entry, "stale_entry", false, "A migration entry outlived the lock of its page.",
     "kernel BUG at include/linux/swapops.h:105, or tasks that hang on the entry"},
    {Rule::unlocked_entry, "unlocked_entry", false,
     "A fault or a walk found a migration entry whose page is not locked.",
     "kernel BUG at include/linux/swapops.h:105 in migration_entry_wait"},
    {Rule::self_merge, "self_merge", false,
     "copy_vma() merged the destination into the source although pages had been faulted in.",
     "VM_BUG_ON(faulted_in_anon_vma) in copy_vma"},
    {Rule::outside_vma, "outside_vma", false,
     "The interval tree led a walk to a vma that does not cover the page, or a page was mapped "
     "again "
     "outside of its vma.",
     "VM_BUG_ON in vma_address or page_add_anon_rmap (CONFIG_DEBUG_VM)"},
    {Rule::mapcount, "mapcount", false,
     "At rest, a page's mapcount differs from the entries that map it.",
     "BUG: Bad page map, or page_mapped() pages freed"},
    {Rule::unreachable, "unreachable", false,
     "At rest, an entry is at an address that no vma linked to its page's anon_vma computes.",
     "migration, reclaim and split_huge_page silently miss the page"},
    {Rule::use_after_free, "use_after_free", false,
     "A freed object was used, or a page freed while it was mapped.",
     "KASAN: use-after-free, BUG: Bad page state"},
    {Rule::wrong_data, "wrong_data", false,
     "A read returned something that was not the last value written there.",
     "silent memory corruption"},
    {Rule::lost_data, "lost_data", false,
     "A page that was written and never unmapped reads as zero.", "silent memory corruption"},
    {Rule::leak, "leak", false, "At rest, an allocated object belongs to nothing.", "memory leak"},
    {Rule::anon_vma_count, "anon_vma_count", false,
     "An anon_vma goes although its counts of children and vmas say that it is in use.",
     "kernel BUG at mm/rmap.c, BUG_ON(anon_vma->degree) in unlink_anon_vmas"},
    {Rule::foreign_unlock, "foreign_unlock", false,
     "A task released an anon_vma lock that it does not hold: the root changed under it.",
     "BUG: spinlock wrong owner, and tasks that hang on the lock that stayed locked"},
    {Rule::list_race, "list_race", false,
     "Two tasks used a list of vmas, a chain or an interval tree at once, and one changed it.",
     "list_add corruption, list_del corruption, and walks that never end or go astray"},
    {Rule::chain_order, "chain_order", false,
     "At rest, the last element of a vma's chain is not the root of its anon_vmas, for which the "
     "kernel takes it (until 2.6.35).",
     "a swapped-in page gets an anon_vma that is not the oldest; oopses in page_referenced"},
    {Rule::chain_mismatch, "chain_mismatch", false,
     "At rest, two vmas have the same anon_vma and different chains.",
     "a merge of the two drops links that pages need (CVE-2022-42703)"},
    {Rule::unfaulted_pgoff, "unfaulted_pgoff", false,
     "At rest, a vma without anon_vma has a pgoff that is not its address.",
     "VM_WARN_ON in vma_set_range, or merges that compute wrong addresses"},
    {Rule::early_unreachable, "early_unreachable", true,
     "A section that moved entries or changed a vma's range left an entry unreachable.",
     "none yet"},
    {Rule::early_order, "early_order", true,
     "Entries move without the rmap lock although a walk would visit the destination first.",
     "none yet"},
};

}  // namespace

std::string_view manner_name(Manner manner) {
  switch (manner) {
    case Manner::none: return "any";
    case Manner::in_transit: return "in_transit";
    case Manner::moved_behind: return "moved_behind";
    case Manner::not_covered: return "not_covered";
    case Manner::not_yet_covered: return "not_yet_covered";
    case Manner::torn_range: return "torn_range";
    case Manner::out_of_tree: return "out_of_tree";
    case Manner::not_visited: return "not_visited";
    case Manner::wrong_index: return "wrong_index";
    case Manner::not_linked: return "not_linked";
    case Manner::page: return "page";
    case Manner::table: return "page_table";
    case Manner::vma: return "vma";
    case Manner::chain: return "anon_vma_chain";
    case Manner::anon_vma: return "anon_vma";
  }
  return "any";
}

bool is_of_a_range(Manner manner) {
  return manner == Manner::not_yet_covered || manner == Manner::torn_range ||
         manner == Manner::out_of_tree;
}

std::span<const RuleInfo> all_rules() { return kRules; }

const RuleInfo& rule_info(Rule rule) {
  for (const RuleInfo& info : kRules) {
    if (info.rule == rule) return info;
  }
  CHECK(false);
  return kRules[0];
}

Rule rule_named(std::string_view name) {
  for (const RuleInfo& info : kRules) {
    if (info.name == name) return info.rule;
  }
  return Rule::none;
}

RuleSet RuleSet::proof() {
  RuleSet set;
  for (const RuleInfo& info : kRules) {
    if (!info.early) set = set.with(info.rule);
  }
  return set;
}

}  // namespace rmap
