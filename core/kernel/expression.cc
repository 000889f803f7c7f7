// SPDX-License-Identifier: Apache-2.0
#include "core/kernel/expression.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/kernel/chain.h"
#include "core/kernel/commit_set.h"
#include "core/kernel/names.h"
#include "core/text/nearest.h"
#include "core/text/quote.h"
#include "scheduler/check.h"

namespace rmap {
namespace {

std::string apply_rule(Kernel& k, std::string_view assignment) {
  const std::size_t equals = std::min(assignment.find('='), assignment.size());
  const std::string_view name = assignment.substr(0, equals);
  const KernelRule* r = find_rule(name);
  if (r == nullptr) {
    std::vector<std::string_view> known;
    for (const KernelRule& each : kernel_rules()) known.push_back(each.name);
    return fmt::format("no rule is called '{}'{}; known: {}", printable(name),
                       did_you_mean(name, known), fmt::join(known, ", "));
  }
  const std::string_view value = assignment.substr(std::min(equals + 1, assignment.size()));
  const int v = find_value(*r, value);
  if (v < 0) {
    return fmt::format("rule {} has no value '{}'{}; it can be: {}", name, printable(value),
                       did_you_mean(value, r->values), fmt::join(r->values, ", "));
  }
  r->set(k, static_cast<uint8_t>(v));
  return {};
}

// Rules about chains, which a kernel with one anon_vma per vma has not got.
constexpr std::string_view kChainRules[] = {
    "lock_scope",    "rmap_index",  "prepare_insert", "prepare_share", "clone_lock",
    "unlink_passes", "clone_order", "clone_unwind",   "fork_unwind",   "reuse",
    "fork_share",    "anon_refs",   "page_lock",      "merge_anon",    "import_source",
    "import_order",  "copy_link",   "copy_import",    "copy_fork",     "unlink_pointer",
    "prepare_lost",  "clone_alloc"};

// Reads an expression from left to right. What reads a part does nothing once something was wrong.
class ExpressionParser {
 public:
  explicit ExpressionParser(std::string_view expression) : expression_(expression) {}

  KernelResult parse() {
    const std::size_t brace = std::min(expression_.find('{'), expression_.size());
    std::string_view head = expression_.substr(0, brace);
    release(take(head, release_length(head)));
    while (!head.empty() && wrong_.empty()) {
      const bool add = take(head, 1) == "+";
      commit(take(head, commit_length(head)), add);
    }
    if (wrong_.empty()) commits();
    if (brace < expression_.size() && wrong_.empty()) rules(expression_.substr(brace));
    if (wrong_.empty()) wrong_ = contradiction(kernel_);
    if (!wrong_.empty())
      return {std::nullopt, fmt::format("kernel '{}': {}", printable(expression_), wrong_), whole_};
    return {NamedKernel{name_, kernel_}, {}};
  }

 private:
  static std::string_view take(std::string_view& text, std::size_t n) {
    const std::string_view taken = text.substr(0, n);
    text.remove_prefix(taken.size());
    return taken;
  }

  void release(std::string_view text) {
    KernelName found = release_named(text);
    wrong_ = std::move(found.wrong);
    if (!wrong_.empty()) return;
    commits_.emplace(*std::find(releases().begin(), releases().end(), found.name));
    name_ = std::move(found.name);
  }

  void commit(std::string_view text, bool add) {
    KernelName found = commit_named(text);
    wrong_ = std::move(found.wrong);
    if (wrong_.empty()) wrong_ = commits_->change(found.name, add);
    name_ += (add ? "+" : "-") + found.name;
  }

  void commits() {
    wrong_ = commits_->wrong();
    if (wrong_.empty()) {
      kernel_ = commits_->kernel();
    } else {
      whole_ = commits_->whole();
    }
  }

  // "{rule=value,...}", which stays as it is written.
  void rules(std::string_view text) {
    name_ += text;
    if (!text.ends_with('}')) {
      wrong_ = "'{' is not closed; write {rule=value,...}";
      return;
    }
    std::string_view rest = text.substr(1, text.size() - 2);
    while (!rest.empty() && wrong_.empty()) {
      rule(take(rest, rest.find(',')));
      if (!rest.empty()) rest.remove_prefix(1);
    }
  }

  void rule(std::string_view assignment) {
    const std::string_view name = assignment.substr(0, assignment.find('='));
    wrong_ = apply_rule(kernel_, assignment);
    if (wrong_.empty() && std::find(rules_.begin(), rules_.end(), name) != rules_.end())
      wrong_ = fmt::format("rule {} is given twice; leave one out", name);
    rules_.push_back(name);
  }

  std::string_view expression_;
  std::optional<CommitSet> commits_;  // Since the release is known.
  Kernel kernel_;                     // Since all commits are known.
  std::string name_;                  // As the chain spells it.
  std::vector<std::string_view> rules_;
  std::string wrong_;
  std::string whole_;
};

}  // namespace

std::string contradiction(const Kernel& k) {
  if (k.anon_topology == AnonTopology::single) {
    for (std::string_view name : kChainRules) {
      const KernelRule& r = *find_rule(name);
      if (r.get(k) == 0) continue;
      return fmt::format("{}={} is about chains of anon_vmas; use anon_topology=chains", name,
                         r.values[r.get(k)]);
    }
  }
  const bool tree = k.rmap_index == RmapIndex::interval_tree;
  if (tree && (k.merge_order == MergeOrder::move_to_tail ||
               k.rollback_order == RollbackOrder::move_to_tail)) {
    return "an interval tree is sorted by pgoff, so nothing can be moved to its tail; "
           "use move_locks instead of move_to_tail";
  }
  if (tree && (k.link_insert == LinkInsert::head || k.prepare_insert == PrepareInsert::head))
    return "an interval tree is sorted by pgoff, so nothing can be put at its head";
  if (!tree && k.move_locks == MoveLocks::if_needed) {
    return "move_locks=if_needed compares pgoffs, which says nothing about the order of a list; "
           "use always, or rmap_index=interval_tree";
  }
  const bool counted = k.anon_refs == AnonRefs::counted;
  if (!counted && (k.page_lock == PageLock::refcount || k.page_lock == PageLock::trust_refcount ||
                   k.page_lock == PageLock::get_and_lock || k.migrate_pin == MigratePin::get)) {
    return "page_lock_anon_vma() and page_get_anon_vma() pin by the anon_vma's count; "
           "use anon_refs=counted";
  }
  if (k.fork_share == ForkShare::with_previous && k.reuse == Reuse::none)
    return "fork shares no anon_vma where it reuses none; use reuse=degree or "
           "children_and_active";
  if (k.anon_refs == AnonRefs::list && k.migrate_pin != MigratePin::rcu) {
    return "migration has no count to take a reference by; use anon_refs=external or counted";
  }
  if (!counted && k.unlink_passes == UnlinkPasses::two) {
    return "unlink_anon_vmas() drops the vmas' reference in its second pass; use "
           "anon_refs=counted";
  }
  if (k.unlink_passes == UnlinkPasses::one &&
      (k.reuse != Reuse::none || k.unlink_pointer == UnlinkPointer::cleared)) {
    return "only an unlink_anon_vmas() of two passes counts users and clears vma->anon_vma; use "
           "unlink_passes=two";
  }
  if (k.lock_scope == LockScope::own && k.clone_lock == CloneLock::per_tree)
    return "anon_vmas without a common lock are locked one by one; use lock_scope=root";
  if (counted && k.lock_scope == LockScope::own)
    return "the count of anon_vmas holds their roots; use lock_scope=root";
  if (k.anon_lock != AnonLock::spinlock &&
      (k.page_lock == PageLock::unchecked || k.page_lock == PageLock::recheck_mapped)) {
    return "a sleeping anon_vma lock cannot be taken inside page_lock_anon_vma()'s RCU section; "
           "use page_lock=get_and_lock, trust_refcount or refcount";
  }
  return {};
}

KernelResult parse_kernel(std::string_view expression) {
  return ExpressionParser(expression).parse();
}

NamedKernel kernel_named(std::string_view expression) {
  KernelResult result = parse_kernel(expression);
  CHECK(result.kernel.has_value());
  return *result.kernel;
}

}  // namespace rmap
