// SPDX-License-Identifier: Apache-2.0
#include "core/mm/vma/munmap.h"

#include <algorithm>

#include "core/mm/rmap/anon_vma.h"
#include "core/mm/table/page_table.h"
#include "core/mm/table/zap.h"
#include "core/mm/vma/split.h"
#include "core/mm/vma/vma.h"
#include "core/model/op.h"

namespace rmap {
namespace {

// Whoever unmaps does munmap's work.
class ActsAsMunmap {
 public:
  explicit ActsAsMunmap(World& w)
      : actors_(w.oracle.actors),
        before_(actors_.acts_as(static_cast<uint8_t>(OpKind::munmap) + 1)) {}
  ~ActsAsMunmap() { actors_.acts_as(before_); }
  ActsAsMunmap(const ActsAsMunmap&) = delete;
  ActsAsMunmap& operator=(const ActsAsMunmap&) = delete;

 private:
  Actors& actors_;
  uint8_t before_;
};

using Vmas = BoundedVector<VmaId, kVmasPerMm>;

// Simplified: all vmas are unlinked before the first table is freed; the kernel does it run by run
// of near vmas, each run in the same order.
void free_pgtables(World& w, Mm& mm, const Vmas& vmas, PageNr floor, PageNr ceiling) {
  for (VmaId id : vmas) unlink_anon_vmas(w, w.vma(id));
  for (VmaId id : vmas) {
    const Vma& vma = w.vma(id);
    free_pgd_range(w, mm, vma.vm_start.peek(), vma.vm_end.peek(), floor, ceiling);
  }
}

// `next` is the vma behind the hole.
bool downgrades(const World& w, const Vma* next) {
  switch (w.kernel.unmap_lock) {
    case UnmapLock::write: return false;
    case UnmapLock::downgraded: return true;
    case UnmapLock::downgraded_unless_stack: return next == nullptr || !next->grows_down;
  }
  return false;
}

// `prev` and `next` are the vmas around the hole. Where mmap_sem was downgraded, a stack may grow
// until its start is read.
void unmap_region(World& w, Mm& mm, const Vmas& vmas, const Vma* prev, const Vma* next) {
  for (VmaId id : vmas) zap_page_range(w, w.vma(id));
  const PageNr floor = prev != nullptr ? prev->vm_end.peek() : 0;
  const PageNr ceiling = next != nullptr
                             ? next->vm_start.load(w.at(*next), "unmap_region/ceiling"_site)
                             : kWindowPages;
  free_pgtables(w, mm, vmas, floor, ceiling);
  for (VmaId id : vmas) vma_free(w, w.vma(id));
}

}  // namespace

// Simplified: what is cut off is the new vma, and goes; since 6.12 what stays is the new one. Which
// of the two stands first among equals in an interval tree depends on it.
int do_munmap(World& w, Mm& mm, PageNr start, PageNr len, Downgrade downgrade) {
  CHECK(mm.mmap_sem.held_for_write());
  if (len == 0 || start >= kWindowPages || len > kWindowPages - start) return kEinval;
  const ActsAsMunmap acts(w);
  const PageNr end = start + len;
  Vma* vma = find_vma(w, mm, start);
  if (vma == nullptr || vma->vm_start.peek() >= end) return kOk;

  // Split first, to save pain later.
  if (start > vma->vm_start.peek()) {
    if (end < vma->vm_end.peek() && mm.vmas.size() >= kMaxMapCount) return kEnomem;
    const int error = split_vma(w, *vma, start, false);
    if (error != kOk) return error;
  }
  Vma* last = find_vma(w, mm, end);
  if (last != nullptr && end > last->vm_start.peek()) {
    const int error = split_vma(w, *last, end, true);
    if (error != kOk) return error;
  }

  // detach_vmas_to_be_unmapped()
  Vmas detached;
  const uint32_t first = find_vma_position(w, mm, start);
  while (first < mm.vmas.size() && w.vma(mm.vmas[first]).vm_start.peek() < end) {
    w.oracle.actors.took_effect();
    detached.push_back(mm.vmas[first]);
    w.vma(mm.vmas[first]).in_mm = false;
    mm.vmas.erase_at(first);
    note_vma(w, Note::remove, w.vma(detached.back()), w.id(mm).value,
             "detach_vmas_to_be_unmapped/remove"_site);
  }
  const Vma* prev = first > 0 ? &w.vma(mm.vmas[first - 1]) : nullptr;
  const Vma* next = first < mm.vmas.size() ? &w.vma(mm.vmas[first]) : nullptr;
  if (downgrade == Downgrade::allowed && downgrades(w, next))
    mm.mmap_sem.downgrade_write("do_munmap/downgrade"_site);
  unmap_region(w, mm, detached, prev, next);
  return kOk;
}

void exit_mmap(World& w, Mm& mm) {
  CHECK(mm.mmap_sem.held_for_write());
  const ActsAsMunmap acts(w);
  Vmas all;
  for (VmaId id : mm.vmas) {
    all.push_back(id);
    w.vma(id).in_mm = false;
  }
  mm.vmas.clear();
  for (VmaId id : all)
    note_vma(w, Note::remove, w.vma(id), w.id(mm).value, "exit_mmap/remove"_site);
  unmap_region(w, mm, all, nullptr, nullptr);
  mm.brk = kBrkStart;
  w.oracle.actors.took_effect();
}

}  // namespace rmap
