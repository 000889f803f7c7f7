// Virtual memory areas: look-up, linking, merging, adjusting and splitting. mm/mmap.c.
//
// Property: at any moment when nobody holds mmap_sem for write, the vmas of an mm are sorted and
// disjoint, and for each page that a vma maps, vm_start + (page->index - vm_pgoff) is its address.
// All functions require mmap_sem; those that change something require it for write.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/world.h"

namespace rmap {

// The first vma that ends above `address`, or null. Its position in the mm's list, or the list's
// size.
Vma* find_vma(World& w, Mm& mm, PageNr address);
uint32_t find_vma_position(World& w, Mm& mm, PageNr address);
Vma* next_vma(World& w, const Vma& vma);
Vma* prev_vma(World& w, const Vma& vma);

// A vma in nobody's reach, or null when the allocation fails.
Vma* vma_alloc(World& w, Site site);
// The same as a copy of `vma`, linked to no anon_vma yet.
Vma* vma_dup(World& w, const Vma& vma, Site site);
void vma_free(World& w, Vma& vma);
// __insert_vm_struct(): into the mm's list.
void insert_vm_struct(World& w, Mm& mm, Vma& vma, Site site);

// A vma that is remembered while others may free it.
class VmaPointer {
 public:
  explicit VmaPointer(Vma& vma) : vma_(&vma), life_(vma.life) {}
  // Following it after that is a finding, whether or not the memory is a vma again.
  Vma& get(World& w, Site site) const {
    if (!vma_->allocated || vma_->life != life_)
      w.oracle.freed_object_used(w, Manner::vma, vma_object(w.id(*vma_)), site);
    return *vma_;
  }

 private:
  Vma* vma_;
  uint8_t life_;
};

inline PageNr vma_pages(const Vma& v) { return v.vm_end.peek() - v.vm_start.peek(); }

// Changes the range of `vma` to [start, end) at pgoff, and its neighbours' accordingly: swallows
// the next vma (or two), shifts the boundary to it, or makes room for `insert`, which split_vma()
// cut off. 0 or -ENOMEM.
int vma_adjust(World& w, Vma& vma, PageNr start, PageNr end, PageNr pgoff, Vma* insert);

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

// Cuts `vma` in two at `address`; the new vma is the lower part or the upper one. 0 or -ENOMEM.
int split_vma(World& w, Vma& vma, PageNr address, bool new_below);

// A fresh anonymous vma on free ground, or its neighbours grown over it. 0 or -ENOMEM.
int map_anonymous(World& w, Mm& mm, PageNr start, PageNr len, bool can_write, bool grows_down,
                  Site site);

// expand_stack(): grows a vma that grows down, so that it covers `address`. 0 or -ENOMEM.
// Requires: mmap_sem, for read is enough; the address is above the vma before it.
int expand_stack(World& w, Vma& vma, PageNr address);

// Unmaps [start, start + len). 0, -EINVAL or -ENOMEM. core/mm/vma/munmap.cc.
// Requires: mmap_sem for write; where that may be downgraded, it is held for read afterwards.
enum class Downgrade : uint8_t { no, allowed };
int do_munmap(World& w, Mm& mm, PageNr start, PageNr len, Downgrade downgrade = Downgrade::no);
// Unmaps everything that a process has. core/mm/vma/munmap.cc.
// Requires: mmap_sem for write, which stands for "nobody else uses the mm".
void exit_mmap(World& w, Mm& mm);

}  // namespace rmap
