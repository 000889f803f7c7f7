// Which vmas become one. mm/mmap.c, since 6.15 mm/vma.c.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/world.h"

namespace rmap {

// A range that wants to be mapped, or to be mapped differently, as vma_merge() judges it.
struct MergeRequest {
  PageNr start = 0, end = 0, pgoff = 0;
  bool can_write = false;
  bool grows_down = false;
  bool accounted = false;
  AnonVmaRef anon_vma;
  const Vma* existing = nullptr;  // The vma that the range is part of already (mprotect).
  Vma* moves_from = nullptr;      // The vma that the range is to be copied from (mremap).
  bool may_merge_with_source = true;
  bool no_memory = false;  // Says vma_merge(): it would have, but an allocation failed.
};
// One for pages that are to look like those of `v`.
inline MergeRequest request_like(const Vma& v, PageNr start, PageNr end, PageNr pgoff) {
  return {.start = start,
          .end = end,
          .pgoff = pgoff,
          .can_write = v.can_write,
          .grows_down = v.grows_down,
          .accounted = v.accounted,
          .anon_vma = v.anon_ref()};
}
// Tries to let a neighbour cover the range. Returns the vma that does so now, or null. `prev` is
// the vma before the range, or the one that holds its beginning.
Vma* vma_merge(World& w, Mm& mm, Vma* prev, MergeRequest& r);

// A fresh anonymous vma on free ground, or its neighbours grown over it. 0 or -ENOMEM.
int map_anonymous(World& w, Mm& mm, PageNr start, PageNr len, bool can_write, bool grows_down,
                  Site site);

}  // namespace rmap
