// SPDX-License-Identifier: Apache-2.0
#include "core/kernel/commit_set.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/kernel/chain.h"
#include "scheduler/check.h"

namespace rmap {
namespace {

// "948f017b093a.merge" names one row, "948f017b093a" both.
bool names(const Change& c, std::string_view commit) {
  return c.commit == commit || (!c.half.empty() && name_of(c) == commit);
}

std::string_view value_of(const Kernel& k, std::string_view rule) {
  const KernelRule& r = *find_rule(rule);
  return r.values[r.get(k)];
}

void apply(Kernel& k, const Change& c) {
  const KernelRule& r = *find_rule(c.rule);
  const int value = find_value(r, c.after);
  CHECK(value >= 0);
  r.set(k, static_cast<uint8_t>(value));
}

std::string join(const std::vector<std::string>& commits) {
  return fmt::format("{}", fmt::join(commits, ", "));
}

}  // namespace

CommitSet::CommitSet(std::string_view release) : release_(release) {
  const auto end = std::find(releases().begin(), releases().end(), release) + 1;
  for (const Change& c : changes())
    released_.push_back(std::find(releases().begin(), end, c.release) != end);
  there_ = released_;
}

std::string CommitSet::change(std::string_view commit, bool add) {
  for (const auto& [name, added] : terms_) {
    if (name != commit) continue;
    return added == add ? fmt::format("'{}' is given twice; leave one out", commit)
                        : fmt::format("'{}' is both added and taken away; leave out both", commit);
  }
  const std::vector<bool> before = there_;
  set_all_of(commit, add);
  if (there_ == before) {
    return fmt::format("'{}' {} there, so {} it changes nothing; remove it from the expression",
                       commit, add ? "is already" : "is not", add ? "adding" : "taking");
  }
  terms_.emplace_back(commit, add);
  return {};
}

Kernel CommitSet::kernel() const {
  Kernel k;
  for (Row row = 0; row < there_.size(); row++) {
    if (there_[row]) apply(k, changes()[row]);
  }
  return k;
}

std::string CommitSet::wrong() const {
  if (terms_.empty()) return {};  // Releases are whole.
  const std::optional<Lack> lack = first_lack();
  if (!lack) {
    for (const auto& [commit, added] : terms_) {
      if (std::string text = useless(commit, added); !text.empty()) return text;
    }
    return {};
  }
  const Change& c = changes()[lack->row];
  if (lack->needs.empty()) {
    return fmt::format("'{}' changes {}={}, which {} has changed already; leave one of them out",
                       c.commit, c.rule, c.before, changes()[lack->later].commit);
  }
  const CommitSet whole = mended();
  const std::vector<std::string> others = difference(whole);
  const std::string_view them = others.size() == 1 ? "it" : "them";
  if (CommitSet(release_).has_all_of(lack->needs)) {
    return fmt::format("'{}' is needed by {}; take {} away, too: {}", lack->needs, join(others),
                       them, whole.expression());
  }
  return fmt::format("'{}' needs {}, which {} has not; add {}: {}", c.commit, join(others),
                     release_, them, whole.expression());
}

std::string CommitSet::whole() const {
  const std::optional<Lack> lack = first_lack();
  return lack && !lack->needs.empty() ? mended().expression() : std::string();
}

// --- What goes together --------------------------------------------------------------------------
bool CommitSet::has_all_of(std::string_view commit) const {
  for (Row row = 0; row < there_.size(); row++) {
    if (names(changes()[row], commit) && !there_[row]) return false;
  }
  return true;
}

void CommitSet::set_all_of(std::string_view commit, bool there) {
  for (Row row = 0; row < there_.size(); row++) {
    if (names(changes()[row], commit)) there_[row] = there;
  }
}

std::optional<CommitSet::Lack> CommitSet::first_lack() const {
  Kernel k;
  for (Row row = 0; row < there_.size(); row++) {
    if (!there_[row]) continue;
    if (std::optional<Lack> lack = lack_of(row, k)) return lack;
    apply(k, changes()[row]);
  }
  return std::nullopt;
}

std::optional<CommitSet::Lack> CommitSet::lack_of(Row row, const Kernel& before) const {
  const Change& c = changes()[row];
  for (const Need& need : needs()) {
    if (need.commit == c.commit && !has_all_of(need.needs)) return Lack{row, need.needs, row};
  }
  const std::string_view value = value_of(before, c.rule);
  if (value == c.before || value == c.after) return std::nullopt;
  Lack lack{row, {}, row};
  for (Row earlier = 0; earlier < row; earlier++) {
    const Change& e = changes()[earlier];
    if (e.rule != c.rule) continue;
    if (there_[earlier]) lack.later = earlier;
    if (e.after == c.before) lack.needs = e.commit;
  }
  return lack;
}

// The kernel is the same without this term. To add a commit that a later one undoes is to go the
// way of the chain, though.
std::string CommitSet::useless(std::string_view commit, bool added) const {
  CommitSet without = *this;
  without.set_all_of(commit, !added);
  if (without.first_lack() || without.kernel() != kernel()) return {};
  const std::string_view again = changed_again(commit);
  if (again.empty())
    return fmt::format("'{}' changes nothing there; remove it from the expression", commit);
  if (added) return {};
  return fmt::format("{} changed again what '{}' had changed; take {} away instead, or both", again,
                     commit, again);
}

std::string_view CommitSet::changed_again(std::string_view commit) const {
  std::string_view again;
  for (Row row = 0; row < there_.size(); row++) {
    if (!names(changes()[row], commit)) continue;
    for (Row later = row + 1; later < there_.size(); later++) {
      if (there_[later] && changes()[later].rule == changes()[row].rule)
        again = changes()[later].commit;
    }
  }
  return again;
}

// What was taken away stays away, and takes what needs it along. Each round finds one more commit
// that cannot be there, so this ends.
CommitSet CommitSet::mended() const {
  CommitSet gone = *this;  // Has what must not come back.
  for (Row row = 0; row < there_.size(); row++) gone.there_[row] = released_[row] && !there_[row];
  while (true) {
    CommitSet whole = *this;
    for (Row row = 0; row < there_.size(); row++)
      whole.there_[row] = there_[row] && !gone.there_[row];
    std::optional<Lack> lack = whole.first_lack();
    while (lack && !lack->needs.empty() && !gone.has_all_of(lack->needs)) {
      whole.set_all_of(lack->needs, true);
      lack = whole.first_lack();
    }
    if (!lack) return whole;
    gone.set_all_of(changes()[lack->row].commit, true);
  }
}

// --- In words ------------------------------------------------------------------------------------
std::vector<std::string> CommitSet::difference(const CommitSet& other) const {
  std::vector<std::string> commits;
  for (Row row = 0; row < there_.size(); row++) {
    if (there_[row] == other.there_[row]) continue;
    std::string commit = name_of(changes()[row]);
    if (commits.empty() || commits.back() != commit) commits.push_back(std::move(commit));
  }
  return commits;
}

// What is added in the order of the chain, and what is taken away in the reverse of it.
std::string CommitSet::expression() const {
  std::string added;
  std::string taken;
  for (const std::string& commit : difference(CommitSet(release_))) {
    has_all_of(commit) ? added += "+" + commit : taken.insert(0, "-" + commit);
  }
  return std::string(release_) + added + taken;
}

}  // namespace rmap
