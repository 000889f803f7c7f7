// SPDX-License-Identifier: Apache-2.0
#include "core/mm/rmap/anon_vma.h"

namespace rmap {

AnonVmaRef load_anon(World& w, const Vma& vma, Site site) {
  return AnonVmaRef::of(vma.anon_vma.load(w.at_link(vma), site));
}
void store_anon(World& w, Vma& vma, AnonVmaRef a, Site site) {
  vma.anon_vma.store(w.at_link(vma), a.word(), site);
}

void __anon_vma_link(World& w, Vma& vma) {
  const AnonVmaRef anon_vma = vma.anon_ref();
  if (!anon_vma.valid()) return;
  // The list node is part of the vma, so there is always one.
  for (AnonVmaChain& node : w.avcs) {
    if (node.allocated) continue;
    node = {};
    node.allocated = true;
    const bool at_head = links_at_head(w.kernel.link_insert);
    return anon_vma_chain_link(w, vma, w.id(node), w.anon_vma(anon_vma.id), at_head,
                               "anon_vma_link/link"_site);
  }
  CHECK(false);
}

void anon_vma_link(World& w, Vma& vma) {
  AnonVmaGuard lock(w, vma.anon_ref(), "anon_vma_link/lock"_site);
  __anon_vma_link(w, vma);
}

void anon_vma_moveto_tail(World& w, Vma& dst) {
  ChainWalkLock lock(w, "anon_vma_moveto_tail/lock"_site);
  for (AvcId id = dst.chain_tail; id.valid(); id = w.avc(id).prev_in_vma) {
    const AnonVmaRef ref = w.avc(id).anon_vma;
    lock.lock(ref);
    constexpr Site site = "anon_vma_moveto_tail/requeue"_site;
    remove_from_anon_vma(w, w.anon_vma(ref.id), id, site);
    append_to_anon_vma(w, w.anon_vma(ref.id), id, site);
    note_vma(w, Note::requeue, dst, ref.id.value, site);
  }
}

}  // namespace rmap
