// The rules that a kernel must not break, and the manners in which it can break them.
//
// Proof rules are findings. Early signs are feedback for the search, and findings only when asked
// for. Where each is checked: oracle.h; what a real kernel does then: the table in rules.cc,
// `rmapfuzz rules`.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "scheduler/outcome.h"

namespace rmap {

enum class Rule : uint8_t {
  none = 0,
  lock_order = sched::kLockOrder,
  sleep_in_atomic = sched::kSleepInAtomic,
  missed_pte = sched::kClientRules,
  stale_entry,
  unlocked_entry,
  self_merge,
  outside_vma,
  mapcount,
  unreachable,
  use_after_free,
  wrong_data,
  lost_data,
  leak,
  anon_vma_count,
  foreign_unlock,
  list_race,
  chain_order,
  chain_mismatch,
  unfaulted_pgoff,
  early_unreachable,
  early_order,
};
inline constexpr uint32_t kRulesEnd = static_cast<uint32_t>(Rule::early_order) + 1;

// How a rule was broken.
enum class Manner : uint8_t {
  none,
  in_transit,       // The walk looked while a mover had the entry in a register.
  moved_behind,     // The walk had passed the place where the entry arrived.
  not_covered,      // No linked vma computed its address.
  not_yet_covered,  // The walk came to the vma at a moment when it did not reach that far.
  torn_range,       // The walk read a range that the vma never had: half of it was changed already.
  out_of_tree,      // The vma that covers it was out of its interval tree when the walk went by.
  not_visited,      // A linked vma computes its address, but the walk did not look there.
  wrong_index,      // A linked vma covers its address, but computes another from the page's index.
  not_linked,       // The vma that covers its address is not linked to the page's anon_vma.
  page,             // use_after_free, leak: of what.
  table,
  vma,
  chain,
  anon_vma,
};
std::string_view manner_name(Manner manner);
// A walk missed its entry because of whoever changed the range of the vma there.
bool is_of_a_range(Manner manner);

struct RuleInfo {
  Rule rule;
  std::string_view name;
  bool early;  // An early sign, off by default.
  std::string_view meaning;
  std::string_view symptom;  // What a kernel does, or prints, when this happens.
};
std::span<const RuleInfo> all_rules();
const RuleInfo& rule_info(Rule rule);
// The rule of that name, or none.
Rule rule_named(std::string_view name);

// Which rules are findings, as bits.
class RuleSet {
 public:
  static RuleSet proof();  // All but the early signs.
  bool has(Rule r) const { return (bits_ >> static_cast<uint32_t>(r) & 1) != 0; }
  RuleSet with(Rule r) const { return RuleSet(bits_ | 1u << static_cast<uint32_t>(r)); }
  RuleSet without(Rule r) const { return RuleSet(bits_ & ~(1u << static_cast<uint32_t>(r))); }
  friend bool operator==(RuleSet, RuleSet) = default;
  RuleSet() = default;

 private:
  explicit RuleSet(uint32_t bits) : bits_(bits) {}
  uint32_t bits_ = 0;
};
static_assert(kRulesEnd <= 32);

}  // namespace rmap
