// Chain elements, and the two lists that each is in: its vma's chain and its anon_vma's list, or
// interval tree. mm/rmap.c, mm/interval_tree.c.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mm/rmap/interval_tree.h"

namespace rmap {

// An element in no list, or none when the allocation fails.
AvcId anon_vma_chain_alloc(World& w, Site site);
void anon_vma_chain_free(World& w, AvcId avc);

// Puts `avc` at the head of the vma's chain and into the anon_vma's list, or into its tree, which
// has an order of its own. Requires: the anon_vma lock.
void anon_vma_chain_link(World& w, Vma& vma, AvcId avc, AnonVma& anon_vma, bool at_head, Site site);

void remove_from_vma(World& w, Vma& vma, AvcId avc, Site site);
// Requires: the anon_vma lock.
void remove_from_anon_vma(World& w, AnonVma& anon_vma, AvcId avc, Site site);
// Puts an element that is in no list behind all others. Requires: the anon_vma lock, a list.
void append_to_anon_vma(World& w, AnonVma& anon_vma, AvcId avc, Site site);

// Some element of the vma's chain names `anon_vma`.
bool chain_names(const World& w, const Vma& v, AnonVmaId anon_vma);
// The chain has exactly one element.
inline bool chain_is_singular(const Vma& v) {
  return v.chain_head.valid() && v.chain_head == v.chain_tail;
}

// For interval trees: takes `vma` out of its trees before its range changes, and puts it back under
// its new one. Requires: the anon_vma lock.
void anon_vma_interval_tree_pre_update_vma(World& w, Vma& vma, Site site);
void anon_vma_interval_tree_post_update_vma(World& w, Vma& vma, Site site);

// The first element of a walk for a page at `pgoff`, and the one after `avc`; none at the end.
// A list visits all vmas, a tree those whose interval holds pgoff. Requires: the anon_vma lock.
AvcId rmap_first(World& w, const AnonVma& anon_vma, PageNr pgoff, TreeLook look = TreeLook::access);
AvcId rmap_next(World& w, AvcId avc, PageNr pgoff, TreeLook look = TreeLook::access);

// True when a walk of `anon_vma` comes to `first` before `second`; for oracles.
bool visited_before(World& w, const AnonVma& anon_vma, const Vma& first, const Vma& second);

}  // namespace rmap
