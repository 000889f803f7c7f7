// SPDX-License-Identifier: Apache-2.0
#include "core/mm/vma/merge.h"

#include "core/mm/rmap/anon_vma_chain.h"
#include "core/mm/vma/adjust.h"
#include "core/mm/vma/vma.h"

namespace rmap {
namespace {

// is_mergeable_anon_vma(): whether pages of `a` and pages of `vma`, the neighbour, can be in one
// vma. With no neighbour given, `a` and `b` are those of two neighbours that would become one.
bool is_mergeable_anon_vma(const World& w, AnonVmaRef a, AnonVmaRef b, const Vma* vma,
                           const Vma* source) {
  const bool one_is_none = !a.valid() || !b.valid();
  switch (w.kernel.merge_anon) {
    case MergeAnon::equal_or_none:
      if (one_is_none) return true;
      break;
    case MergeAnon::singular_if_none:
      if (one_is_none && (vma == nullptr || chain_is_singular(*vma))) return true;
      break;
    case MergeAnon::unfaulted_too: {
      if (!one_is_none || vma == nullptr) break;
      const Vma* faulted = a.valid() ? source : vma;
      if (faulted == nullptr || !faulted->anon().valid() || chain_is_singular(*faulted))
        return true;
      break;
    }
  }
  return a.id == b.id || (vma == nullptr && one_is_none);
}

bool is_mergeable_vma(const Vma& v, const MergeRequest& r) {
  return v.can_write == r.can_write && v.grows_down == r.grows_down && v.accounted == r.accounted;
}

// The vma whose pages are to be merged, where is_mergeable_anon_vma() knows it.
const Vma* merge_source(const World& w, const MergeRequest& r) {
  switch (w.kernel.copy_fork) {
    case CopyFork::merges: return r.existing;
    case CopyFork::refused: break;
  }
  return r.existing != nullptr ? r.existing : r.moves_from;
}

bool can_vma_merge_after(World& w, const Vma& prev, const MergeRequest& r) {
  return is_mergeable_vma(prev, r) &&
         is_mergeable_anon_vma(w, r.anon_vma, prev.anon_ref(), &prev, merge_source(w, r)) &&
         pgoff_of(w, prev) + vma_pages(prev) == r.pgoff;
}

bool can_vma_merge_before(World& w, const Vma& next, const MergeRequest& r) {
  return is_mergeable_vma(next, r) &&
         is_mergeable_anon_vma(w, r.anon_vma, next.anon_ref(), &next, merge_source(w, r)) &&
         pgoff_of(w, next) == r.pgoff + (r.end - r.start);
}

// The vma that covers the range then, or null.
Vma* merge_into(World& w, Vma& target, PageNr start, PageNr end, PageNr pgoff, MergeRequest& r) {
  r.no_memory = adjust_for_merge(w, target, start, end, pgoff, nullptr, r) != kOk;
  return r.no_memory ? nullptr : &target;
}

// Cases 3 and 8. `area` is the next vma itself, or the one in the middle.
Vma* merge_before(World& w, Vma& area, Vma& next, MergeRequest& r) {
  const PageNr pgoff = pgoff_of(w, next) - (r.end - r.start);
  if (&area != &next) {
    switch (w.kernel.merge_right) {
      case MergeRight::middle_stays: break;
      case MergeRight::next_stays: {
        const Adjustment a = plan_grow_down(w, area, r.start, pgoff);
        r.no_memory = import_and_adjust(w, a, true, r) != kOk;
        return r.no_memory ? nullptr : &next;
      }
    }
  } else if (r.moves_from != nullptr && keeps_pgoff(w.kernel.grow_down_pgoff)) {
    return merge_into(w, area, r.start, end_of(w, next), pgoff_of(w, next), r);
  }
  return merge_into(w, area, r.start, end_of(w, next), pgoff, r);
}

bool is_kept_source(const MergeRequest& r, const Vma* v) {
  return !r.may_merge_with_source && v != nullptr && v == r.moves_from;
}

}  // namespace

// The cases are numbered as in the comment above vma_merge() in mm/mmap.c: 1 to 3 fill a hole, 4 to
// 8 change a range that is mapped already.
//
// Simplified: the rewrites of 6.10 to 6.16 are modelled by what they do to the vmas, which is the
// same.
Vma* vma_merge(World& w, Mm& mm, Vma* prev, MergeRequest& r) {
  const uint32_t after_prev = prev != nullptr ? position_of(w, mm, *prev) + 1 : 0;
  Vma* area = after_prev < mm.vmas.size() ? &w.vma(mm.vmas[after_prev]) : nullptr;
  Vma* next = area;
  if (next != nullptr && end_of(w, *next) == r.end) next = next_vma(w, *next);  // Cases 6, 7, 8.
  const bool before_next = next != nullptr && start_of(w, *next) == r.end &&
                           !is_kept_source(r, next) && can_vma_merge_before(w, *next, r);

  if (prev != nullptr && end_of(w, *prev) == r.start && !is_kept_source(r, prev) &&
      can_vma_merge_after(w, *prev, r)) {
    const PageNr prev_start = start_of(w, *prev);
    const PageNr prev_pgoff = pgoff_of(w, *prev);
    const bool joins_next =
        before_next &&
        is_mergeable_anon_vma(w, prev->anon_ref(), next->anon_ref(), nullptr, nullptr);
    cover(w, joins_next ? "vma_merge/both"_site : "vma_merge/after_prev"_site);
    const PageNr end = joins_next ? end_of(w, *next) : r.end;  // Cases 1, 6; or 2, 5, 7.
    return merge_into(w, *prev, prev_start, end, prev_pgoff, r);
  }
  if (!before_next) return nullptr;
  if (prev != nullptr && r.start < end_of(w, *prev)) {
    cover(w, "vma_merge/shift_down"_site);  // Case 4.
    const PageNr prev_start = start_of(w, *prev);
    const PageNr prev_pgoff = pgoff_of(w, *prev);
    r.no_memory = vma_adjust(w, *prev, prev_start, r.start, prev_pgoff, nullptr) != kOk;
    return r.no_memory ? nullptr : next;
  }
  cover(w, "vma_merge/before_next"_site);  // Cases 3, 8.
  return merge_before(w, *area, *next, r);
}

int map_anonymous(World& w, Mm& mm, PageNr start, PageNr len, bool can_write, bool grows_down,
                  Site site) {
  const uint32_t at = find_vma_position(w, mm, start);
  Vma* prev = at > 0 ? &w.vma(mm.vmas[at - 1]) : nullptr;
  MergeRequest r{.start = start,
                 .end = start + len,
                 .pgoff = start,
                 .can_write = can_write,
                 .grows_down = grows_down,
                 .accounted = can_write};
  if (vma_merge(w, mm, prev, r) != nullptr) return kOk;
  Vma* vma = vma_alloc(w, site);
  if (vma == nullptr) return kEnomem;
  vma->mm = w.id(mm);
  vma->can_write = can_write;
  vma->grows_down = grows_down;
  vma->accounted = can_write;
  vma->vm_start.init(start);
  vma->vm_end.init(start + len);
  vma->vm_pgoff.init(start);  // A private anonymous vma's pgoff is its address.
  w.oracle.ranges.changed(*vma);
  insert_vm_struct(w, mm, *vma, "vma_link/insert"_site);
  return kOk;
}

}  // namespace rmap
