// CommitSet: the commits that a kernel has, the rules that they make, and whether they go together.
//
// An expression may name commits in any order; they are applied in the order of the chain, as they
// landed. A commit needs another one if it changes a value that the other made, or if
// chain.cc says so. Half a series is not a kernel that anybody ran, so it is refused, with
// the expression that would be whole. For parse_kernel() alone.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/kernel/kernel.h"

namespace rmap {

class CommitSet {
 public:
  // Those of a release of the chain.
  explicit CommitSet(std::string_view release);

  // Adds or takes away a commit or half of one. Returns what is wrong, or nothing.
  std::string change(std::string_view commit, bool add);
  // What is wrong with the whole, and what would be right; nothing if nothing is.
  std::string wrong() const;
  // The expression that has what is needed, and not what needs something that was taken away;
  // nothing if nothing is lacking.
  std::string whole() const;
  // The release plus and minus its commits. Requires: nothing is wrong.
  Kernel kernel() const;

 private:
  using Row = std::size_t;  // Of changes().

  // A commit that cannot be there as things are.
  struct Lack {
    Row row;
    std::string_view needs;  // Empty if it is too late: another commit has changed the rule.
    Row later;               // Then that one's.
  };

  bool has_all_of(std::string_view commit) const;
  void set_all_of(std::string_view commit, bool there);
  std::optional<Lack> first_lack() const;
  std::optional<Lack> lack_of(Row row, const Kernel& before) const;
  // The commit that changed again what `commit` had changed; nothing if none did.
  std::string_view changed_again(std::string_view commit) const;
  std::string useless(std::string_view commit, bool added) const;
  // The commits of whole().
  CommitSet mended() const;
  // The commits that differ from `other`, in the order of the chain.
  std::vector<std::string> difference(const CommitSet& other) const;
  std::string expression() const;

  std::string_view release_;
  std::vector<bool> released_;  // By row: the release has it.
  std::vector<bool> there_;     // By row: this set has it.
  std::vector<std::pair<std::string, bool>> terms_;
};

}  // namespace rmap
