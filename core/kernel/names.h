// The names in kernel expressions, as people paste them: "linux-3.1" and "3.1.0" are v3.1, and a
// commit is known by its whole id or by its first digits. For parse_kernel() alone.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace rmap {

// The name as the chain spells it, or what is wrong with it.
struct KernelName {
  std::string name;
  std::string wrong;
};

// How much of `text` is the release that it begins with, or may be meant as one.
std::size_t release_length(std::string_view text);
// What is wrong says where a release that the chain has not got lies in it.
KernelName release_named(std::string_view text);

// The same for a commit, or half of one: "948f017b093a.merge".
std::size_t commit_length(std::string_view text);
KernelName commit_named(std::string_view text);

}  // namespace rmap
