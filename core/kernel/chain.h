// The chain: the releases that are modelled, and what each commit between them changed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace rmap {

// The releases in order, oldest first; the last is the newest.
std::span<const std::string_view> releases();
inline constexpr std::string_view kNewest = "newest";

// One change of one rule by one commit. A commit with several changes has several rows.
struct Change {
  // First release of the chain that has it; empty for a patch that has none.
  std::string_view release;
  std::string_view landed;  // The release in which it appeared; empty where there is none.
  std::string_view commit;
  std::string_view half;  // For a commit that can be taken in halves.
  std::string_view rule;
  std::string_view before;
  std::string_view after;
  std::string_view sentence;
};
std::span<const Change> changes();
// The commit, or half of it, that the row belongs to: "948f017b093a.merge".
std::string name_of(const Change& c);

// One commit makes no sense without another one: its code stands on the other's, or it repairs
// that.
struct Need {
  std::string_view commit;
  std::string_view needs;
};
std::span<const Need> needs();

}  // namespace rmap
