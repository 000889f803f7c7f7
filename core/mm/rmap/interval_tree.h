// The interval tree of an anon_vma: a red-black tree of chain elements, sorted by pgoff, that knows
// of each subtree where its last interval ends. mm/interval_tree.c, include/linux/interval_tree_
// generic.h, lib/rbtree.c (bf181b9f9d8d, 3.7).
//
// An element's interval is computed from its vma at each look (avc_start_pgoff, avc_last_pgoff).
// What the tree keeps is only its shape, and subtree_last. So a vma whose range changes while it is
// in a tree is at a wrong place, and its subtree's end is a wrong one: a search may descend where
// nothing is, or pass by what is there. All functions require the anon_vma lock.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/world.h"

namespace rmap {

// Returns the element that now follows it in order, or none.
AvcId anon_vma_interval_tree_insert(World& w, AvcId avc, AnonVma& anon_vma);
void anon_vma_interval_tree_remove(World& w, AvcId avc, AnonVma& anon_vma);

// A task's looks at a vma's range are accesses; the oracle's are none.
enum class TreeLook : uint8_t { access, peek };
// The first element whose interval holds `pgoff`, as the search comes to it, and the one after
// `avc`; none at the end.
AvcId anon_vma_interval_tree_iter_first(World& w, const AnonVma& anon_vma, PageNr pgoff,
                                        TreeLook look);
AvcId anon_vma_interval_tree_iter_next(World& w, AvcId avc, PageNr pgoff, TreeLook look);

}  // namespace rmap
