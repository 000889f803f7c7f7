// Clauses about walks, and about the ranges of vmas that they compute from.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "repro/story/clauses.h"
#include "repro/trace/rows.h"

namespace rmap {

std::string Clauses::look(std::size_t i) const {
  const Deed& d = deeds_[i];
  if (d.act == Act::walk) {
    const bool exact = d.site == "rmap_walk/walk";
    return fmt::format("walks for {} of page {}{}", exact ? "the migration entries" : "the entries",
                       d.object.ordinal,
                       d.lock.empty() ? "" : fmt::format(" (holding {})", d.lock));
  }
  if (d.act == Act::pass) {
    const std::string range =
        d.old_range.known ? fmt::format(", which is {} by now", range_words(d.old_range)) : "";
    return fmt::format("computes @{} in vma {}{}, and passes over it",
                       static_cast<int32_t>(d.place), d.vma, range);
  }
  std::string found = "nothing there";
  bool comes = false;
  bool went = false;
  for (std::size_t k = 0; k < deeds_.size(); k++) {
    const Deed& other = deeds_[k];
    const bool arrives = other.act == Act::put || other.act == Act::move;
    const bool leaves = other.act == Act::take || other.act == Act::move;
    if (other.task == d.task || cpu_of_task(r_.program, other.task) == 0) continue;
    comes |= k > i && arrives && other.place == d.place;
    const uint32_t left = other.act == Act::move ? other.from : other.place;
    went |= k < i && leaves && left == d.place;
  }
  if (d.after == 0) found += went ? " any more" : comes ? " yet" : "";
  if (d.after != 0) found = entry_words(d.after);
  const bool locked = d.site.ends_with("/read");
  if (d.site.ends_with("/pmd")) found = "not even a page table there";
  return fmt::format("looks at {} of vma {}{}: {}", place_words(d.place), d.vma,
                     d.site.ends_with("/peek") ? ", without the page-table lock"
                     : locked                  ? ", under the page-table lock"
                                               : "",
                     found);
}

std::string Clauses::words_read(const Deed& d) const {
  std::vector<std::string> words;
  const auto has = [&](FieldId id) {
    return (d.field >> 8 & (uint64_t{1} << id | uint64_t{1} << (id + kGrowsDownVariant))) != 0;
  };
  if (has(kFieldVmStart)) words.push_back(fmt::format("vm_start {}", d.new_range.start));
  if (has(kFieldVmPgoff))
    words.push_back(fmt::format("vm_pgoff {}", static_cast<int32_t>(d.new_range.pgoff)));
  if (has(kFieldVmEnd)) words.push_back(fmt::format("vm_end {}", d.new_range.end));
  return fmt::format("reads {} of vma {}{}", and_list(words), d.vma,
                     d.act == Act::index ? " to compute its new page's index" : "");
}

std::string Clauses::range_change(const Deed& d) const {
  const VmaRange& from = d.old_range;
  const VmaRange& to = d.new_range;
  if (!from.known) return fmt::format("sets vma {} to {}", d.vma, range_words(to));
  std::vector<std::string> words;
  if (from.start != to.start) words.push_back(fmt::format("vm_start to {}", to.start));
  if (from.end != to.end) words.push_back(fmt::format("vm_end to {}", to.end));
  if (from.pgoff != to.pgoff)
    words.push_back(fmt::format("vm_pgoff to {}", static_cast<int32_t>(to.pgoff)));
  if (words.empty()) return "";
  // A vma that is half changed is told word by word.
  const PageNr shift = to.start - from.start;
  const bool consistent = to.pgoff - from.pgoff == shift;
  if (!consistent && to.end > to.start)
    return fmt::format("sets {} of vma {}", and_list(words), d.vma);
  const bool inside = to.start >= from.start && to.end <= from.end;
  const bool around = to.start <= from.start && to.end >= from.end;
  return fmt::format("{} vma {} from {} to {}",
                     inside   ? "shrinks"
                     : around ? "grows"
                              : "moves",
                     d.vma, range_words(from), range_words(to));
}

}  // namespace rmap
