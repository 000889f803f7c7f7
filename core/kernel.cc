// SPDX-License-Identifier: Apache-2.0
#include "core/kernel.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/kernel_names.h"
#include "core/nearest.h"
#include "core/quote.h"
#include "scheduler/check.h"

namespace rmap {
namespace {

const KernelRule* find_rule(std::string_view name) {
  for (const KernelRule& r : kernel_rules()) {
    if (r.name == name) return &r;
  }
  return nullptr;
}

// The number of a rule's value, or -1.
int find_value(const KernelRule& r, std::string_view name) {
  const auto it = std::find(r.values.begin(), r.values.end(), name);
  return it == r.values.end() ? -1 : static_cast<int>(it - r.values.begin());
}

void set_rule(Kernel& k, std::string_view rule_name, std::string_view value) {
  const KernelRule* r = find_rule(rule_name);
  CHECK(r != nullptr);
  const int v = find_value(*r, value);
  CHECK(v >= 0);
  r->set(k, static_cast<uint8_t>(v));
}

bool has_value(const Kernel& k, std::string_view rule_name, std::string_view value) {
  const KernelRule* r = find_rule(rule_name);
  return r != nullptr && r->values[r->get(k)] == value;
}

// Of a release that the chain has.
Kernel release_kernel(std::string_view name) {
  Kernel k;
  for (std::string_view release : releases()) {
    for (const Change& c : changes()) {
      if (c.release == release) set_rule(k, c.rule, c.after);
    }
    if (release == name) break;
  }
  return k;
}

bool names(const Change& c, std::string_view commit) {
  if (c.commit == commit) return true;
  const std::size_t dot = commit.rfind('.');
  return dot != std::string_view::npos && !c.half.empty() && c.commit == commit.substr(0, dot) &&
         c.half == commit.substr(dot + 1);
}

// The commit that changed what `commit` had changed once more, if `k` has it.
std::string_view changed_again_by(const Kernel& k, std::string_view commit) {
  for (const Change& c : changes()) {
    if (!names(c, commit)) continue;
    for (const Change& later : changes()) {
      const bool follows = later.rule == c.rule && later.before == c.after;
      if (follows && has_value(k, later.rule, later.after)) return later.commit;
    }
  }
  return {};
}

// Adds or takes away one commit. Returns what is wrong, or nothing.
std::string apply_commit(Kernel& k, std::string_view commit, bool add) {
  bool changed = false;
  for (const Change& c : changes()) {
    if (!names(c, commit)) continue;
    const bool has_it = has_value(k, c.rule, c.after);
    if (add == has_it) continue;
    set_rule(k, c.rule, add ? c.after : c.before);
    changed = true;
  }
  if (!changed && !add) {
    const std::string_view later = changed_again_by(k, commit);
    if (!later.empty()) {
      return fmt::format(
          "{} changed again what '{}' had changed; take {} away instead, or both, "
          "the later one first",
          later, commit, later);
    }
  }
  if (!changed) {
    return fmt::format("'{}' {} there, so {} it changes nothing; remove it from the expression",
                       commit, add ? "is already" : "is not", add ? "adding" : "taking");
  }
  return {};
}

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
    "import_order",  "copy_link",   "copy_import",    "unlink_pointer"};

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
    if (brace < expression_.size() && wrong_.empty()) rules(expression_.substr(brace));
    if (wrong_.empty()) wrong_ = contradiction(kernel_);
    if (!wrong_.empty())
      return {std::nullopt, fmt::format("kernel '{}': {}", printable(expression_), wrong_)};
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
    kernel_ = release_kernel(found.name);
    name_ = std::move(found.name);
  }

  void commit(std::string_view text, bool add) {
    KernelName found = commit_named(text);
    wrong_ = std::move(found.wrong);
    if (wrong_.empty()) wrong_ = repeated(found.name, add);
    if (wrong_.empty()) wrong_ = apply_commit(kernel_, found.name, add);
    name_ += (add ? "+" : "-") + found.name;
    commits_.emplace_back(std::move(found.name), add);
  }

  std::string repeated(std::string_view commit, bool add) const {
    for (const auto& [name, added] : commits_) {
      if (name != commit) continue;
      return added == add
                 ? fmt::format("'{}' is given twice; leave one out", commit)
                 : fmt::format("'{}' is both added and taken away; leave out both", commit);
    }
    return {};
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
  Kernel kernel_;
  std::string name_;  // As the chain spells it.
  std::vector<std::pair<std::string, bool>> commits_;
  std::vector<std::string_view> rules_;
  std::string wrong_;
};

}  // namespace

std::string contradiction(const Kernel& k) {
  if (k.anon_topology == AnonTopology::single) {
    for (std::string_view name : kChainRules) {
      const KernelRule& r = *find_rule(name);
      if (r.get(k) == 0) continue;
      return fmt::format("{}={} is about chains of anon_vmas; add 5beb49305251, which brings them",
                         name, r.values[r.get(k)]);
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
           "add 01d8b20dec5f, which brings it";
  }
  if (k.fork_share == ForkShare::with_previous && k.reuse == Reuse::none)
    return "fork shares no anon_vma where it reuses none; add 7a3ef208e662";
  if (k.anon_refs == AnonRefs::list && k.migrate_pin != MigratePin::rcu) {
    return "migration has no count to take a reference by; use anon_refs=external or counted";
  }
  if (!counted && k.unlink_passes == UnlinkPasses::two) {
    return "unlink_anon_vmas() drops the vmas' reference in its second pass; add 01d8b20dec5f, "
           "which brings it";
  }
  if (k.unlink_passes == UnlinkPasses::one &&
      (k.reuse != Reuse::none || k.unlink_pointer == UnlinkPointer::cleared)) {
    return "only an unlink_anon_vmas() of two passes counts users and clears vma->anon_vma; add "
           "eee2acbae956, which brings it";
  }
  if (k.lock_scope == LockScope::own && k.clone_lock == CloneLock::per_tree)
    return "anon_vmas without a common lock are locked one by one; add 012f18004da3";
  if (counted && k.lock_scope == LockScope::own)
    return "the count of anon_vmas holds their roots; add 012f18004da3, which brings them";
  if (k.anon_lock != AnonLock::spinlock &&
      (k.page_lock == PageLock::unchecked || k.page_lock == PageLock::recheck_mapped)) {
    return "a sleeping anon_vma lock cannot be taken inside page_lock_anon_vma()'s RCU section; "
           "add 746b18d421da";
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
