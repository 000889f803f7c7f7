// How a vma lets go of its anon_vmas.
// SPDX-License-Identifier: Apache-2.0
#include "core/mm/rmap/anon_vma.h"
#include "core/mm/rmap/anon_vma_refs.h"
#include "core/mm/rmap/anon_vma_reuse.h"

namespace rmap {
namespace {

// Takes an element out of its anon_vma's list for good.
void unlink_from_anon_vma(World& w, const Vma& vma, AvcId id, Site site) {
  AnonVma& a = w.anon_vma(w.avc(id).anon_vma.id);
  remove_from_anon_vma(w, a, id, site);
  note_vma(w, Note::unlink, vma, w.id(a).value, site);
}

// anon_vma_unlink(): one element. Its anon_vma goes when that leaves it empty, unless somebody
// outside has a reference. Counted, the vmas' reference goes.
void unlink_element(World& w, Vma& vma, AvcId id) {
  constexpr Site site = "unlink_anon_vmas/lock"_site;
  const AnonVmaRef ref = w.avc(id).anon_vma;
  AnonVma& a = w.anon_vma(ref.id);
  bool empty = false;
  {
    AnonVmaGuard lock(w, ref, site);
    unlink_from_anon_vma(w, vma, id, "unlink_anon_vmas/unlink"_site);
    empty = !a.head.valid() && (!counts_from_outside(w.kernel.anon_refs) ||
                                a.refcount.load(w.at(a), "unlink_anon_vmas/external"_site) == 0);
  }
  if (empty && counts_vmas(w.kernel.anon_refs)) {
    put_anon_vma(w, ref, "unlink_anon_vmas/put"_site);
  } else if (empty) {
    if (children_hold_root(w.kernel) && !(a.root_id() == ref.id))
      drop_external(w, {a.root_id(), a.root_life}, "unlink_anon_vmas/put"_site);
    anon_vma_free(w, a);
  }
  remove_from_vma(w, vma, id, site);
  anon_vma_chain_free(w, id);
}

// From newest to oldest, so that the root is freed last. An empty anon_vma keeps its element for a
// second pass: freeing it may need the very lock that is held in the first.
void unlink_in_two_passes(World& w, Vma& vma) {
  constexpr Site site = "unlink_anon_vmas/lock"_site;
  {
    ChainWalkLock lock(w, site);
    for (AvcId id = vma.chain_head; id.valid();) {
      const AvcId next = w.avc(id).next_in_vma;
      const AnonVmaRef ref = w.avc(id).anon_vma;
      lock.lock(ref);
      AnonVma& a = w.anon_vma(ref.id);
      unlink_from_anon_vma(w, vma, id, "unlink_anon_vmas/unlink"_site);
      if (a.head.valid()) {
        remove_from_vma(w, vma, id, site);
        anon_vma_chain_free(w, id);
      } else {
        child_goes(w, a.parent, site);
      }
      id = next;
    }
    if (const AnonVmaRef own = vma.anon_ref(); own.valid()) {
      if (counts_users(w.kernel.reuse)) vma_leaves(w, use(w, own, site));
      switch (w.kernel.unlink_pointer) {
        case UnlinkPointer::kept: break;
        case UnlinkPointer::cleared: store_anon(w, vma, {}, "unlink_anon_vmas/clear"_site); break;
      }
    }
  }
  for (AvcId id = vma.chain_head; id.valid();) {
    const AvcId next = w.avc(id).next_in_vma;
    const AnonVmaRef ref = w.avc(id).anon_vma;
    check_unused(w, w.anon_vma(ref.id), "unlink_anon_vmas/put"_site);
    put_anon_vma(w, ref, "unlink_anon_vmas/put"_site);
    remove_from_vma(w, vma, id, site);
    anon_vma_chain_free(w, id);
    id = next;
  }
}

}  // namespace

void unlink_anon_vmas(World& w, Vma& vma) {
  switch (w.kernel.unlink_passes) {
    case UnlinkPasses::one:
      while (vma.chain_head.valid()) unlink_element(w, vma, vma.chain_head);
      break;
    case UnlinkPasses::two: unlink_in_two_passes(w, vma); break;
  }
}

void __anon_vma_merge(World& w, Vma& next) {
  const AvcId node = next.chain_head;
  if (!node.valid()) return;
  unlink_from_anon_vma(w, next, node, "__anon_vma_merge/unlink"_site);
  remove_from_vma(w, next, node, "__anon_vma_merge/unlink"_site);
  anon_vma_chain_free(w, node);
}

}  // namespace rmap
