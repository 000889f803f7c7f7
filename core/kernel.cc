// SPDX-License-Identifier: Apache-2.0
#include "core/kernel.h"

#include <fmt/format.h>

#include <algorithm>

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

std::string join(std::span<const std::string_view> words) {
  return fmt::format("{}", fmt::join(words, ", "));
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

std::optional<Kernel> release_kernel(std::string_view name) {
  Kernel k;
  for (std::string_view release : releases()) {
    for (const Change& c : changes()) {
      if (c.release == release) set_rule(k, c.rule, c.after);
    }
    if (release == name) return k;
  }
  return std::nullopt;
}

bool names(const Change& c, std::string_view commit) {
  if (c.commit == commit) return true;
  const std::size_t dot = commit.rfind('.');
  return dot != std::string_view::npos && !c.half.empty() && c.commit == commit.substr(0, dot) &&
         c.half == commit.substr(dot + 1);
}

std::string all_commits() {
  std::vector<std::string_view> commits;
  for (const Change& c : changes()) {
    if (commits.empty() || commits.back() != c.commit) commits.push_back(c.commit);
  }
  return join(commits);
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
  bool known = false;
  bool changed = false;
  for (const Change& c : changes()) {
    if (!names(c, commit)) continue;
    known = true;
    const bool has_it = has_value(k, c.rule, c.after);
    if (add == has_it) continue;
    set_rule(k, c.rule, add ? c.after : c.before);
    changed = true;
  }
  if (!known) return fmt::format("no commit is called '{}'; known: {}", commit, all_commits());
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
  const std::size_t equals = assignment.find('=');
  const std::string_view name = assignment.substr(0, equals);
  const KernelRule* r = find_rule(name);
  if (r == nullptr) {
    std::vector<std::string_view> known;
    for (const KernelRule& each : kernel_rules()) known.push_back(each.name);
    return fmt::format("no rule is called '{}'; known: {}", name, join(known));
  }
  const std::string_view value =
      equals == std::string_view::npos ? "" : assignment.substr(equals + 1);
  const int v = find_value(*r, value);
  if (v < 0)
    return fmt::format("rule {} has no value '{}'; it can be: {}", name, value, join(r->values));
  r->set(k, static_cast<uint8_t>(v));
  return {};
}

// Rules about chains, which a kernel with one anon_vma per vma has not got.
constexpr std::string_view kChainRules[] = {
    "lock_scope",  "rmap_index",   "prepare_insert", "prepare_share", "chain_lock",
    "clone_order", "clone_unwind", "fork_unwind",    "reuse",         "fork_share",
    "anon_refs",   "page_lock",    "merge_anon",     "import_source", "import_order",
    "copy_link",   "copy_import",  "unlink_pointer"};

// Combinations of rules that no code could be written for.
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
                   k.migrate_pin == MigratePin::get)) {
    return "page_lock_anon_vma() and page_get_anon_vma() pin by the anon_vma's count; "
           "add 01d8b20dec5f, which brings it";
  }
  if (k.fork_share == ForkShare::with_previous && k.reuse == Reuse::none)
    return "fork shares no anon_vma where it reuses none; add 7a3ef208e662";
  if (k.anon_refs == AnonRefs::list && k.migrate_pin != MigratePin::rcu &&
      k.migrate_pin != MigratePin::rcu_if_mapped) {
    return "migration has no count to take a reference by; use anon_refs=external or counted";
  }
  if (counted && k.lock_scope == LockScope::own)
    return "the count of anon_vmas holds their roots; add 012f18004da3, which brings them";
  if (k.anon_lock != AnonLock::spinlock &&
      (k.page_lock == PageLock::unchecked || k.page_lock == PageLock::recheck_mapped)) {
    return "a sleeping anon_vma lock cannot be taken inside page_lock_anon_vma()'s RCU section; "
           "add 746b18d421da";
  }
  return {};
}

KernelResult error(std::string_view expression, std::string_view what) {
  return {std::nullopt, fmt::format("kernel '{}': {}", expression, what)};
}

}  // namespace

KernelResult parse_kernel(std::string_view expression) {
  const std::size_t brace = expression.find('{');
  const std::string_view head = expression.substr(0, brace);
  const std::size_t end_of_release = head.find_first_of("+-");
  std::string_view base = head.substr(0, end_of_release);
  std::optional<Kernel> k = release_kernel(base);
  if (!k) {
    return error(expression,
                 fmt::format("no release is called '{}'; known: {}", base, join(releases())));
  }
  for (std::size_t at = end_of_release; at < head.size();) {
    const std::size_t next = std::min(head.find_first_of("+-", at + 1), head.size());
    // A commit's name may itself contain a dash (hugh-anon-vma-lock): take the longest name that is
    // known.
    std::size_t end = next;
    for (const Change& c : changes()) {
      if (head.substr(at + 1).starts_with(c.commit)) end = std::max(end, at + 1 + c.commit.size());
    }
    if (end < head.size() && head[end] == '.')
      end = std::min(head.find_first_of("+-", end), head.size());
    const std::string wrong = apply_commit(*k, head.substr(at + 1, end - at - 1), head[at] == '+');
    if (!wrong.empty()) return error(expression, wrong);
    at = end;
  }
  if (brace != std::string_view::npos) {
    if (expression.back() != '}')
      return error(expression, "'{' is not closed; write {rule=value,...}");
    std::string_view rules = expression.substr(brace + 1, expression.size() - brace - 2);
    while (!rules.empty()) {
      const std::size_t comma = std::min(rules.find(','), rules.size());
      const std::string wrong = apply_rule(*k, rules.substr(0, comma));
      if (!wrong.empty()) return error(expression, wrong);
      rules.remove_prefix(std::min(comma + 1, rules.size()));
    }
  }
  const std::string wrong = contradiction(*k);
  if (!wrong.empty()) return error(expression, wrong);
  return {NamedKernel{std::string(expression), *k}, {}};
}

NamedKernel kernel_named(std::string_view expression) {
  KernelResult result = parse_kernel(expression);
  CHECK(result.kernel.has_value());
  return *result.kernel;
}

}  // namespace rmap
