// How a vma hands its anon_vmas to its copies and to its children.
// SPDX-License-Identifier: Apache-2.0
#include "core/mm/rmap/anon_vma.h"
#include "core/mm/rmap/anon_vma_refs.h"
#include "core/mm/rmap/anon_vma_reuse.h"
#include "core/mm/vma/vma.h"

namespace rmap {

namespace {

// What a clone has allocated and not linked yet.
using FreeElements = BoundedVector<AvcId, kAnonVmasMax>;

// An element for each of the source's: false when an allocation fails.
bool alloc_elements(World& w, const Vma& src, FreeElements& elements) {
  for (AvcId p = src.chain_head; p.valid(); p = w.avc(p).next_in_vma) {
    const AvcId avc = anon_vma_chain_alloc(w, "anon_vma_clone/alloc"_site);
    if (!avc.valid()) return false;
    elements.push_back(avc);
  }
  return true;
}

// An allocation failed. cleanup_partial_anon_vmas(), since elements are allocated first.
int unwind_clone(World& w, Vma& dst, const FreeElements& elements) {
  for (AvcId avc : elements) anon_vma_chain_free(w, avc);
  switch (w.kernel.clone_unwind) {
    case CloneUnwind::keeps_anon_vma:
    case CloneUnwind::frees: break;
    case CloneUnwind::clears_anon_vma:
    case CloneUnwind::frees_and_clears: store_anon(w, dst, {}, "anon_vma_clone/clear"_site); break;
  }
  if (!allocates_all_first(w.kernel.clone_alloc)) unlink_anon_vmas(w, dst);
  return kEnomem;
}

}  // namespace

int anon_vma_clone(World& w, Vma& dst, Vma& src) {
  CHECK(has_chains(w.kernel.anon_topology));
  const bool at_head = links_at_head(w.kernel.link_insert);
  const bool reversed = is_reversed(w.kernel.clone_order);
  const bool all_first = allocates_all_first(w.kernel.clone_alloc);
  const AnonVmaId own = src.anon();
  FreeElements elements;
  if (all_first && !alloc_elements(w, src, elements)) return unwind_clone(w, dst, elements);
  const auto next_element = [&] {
    if (!all_first) return anon_vma_chain_alloc(w, "anon_vma_clone/alloc"_site);
    const AvcId last = elements.back();
    elements.pop_back();
    return last;
  };
  ChainWalkLock lock(w, "anon_vma_clone/lock"_site, w.kernel.clone_lock);
  for (AvcId p = reversed ? src.chain_head : src.chain_tail; p.valid();
       p = reversed ? w.avc(p).next_in_vma : w.avc(p).prev_in_vma) {
    // Simplified: the first, atomic allocation never fails, so the lock is not dropped for a
    // sleeping one.
    const AvcId avc = next_element();
    if (!avc.valid()) {
      lock.unlock();
      return unwind_clone(w, dst, elements);
    }
    const AnonVmaRef ref = w.avc(p).anon_vma;
    lock.lock(ref);
    AnonVma& a = w.anon_vma(ref.id);
    anon_vma_chain_link(w, dst, avc, a, at_head, "anon_vma_clone/link"_site);
    if (!dst.anon().valid() && !(ref.id == own) && may_be_reused(w, a)) {
      cover(w, "anon_vma_clone/reused"_site);
      store_anon(w, dst, ref, "anon_vma_clone/reuse"_site);
    }
    lock.element_done();
  }
  if (dst.anon().valid() && counts_users(w.kernel.reuse))
    vma_joins(w, use(w, dst.anon_ref(), "anon_vma_clone/reuse"_site), false);
  return kOk;
}

namespace {

// 4e4a9eb92133: in fork, dst->vm_prev still points into the parent's mm, so that this gives the
// child the parent's own anon_vma.
void share_with_previous(World& w, Vma& vma, const Vma& pvma) {
  const Vma* prev = prev_vma(w, pvma);
  if (prev == nullptr || !(prev->anon() == pvma.anon())) return;
  cover(w, "anon_vma_fork/shared"_site);
  vma.anon_vma.init(pvma.anon_vma.peek());
}

// An anon_vma for the pages that a child will write, and the element that links its vma there.
struct OwnAnonVma {
  AnonVmaRef anon_vma;
  AvcId avc;
};

// False when an allocation fails.
bool alloc_own(World& w, OwnAnonVma& own) {
  own.anon_vma = anon_vma_alloc(w, "anon_vma_fork/alloc"_site);
  if (!own.anon_vma.valid()) return false;
  own.avc = anon_vma_chain_alloc(w, "anon_vma_fork/alloc"_site);
  if (!own.avc.valid()) discard(w, own.anon_vma, "anon_vma_fork/put"_site);
  return own.avc.valid();
}

void free_own(World& w, const OwnAnonVma& own) {
  discard(w, own.anon_vma, "anon_vma_fork/put"_site);
  anon_vma_chain_free(w, own.avc);
}

void link_own(World& w, Vma& vma, const Vma& pvma, const OwnAnonVma& own) {
  AnonVma& a = w.anon_vma(own.anon_vma.id);
  const AnonVmaRef parent = pvma.anon_ref();
  AnonVma& p = use(w, parent, "anon_vma_fork/root"_site);
  a.parent = parent;
  set_root(w, a, {p.root_id(), p.root_life}, "anon_vma_fork/root"_site);
  if (children_hold_root(w.kernel)) {
    AnonVma& root = w.anon_vma(a.root_id());
    root.refcount.add(w.at(root), +1, "anon_vma_fork/get"_site);
  }
  store_anon(w, vma, own.anon_vma, "anon_vma_fork/publish"_site);
  AnonVmaGuard lock(w, own.anon_vma, "anon_vma_fork/lock"_site);
  const bool at_head = links_at_head(w.kernel.link_insert);
  anon_vma_chain_link(w, vma, own.avc, a, at_head, "anon_vma_fork/link"_site);
  if (counts_children(w.kernel.reuse)) a.num_active_vmas++;
  child_comes(w, parent, "anon_vma_fork/lock"_site);
}

// Since 7.0.
int allocate_then_clone(World& w, Vma& vma, Vma& pvma) {
  OwnAnonVma own;
  if (!alloc_own(w, own)) return kEnomem;
  const int error = anon_vma_clone(w, vma, pvma);
  const bool reuses = error == kOk && vma.anon().valid();
  error != kOk || reuses ? free_own(w, own) : link_own(w, vma, pvma, own);
  return error;
}

int clone_then_allocate(World& w, Vma& vma, Vma& pvma) {
  if (anon_vma_clone(w, vma, pvma) != kOk) return kEnomem;
  if (counts_users(w.kernel.reuse) && vma.anon().valid()) return kOk;
  OwnAnonVma own;
  if (alloc_own(w, own)) {
    link_own(w, vma, pvma, own);
    return kOk;
  }
  cover(w, "anon_vma_fork/unwind"_site);
  if (unlinks_chain(w.kernel.fork_unwind)) unlink_anon_vmas(w, vma);
  return kEnomem;
}

}  // namespace

int anon_vma_fork(World& w, Vma& vma, Vma& pvma) {
  if (!has_chains(w.kernel.anon_topology)) {
    anon_vma_link(w, vma);
    return kOk;
  }
  if (!pvma.anon().valid()) return kOk;
  // The inherited one; reuse one of the chain, or take a new one.
  if (counts_users(w.kernel.reuse)) vma.anon_vma.init(0);
  if (shares_with_previous(w.kernel.fork_share)) share_with_previous(w, vma, pvma);
  switch (w.kernel.fork_unwind) {
    case ForkUnwind::keeps_chain:
    case ForkUnwind::unlinks_chain: return clone_then_allocate(w, vma, pvma);
    case ForkUnwind::allocates_first: return allocate_then_clone(w, vma, pvma);
  }
  return kOk;
}

}  // namespace rmap
