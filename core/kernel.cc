// SPDX-License-Identifier: Apache-2.0
#include "core/kernel.h"

#include <fmt/format.h>

#include <algorithm>

#include "scheduler/check.h"

namespace rmap {
namespace {

constexpr std::string_view kReleases[] = {"v3.0", "v3.1", "v3.3", kNewest};

// v3.0 is a default Kernel; every other release is its predecessor plus these. Where a row gives
// the same rule as an earlier one of its release, the later commit of the series decides.
constexpr Change kChanges[] = {
    {"v3.1", "486cf46f3f9b", "", "migration_peek", "unlocked", "locked",
     "remove_migration_pte() takes the page-table lock before it looks at the pte"},
    {"v3.3", "948f017b093a", "merge", "merge_order", "as_found", "move_to_tail",
     "copy_vma() moves a destination that it merged behind the source in the anon_vma lists"},
    {"v3.3", "948f017b093a", "rollback", "rollback_order", "as_found", "move_to_tail",
     "move_vma() moves the source behind the destination before it moves entries back"},
    {"v3.7", "108d6642ad81", "", "merge_order", "move_to_tail", "as_found",
     "anon_vma_moveto_tail() goes away: move_ptes() takes the anon_vma lock instead"},
    {"v3.7", "108d6642ad81", "", "rollback_order", "move_to_tail", "as_found", ""},
    {"v3.7", "108d6642ad81", "", "move_locks", "none", "always", ""},
    {"v3.7", "bf181b9f9d8d", "", "rmap_index", "list", "interval_tree",
     "an anon_vma keeps its vmas in an interval tree, sorted by pgoff; vma_adjust() always locks "
     "it"},
    {"v3.7", "bf181b9f9d8d", "", "adjust_lock", "start_or_import", "always", ""},
    {"v3.7", "523d4e2008fd", "", "copy_link", "clone_then_range", "range_then_clone",
     "copy_vma() sets the new vma's position before it links it into the anon_vmas"},
    {"v3.7", "38a76013ad80", "", "move_locks", "always", "if_needed",
     "move_ptes() takes the anon_vma lock only where a walk would visit the destination first"},
    {"", "hugh-anon-vma-lock", "", "move_locks", "none", "always",
     "move_ptes() takes the anon_vma lock (Hugh Dickins, October 2011; never merged)"},
};

// One rule: its name, the names of its values, and how to read and set it in a Kernel.
struct Rule {
  std::string_view name;
  std::span<const std::string_view> values;
  uint8_t (*get)(const Kernel&);
  void (*set)(Kernel&, uint8_t);
};

template <auto Member>
constexpr Rule rule(std::string_view name, std::span<const std::string_view> values) {
  using Value = std::remove_reference_t<decltype(std::declval<Kernel&>().*Member)>;
  return {name, values, [](const Kernel& k) { return static_cast<uint8_t>(k.*Member); },
          [](Kernel& k, uint8_t v) { k.*Member = static_cast<Value>(v); }};
}

constexpr std::string_view kPeek[] = {"unlocked", "locked"};
constexpr std::string_view kOrder[] = {"as_found", "move_to_tail"};
constexpr std::string_view kLocks[] = {"none", "if_needed", "always"};
constexpr std::string_view kIndex[] = {"list", "interval_tree"};
constexpr std::string_view kAdjust[] = {"start_or_import", "always"};
constexpr std::string_view kLink[] = {"clone_then_range", "range_then_clone"};

constexpr Rule kRules[] = {
    rule<&Kernel::migration_peek>("migration_peek", kPeek),
    rule<&Kernel::merge_order>("merge_order", kOrder),
    rule<&Kernel::rollback_order>("rollback_order", kOrder),
    rule<&Kernel::move_locks>("move_locks", kLocks),
    rule<&Kernel::rmap_index>("rmap_index", kIndex),
    rule<&Kernel::adjust_lock>("adjust_lock", kAdjust),
    rule<&Kernel::copy_link>("copy_link", kLink),
};

const Rule* find_rule(std::string_view name) {
  for (const Rule& r : kRules) {
    if (r.name == name) return &r;
  }
  return nullptr;
}

// The number of a rule's value, or -1.
int find_value(const Rule& r, std::string_view name) {
  const auto it = std::find(r.values.begin(), r.values.end(), name);
  return it == r.values.end() ? -1 : static_cast<int>(it - r.values.begin());
}

std::string join(std::span<const std::string_view> words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

void set_rule(Kernel& k, std::string_view rule_name, std::string_view value) {
  const Rule* r = find_rule(rule_name);
  CHECK(r != nullptr);
  const int v = find_value(*r, value);
  CHECK(v >= 0);
  r->set(k, static_cast<uint8_t>(v));
}

bool has_value(const Kernel& k, std::string_view rule_name, std::string_view value) {
  const Rule* r = find_rule(rule_name);
  return r != nullptr && r->values[r->get(k)] == value;
}

std::optional<Kernel> release_kernel(std::string_view name) {
  Kernel k;
  for (std::string_view release : kReleases) {
    for (const Change& c : kChanges) {
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
  for (const Change& c : kChanges) {
    if (commits.empty() || commits.back() != c.commit) commits.push_back(c.commit);
  }
  return join(commits);
}

// Adds or takes away one commit. Returns what is wrong, or nothing.
std::string apply_commit(Kernel& k, std::string_view commit, bool add) {
  bool known = false;
  bool changed = false;
  for (const Change& c : kChanges) {
    if (!names(c, commit)) continue;
    known = true;
    const bool has_it = has_value(k, c.rule, c.after);
    if (add == has_it) continue;
    set_rule(k, c.rule, add ? c.after : c.before);
    changed = true;
  }
  if (!known) return fmt::format("no commit is called '{}'; known: {}", commit, all_commits());
  if (!changed) {
    return fmt::format("'{}' {} there, so {} it changes nothing; remove it from the expression",
                       commit, add ? "is already" : "is not", add ? "adding" : "taking");
  }
  return {};
}

std::string apply_rule(Kernel& k, std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  const std::string_view name = assignment.substr(0, equals);
  const Rule* r = find_rule(name);
  if (r == nullptr) {
    std::vector<std::string_view> known;
    for (const Rule& each : kRules) known.push_back(each.name);
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

// Combinations of rules that no code could be written for.
std::string contradiction(const Kernel& k) {
  const bool tree = k.rmap_index == RmapIndex::interval_tree;
  if (tree && (k.merge_order == MergeOrder::move_to_tail ||
               k.rollback_order == RollbackOrder::move_to_tail)) {
    return "an interval tree is sorted by pgoff, so nothing can be moved to its tail; "
           "use move_locks instead of move_to_tail";
  }
  if (!tree && k.move_locks == MoveLocks::if_needed) {
    return "move_locks=if_needed compares pgoffs, which says nothing about the order of a list; "
           "use always, or rmap_index=interval_tree";
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
  if (base == "newest") base = kNewest;
  std::optional<Kernel> k = release_kernel(base);
  if (!k) {
    return error(expression, fmt::format("no release is called '{}'; known: {}, newest", base,
                                         join(kReleases)));
  }
  for (std::size_t at = end_of_release; at < head.size();) {
    const std::size_t next = std::min(head.find_first_of("+-", at + 1), head.size());
    // A commit's name may itself contain a dash (hugh-anon-vma-lock): take the longest name that is
    // known.
    std::size_t end = next;
    for (const Change& c : kChanges) {
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
  return {NamedKernel{std::string(expression == "newest" ? kNewest : expression), *k}, {}};
}

NamedKernel kernel_named(std::string_view expression) {
  KernelResult result = parse_kernel(expression);
  CHECK(result.kernel.has_value());
  return *result.kernel;
}

std::span<const std::string_view> releases() { return kReleases; }
std::span<const Change> changes() { return kChanges; }

std::vector<std::string> describe(const Kernel& kernel) {
  std::vector<std::string> lines;
  for (const Rule& r : kRules)
    lines.push_back(fmt::format("{}={}", r.name, r.values[r.get(kernel)]));
  return lines;
}

}  // namespace rmap
