// Clauses about lists: of an anon_vma's vmas, and of an mm's.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "repro/story/clauses.h"

namespace rmap {
namespace {

// "vma 0 and vma 1", each once.
std::string names_of(std::string_view what, const std::vector<Deed::Member>& members,
                     uint32_t Deed::Member::*number) {
  std::vector<std::string> names;
  for (const Deed::Member& m : members) {
    std::string name = fmt::format("{}{}", what, m.*number);
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return and_list(names);
}

}  // namespace

std::string Clauses::list_change(const Deed& d) const {
  const std::string vmas = names_of("vma ", d.members, &Deed::Member::vma);
  const std::string mm = names_of("mm", d.members, &Deed::Member::of);
  if (d.act == Act::insert) return fmt::format("inserts {} into {}", vmas, mm);
  if (d.act == Act::remove) return fmt::format("removes {} from {}", vmas, mm);
  const std::string anon_vmas = names_of("anon_vma ", d.members, &Deed::Member::of);
  const bool says_lock = !d.lock.empty() && d.lock != anon_vmas;
  const std::string lock = says_lock ? fmt::format(" (holding {})", d.lock) : "";
  if (d.act == Act::detach) return fmt::format("takes {} out of the tree of {}", vmas, anon_vmas);
  if (d.act == Act::attach) return fmt::format("puts {} back into the tree of {}", vmas, anon_vmas);
  if (d.act == Act::unlink) return fmt::format("unlinks {} from {}{}", vmas, anon_vmas, lock);
  if (d.act == Act::requeue)
    return fmt::format("moves {} to the end of {}{}", vmas, anon_vmas, lock);
  const bool forks = d.op >= 0 && r_.program.ops[static_cast<uint32_t>(d.op)].kind == OpKind::fork;
  return fmt::format("links {}{} to {}{}", forks ? "the child's " : "", vmas, anon_vmas, lock);
}

}  // namespace rmap
