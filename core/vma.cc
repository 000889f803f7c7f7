// SPDX-License-Identifier: Apache-2.0
#include "core/vma.h"

#include "core/anon_vma.h"

namespace rmap {
namespace {

PageNr start_of(World& w, const Vma& v) { return v.vm_start.load(w.at(v), "find_vma/range"_site); }
PageNr end_of(World& w, const Vma& v) { return v.vm_end.load(w.at(v), "find_vma/range"_site); }
PageNr pgoff_of(World& w, const Vma& v) { return v.vm_pgoff.load(w.at(v), "find_vma/range"_site); }

uint32_t position(World& w, const Mm& mm, const Vma& vma) {
  for (uint32_t i = 0; i < mm.vmas.size(); i++) {
    if (mm.vmas[i] == w.id(vma)) return i;
  }
  return mm.vmas.size();
}

bool chain_is_singular(const Vma& v) {
  return v.chain_head.valid() && v.chain_head == v.chain_tail;
}

// is_mergeable_anon_vma(), as 965f55dea0e3 left it: a vma without an anon_vma merges with one that
// has, but only if the chain of `vma`, the one that stays, has exactly one element.
bool is_mergeable_anon_vma(AnonVmaId a, AnonVmaId b, const Vma* vma) {
  if ((!a.valid() || !b.valid()) && (vma == nullptr || chain_is_singular(*vma))) return true;
  return a == b;
}

bool is_mergeable_vma(const Vma& v, const MergeRequest& r) { return v.can_write == r.can_write; }

bool can_vma_merge_after(World& w, const Vma& prev, const MergeRequest& r) {
  return is_mergeable_vma(prev, r) && is_mergeable_anon_vma(r.anon_vma, prev.anon(), &prev) &&
         pgoff_of(w, prev) + vma_pages(prev) == r.pgoff;
}

bool can_vma_merge_before(World& w, const Vma& next, const MergeRequest& r) {
  return is_mergeable_vma(next, r) && is_mergeable_anon_vma(r.anon_vma, next.anon(), &next) &&
         pgoff_of(w, next) == r.pgoff + (r.end - r.start);
}

// Takes the anon_vma lock for vma_adjust(), or not, as the kernel does.
class AdjustGuard {
 public:
  AdjustGuard(World& w, Vma& vma, bool start_moves, bool imports) {
    const bool wanted = [&] {
      switch (w.kernel.adjust_lock) {
        // "When changing only vma->vm_end, we don't really need anon_vma lock": harmless as long as
        // no pte moves.
        case AdjustLock::start_or_import: return start_moves || imports;
        case AdjustLock::always: return true;
      }
      return true;
    }();
    if (!wanted || !vma.anon().valid()) return;
    lock_ = &w.root_lock(vma.anon());
    lock_->lock("vma_adjust/anon_vma"_site);
  }
  ~AdjustGuard() {
    if (lock_ != nullptr) lock_->unlock("vma_adjust/anon_vma"_site);
  }

 private:
  Mutex* lock_ = nullptr;
};

}  // namespace

uint32_t find_vma_position(World& w, Mm& mm, PageNr address) {
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
  const uint32_t i = position(w, mm, vma) + 1;
  return i < mm.vmas.size() ? &w.vma(mm.vmas[i]) : nullptr;
}

Vma* prev_vma(World& w, const Vma& vma) {
  const Mm& mm = w.mm_of(vma);
  const uint32_t i = position(w, mm, vma);
  return i > 0 && i <= mm.vmas.size() ? &w.vma(mm.vmas[i - 1]) : nullptr;
}

Vma* vma_alloc(World& w, Site site) {
  if (w.allocation_fails(site)) return nullptr;
  for (Vma& vma : w.vmas) {
    if (vma.allocated) continue;
    vma = {};
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
  fresh->anon_vma.init(vma.anon_vma.peek());
  fresh->vm_start.init(vma.vm_start.peek());
  fresh->vm_end.init(vma.vm_end.peek());
  fresh->vm_pgoff.init(vma.vm_pgoff.peek());
  return fresh;
}

void vma_free(World&, Vma& vma) {
  vma.allocated = false;
  vma.published = false;
}

void insert_vm_struct(World& w, Mm& mm, Vma& vma) {
  const PageNr start = vma.vm_start.peek();
  uint32_t i = 0;
  while (i < mm.vmas.size() && w.vma(mm.vmas[i]).vm_start.peek() < start) i++;
  mm.vmas.push_back({});
  for (uint32_t k = mm.vmas.size() - 1; k > i; k--) mm.vmas[k] = mm.vmas[k - 1];
  mm.vmas[i] = w.id(vma);
  vma.published = true;
  w.oracle.took_effect();
}

void remove_from_mm(World& w, Mm& mm, Vma& vma) { mm.vmas.erase_at(position(w, mm, vma)); }

int vma_adjust(World& w, Vma& vma, PageNr start, PageNr end, PageNr pgoff, Vma* insert) {
  Mm& mm = w.mm_of(vma);
  CHECK(mm.mmap_sem.held_for_write());
  for (;;) {
    Vma* next = next_vma(w, vma);
    bool remove_next = false;
    bool swallow_another = false;
    bool imports = false;
    PageNr this_end = end;
    if (next != nullptr && insert == nullptr && end >= next->vm_end.peek()) {
      // vma expands over all of next, and perhaps over the one after it too: that is done in a
      // second round.
      remove_next = imports = true;
      swallow_another = end > next->vm_end.peek();
      this_end = next->vm_end.peek();
      if (next->anon().valid() && !vma.anon().valid()) {
        const int error = anon_vma_clone(w, vma, *next);
        if (error != kOk) return error;
        vma.anon_vma.store(w.at_link(vma), next->anon_vma.peek(), "vma_adjust/import"_site);
        cover(w, "vma_adjust/imported"_site);
      }
    }
    // Simplified: no boundary shifts between neighbours yet (mprotect, cases 4 and 5 of vma_merge).
    CHECK(remove_next || insert != nullptr || next == nullptr || end <= next->vm_start.peek());
    {
      AdjustGuard anon_vma(w, vma, start != vma.vm_start.peek(), imports);
      const bool tree = w.kernel.rmap_index == RmapIndex::interval_tree;
      if (tree) anon_vma_interval_tree_pre_update_vma(w, vma);
      vma.vm_start.store(w.at(vma), start, "vma_adjust/vm_start"_site);
      vma.vm_end.store(w.at(vma), this_end, "vma_adjust/vm_end"_site);
      vma.vm_pgoff.store(w.at(vma), pgoff, "vma_adjust/vm_pgoff"_site);
      if (tree) anon_vma_interval_tree_post_update_vma(w, vma);
      if (remove_next) remove_from_mm(w, mm, *next);
      if (insert != nullptr) insert_vm_struct(w, mm, *insert);
      w.oracle.took_effect();
      w.oracle.section_ends(w, vma, "vma_adjust/vm_pgoff"_site);
    }
    if (!remove_next) return kOk;
    unlink_anon_vmas(w, *next);  // anon_vma_merge()
    vma_free(w, *next);
    if (!swallow_another) return kOk;
  }
}

Vma* vma_merge(World& w, Mm& mm, Vma* prev, const MergeRequest& r) {
  const uint32_t after_prev = prev != nullptr ? position(w, mm, *prev) + 1 : 0;
  Vma* next = after_prev < mm.vmas.size() ? &w.vma(mm.vmas[after_prev]) : nullptr;
  const bool touches_next = next != nullptr && start_of(w, *next) == r.end;
  const bool before_next = touches_next && can_vma_merge_before(w, *next, r);

  if (prev != nullptr && end_of(w, *prev) == r.start && can_vma_merge_after(w, *prev, r)) {
    const PageNr prev_start = start_of(w, *prev);
    const PageNr prev_pgoff = pgoff_of(w, *prev);
    const bool fills_the_hole =
        before_next && is_mergeable_anon_vma(prev->anon(), next->anon(), nullptr);
    cover(w, fills_the_hole ? "vma_merge/both"_site : "vma_merge/after_prev"_site);
    const PageNr end = fills_the_hole ? end_of(w, *next) : r.end;
    return vma_adjust(w, *prev, prev_start, end, prev_pgoff, nullptr) == kOk ? prev : nullptr;
  }
  if (before_next) {
    cover(w, "vma_merge/before_next"_site);
    const PageNr pgoff = pgoff_of(w, *next) - (r.end - r.start);
    return vma_adjust(w, *next, r.start, end_of(w, *next), pgoff, nullptr) == kOk ? next : nullptr;
  }
  return nullptr;
}

int split_vma(World& w, Vma& vma, PageNr address, bool new_below) {
  const PageNr start = start_of(w, vma);
  const PageNr end = end_of(w, vma);
  const PageNr pgoff = pgoff_of(w, vma);
  CHECK_LT(start, address);
  CHECK_LT(address, end);
  Vma* fresh = vma_dup(w, vma, "split_vma/alloc"_site);
  if (fresh == nullptr) return kEnomem;
  cover(w, "split_vma/split"_site);
  fresh->vm_start.init(new_below ? start : address);
  fresh->vm_end.init(new_below ? address : end);
  fresh->vm_pgoff.init(new_below ? pgoff : pgoff + (address - start));
  if (anon_vma_clone(w, *fresh, vma) != kOk) {
    vma_free(w, *fresh);
    return kEnomem;
  }
  // Until the range shrinks, both vmas cover the new one's pages, and a walk may see a page twice:
  // legal.
  const int error = new_below ? vma_adjust(w, vma, address, end, pgoff + (address - start), fresh)
                              : vma_adjust(w, vma, start, address, pgoff, fresh);
  CHECK_EQ(error, kOk);
  return kOk;
}

}  // namespace rmap
