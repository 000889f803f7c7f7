// The life of anon_vmas: how a vma comes to one, hands it to its children and copies, and lets go.
// mm/rmap.c.
//
// Property: every vma that maps a page is linked, through a chain element, to the anon_vma that
// page->mapping names, from before the first entry is there until after the last one is gone.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mm/rmap/anon_vma_chain.h"
#include "core/mm/rmap/anon_vma_lock.h"

namespace rmap {

AnonVmaRef load_anon(World& w, const Vma& vma, Site site);
void store_anon(World& w, Vma& vma, AnonVmaRef a, Site site);

// Gives `vma` an anon_vma, its own or one that a neighbour can share. 0 or -ENOMEM.
// Requires: mmap_sem.
int anon_vma_prepare(World& w, Vma& vma);

// Links `dst` to every anon_vma of `src`, oldest first. Where the kernel reuses anon_vmas, a `dst`
// without one, that is a child's, may get one of `src`'s ancestors. 0 or -ENOMEM, with nothing
// linked. Requires: mmap_sem for write; chains.
int anon_vma_clone(World& w, Vma& dst, Vma& src);

// Links a child's vma, a copy of its parent's `pvma`, to the parent's anon_vmas and to one of its
// own. 0 or -ENOMEM. Requires: the mmap_sem of both for write.
int anon_vma_fork(World& w, Vma& vma, Vma& pvma);

// Links `vma` to the one anon_vma that it was given. Requires: no chains.
void anon_vma_link(World& w, Vma& vma);
void __anon_vma_link(World& w, Vma& vma);  // The same, with the anon_vma lock held.

// Takes `vma` out of all its anon_vmas, and frees those that are empty then.
// Requires: mmap_sem for write.
void unlink_anon_vmas(World& w, Vma& vma);
// Takes `next`, which is merged into its neighbour, out of its anon_vma.
// Requires: no chains; the anon_vma lock.
void __anon_vma_merge(World& w, Vma& next);

// Puts `dst` behind all others in each of its anon_vmas' lists, so that a walk visits it last
// (948f017b093a). Requires: mmap_sem for write; the kernel keeps lists.
void anon_vma_moveto_tail(World& w, Vma& dst);

}  // namespace rmap
