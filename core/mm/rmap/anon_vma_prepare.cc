// How a vma comes to its first anon_vma.
// SPDX-License-Identifier: Apache-2.0
#include "core/mm/rmap/anon_vma.h"
#include "core/mm/rmap/anon_vma_refs.h"
#include "core/mm/rmap/anon_vma_reuse.h"
#include "core/mm/vma/vma.h"

namespace rmap {
namespace {

// anon_vma_compatible(): b follows a without a gap, in address and in pgoff.
bool anon_vma_compatible(World& w, const Vma& a, const Vma& b) {
  constexpr Site site = "find_mergeable_anon_vma/range"_site;
  if (a.grows_down != b.grows_down || a.accounted != b.accounted) return false;
  if (a.vm_end.load(w.at(a), site) != b.vm_start.load(w.at(b), site)) return false;
  const PageNr pages = b.vm_start.load(w.at(b), site) - a.vm_start.load(w.at(a), site);
  return b.vm_pgoff.load(w.at(b), site) == a.vm_pgoff.load(w.at(a), site) + pages;
}

// reusable_anon_vma(): the anon_vma of `old`, unless it came to it by fork or a split (its chain is
// longer than one).
// Simplified: publishing a vma's anon_vma and its chain element is one step, so the chain needs no
// access of its own here; the kernel would find it empty for a moment, and not share.
AnonVmaRef reusable_anon_vma(World& w, const Vma& old, const Vma& a, const Vma& b) {
  if (!anon_vma_compatible(w, a, b)) return {};
  const AnonVmaRef anon_vma = load_anon(w, old, "find_mergeable_anon_vma/anon_vma"_site);
  if (!anon_vma.valid()) return {};
  switch (w.kernel.prepare_share) {
    case PrepareShare::any: return anon_vma;
    case PrepareShare::singular: return chain_is_singular(old) ? anon_vma : AnonVmaRef{};
  }
  return {};
}

// find_mergeable_anon_vma(): so that the two vmas can merge later.
AnonVmaRef find_mergeable_anon_vma(World& w, const Vma& vma) {
  if (const Vma* next = next_vma(w, vma); next != nullptr) {
    const AnonVmaRef a = reusable_anon_vma(w, *next, vma, *next);
    if (a.valid()) return a;
  }
  if (const Vma* prev = prev_vma(w, vma); prev != nullptr)
    return reusable_anon_vma(w, *prev, *prev, vma);
  return {};
}

}  // namespace

int anon_vma_prepare(World& w, Vma& vma) {
  if (load_anon(w, vma, "anon_vma_prepare/anon_vma"_site).valid()) return kOk;
  Mm& mm = w.mm_of(vma);
  AvcId avc;
  if (has_chains(w.kernel.anon_topology)) {
    avc = anon_vma_chain_alloc(w, "anon_vma_prepare/alloc"_site);
    if (!avc.valid()) return kEnomem;
  }
  AnonVmaRef anon_vma = find_mergeable_anon_vma(w, vma);
  AnonVmaRef allocated;
  if (!anon_vma.valid()) {
    anon_vma = allocated = anon_vma_alloc(w, "anon_vma_prepare/alloc"_site);
    if (!anon_vma.valid()) {
      if (avc.valid()) anon_vma_chain_free(w, avc);
      return kEnomem;
    }
  } else {
    cover(w, "anon_vma_prepare/shared"_site);
  }
  const bool fresh = allocated.valid();
  if (fresh && !is_born_root(w.kernel))
    set_root(w, w.anon_vma(allocated.id), allocated, "anon_vma_prepare/root"_site);
  {
    const bool locks = !fresh || locks_fresh(w.kernel.prepare_lock);
    AnonVmaGuard lock(w, locks ? anon_vma : AnonVmaRef{}, "anon_vma_prepare/lock"_site);
    // mmap_sem is held for read only: page_table_lock keeps other faults of this mm out.
    Guard page_table_lock(mm.page_table_lock, "anon_vma_prepare/page_table_lock"_site);
    if (!load_anon(w, vma, "anon_vma_prepare/recheck"_site).valid()) {
      store_anon(w, vma, anon_vma, "anon_vma_prepare/publish"_site);
      if (!avc.valid()) {
        __anon_vma_link(w, vma);
      } else {
        const bool at_head = shares_at_head(w.kernel.prepare_insert);
        anon_vma_chain_link(w, vma, avc, w.anon_vma(anon_vma.id), at_head,
                            "anon_vma_prepare/link"_site);
      }
      vma_joins(w, w.anon_vma(anon_vma.id), fresh);
      allocated = {};
      avc = {};
    }
  }
  const bool lost_own = allocated.valid();
  if (lost_own) discard(w, allocated, "anon_vma_prepare/put"_site);
  if (avc.valid() && (lost_own || frees_lost(w.kernel.prepare_lost))) anon_vma_chain_free(w, avc);
  return kOk;
}

}  // namespace rmap
