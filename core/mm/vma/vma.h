// Virtual memory areas: their life, and the list of an mm's. mm/mmap.c.
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
uint32_t position_of(World& w, const Mm& mm, const Vma& vma);
Vma* next_vma(World& w, const Vma& vma);
Vma* prev_vma(World& w, const Vma& vma);

// A vma in nobody's reach, or null when the allocation fails.
Vma* vma_alloc(World& w, Site site);
// The same as a copy of `vma`, linked to no anon_vma yet.
Vma* vma_dup(World& w, const Vma& vma, Site site);
void vma_free(World& w, Vma& vma);
// __insert_vm_struct(): into the mm's list.
void insert_vm_struct(World& w, Mm& mm, Vma& vma, Site site);
// Out of that list.
void remove_from_mm(World& w, Mm& mm, Vma& vma, Site site);

// A vma that is remembered while others may free it.
class VmaPointer {
 public:
  explicit VmaPointer(Vma& vma) : vma_(&vma), life_(vma.life) {}
  // Following it after that is a finding, whether or not the memory is a vma again.
  Vma& get(World& w, Site site) const {
    if (!vma_->allocated || vma_->life != life_)
      w.oracle.lives.freed_object_used(w, Manner::vma, vma_object(w.id(*vma_)), site);
    return *vma_;
  }

 private:
  Vma* vma_;
  uint8_t life_;
};

// A range as whoever holds mmap_sem reads it.
PageNr start_of(World& w, const Vma& v);
PageNr end_of(World& w, const Vma& v);
PageNr pgoff_of(World& w, const Vma& v);
inline PageNr vma_pages(const Vma& v) { return v.vm_end.peek() - v.vm_start.peek(); }

}  // namespace rmap
