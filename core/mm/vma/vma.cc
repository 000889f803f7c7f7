// SPDX-License-Identifier: Apache-2.0
#include "core/mm/vma/vma.h"

namespace rmap {
namespace {

// The vmas of an mm are followed under mmap_sem, and changed under mmap_sem for write.
void vmas_used(World& w, const Mm& mm, bool changes, Site site) {
  const RwSem& sem = mm.mmap_sem;
  const bool locked = sem.held_for_write() || (!changes && sem.held_for_read());
  w.oracle.list_used(w.mm(w.id(mm)).vmas_use, sem.object(), locked, changes, site);
}

}  // namespace

PageNr start_of(World& w, const Vma& v) { return v.vm_start.load(w.at(v), "find_vma/range"_site); }
PageNr end_of(World& w, const Vma& v) { return v.vm_end.load(w.at(v), "find_vma/range"_site); }
PageNr pgoff_of(World& w, const Vma& v) { return v.vm_pgoff.load(w.at(v), "find_vma/range"_site); }

uint32_t position_of(World& w, const Mm& mm, const Vma& vma) {
  vmas_used(w, mm, false, "find_vma/range"_site);
  for (uint32_t i = 0; i < mm.vmas.size(); i++) {
    if (mm.vmas[i] == w.id(vma)) return i;
  }
  return mm.vmas.size();
}

uint32_t find_vma_position(World& w, Mm& mm, PageNr address) {
  vmas_used(w, mm, false, "find_vma/range"_site);
  uint32_t i = 0;
  while (i < mm.vmas.size() && end_of(w, w.vma(mm.vmas[i])) <= address) i++;
  return i;
}

Vma* find_vma(World& w, Mm& mm, PageNr address) {
  const uint32_t i = find_vma_position(w, mm, address);
  return i < mm.vmas.size() ? &w.vma(mm.vmas[i]) : nullptr;
}

Vma* next_vma(World& w, const Vma& vma) {
  const Mm& mm = w.mm_of(vma);
  const uint32_t i = position_of(w, mm, vma) + 1;
  return i < mm.vmas.size() ? &w.vma(mm.vmas[i]) : nullptr;
}

Vma* prev_vma(World& w, const Vma& vma) {
  const Mm& mm = w.mm_of(vma);
  const uint32_t i = position_of(w, mm, vma);
  return i > 0 && i <= mm.vmas.size() ? &w.vma(mm.vmas[i - 1]) : nullptr;
}

Vma* vma_alloc(World& w, Site site) {
  if (w.allocation_fails(site)) return nullptr;
  for (Vma& vma : w.vmas) {
    if (vma.allocated) continue;
    const uint8_t life = vma.life;
    vma = {};
    vma.life = life;
    vma.allocated = true;
    return &vma;
  }
  return nullptr;
}

Vma* vma_dup(World& w, const Vma& vma, Site site) {
  Vma* fresh = vma_alloc(w, site);
  if (fresh == nullptr) return nullptr;
  fresh->mm = vma.mm;
  fresh->can_write = vma.can_write;
  fresh->grows_down = vma.grows_down;
  fresh->accounted = vma.accounted;
  fresh->anon_vma.init(vma.anon_vma.peek());
  fresh->vm_start.init(vma.vm_start.peek());
  fresh->vm_end.init(vma.vm_end.peek());
  fresh->vm_pgoff.init(vma.vm_pgoff.peek());
  fresh->whole = fresh->whole_before = fresh->range_now();
  return fresh;
}

void vma_free(World&, Vma& vma) {
  vma.allocated = false;
  vma.published = false;
  vma.life++;
}

void insert_vm_struct(World& w, Mm& mm, Vma& vma, Site site) {
  vmas_used(w, mm, true, site);
  const PageNr start = vma.vm_start.peek();
  uint32_t i = 0;
  while (i < mm.vmas.size() && w.vma(mm.vmas[i]).vm_start.peek() < start) i++;
  mm.vmas.push_back({});
  for (uint32_t k = mm.vmas.size() - 1; k > i; k--) mm.vmas[k] = mm.vmas[k - 1];
  mm.vmas[i] = w.id(vma);
  vma.published = vma.in_mm = true;
  w.oracle.actors.took_effect();
  note_vma(w, Note::insert, vma, w.id(mm).value, site);
}

void remove_from_mm(World& w, Mm& mm, Vma& vma, Site site) {
  vmas_used(w, mm, true, site);
  mm.vmas.erase_at(position_of(w, mm, vma));
  vma.in_mm = false;
  note_vma(w, Note::remove, vma, w.id(mm).value, site);
}

}  // namespace rmap
