// anon_vmas and their chains: how a page finds the vmas that may map it. mm/rmap.c.
//
// Property: every vma that maps a page is linked, through a chain element, to the anon_vma that
// page->mapping names, from before the first entry is there until after the last one is gone.
// Simplified: without fork a vma has at most one anon_vma, and every anon_vma is its own root; the
// code below walks whole chains and takes root locks all the same.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/world.h"

namespace rmap {

// Gives `vma` an anon_vma, its own or one that a neighbour can share. 0 or -ENOMEM.
// Requires: mmap_sem.
int anon_vma_prepare(World& w, Vma& vma);

// Links `dst` to every anon_vma of `src`, oldest first. 0 or -ENOMEM, with nothing linked.
// Requires: mmap_sem for write.
int anon_vma_clone(World& w, Vma& dst, Vma& src);

// Takes `vma` out of all its anon_vmas, and frees those that are empty then.
// Requires: mmap_sem for write.
void unlink_anon_vmas(World& w, Vma& vma);

// Puts `dst` behind all others in each of its anon_vmas' lists, so that a walk visits it last
// (948f017b093a). Requires: mmap_sem for write; the kernel keeps lists.
void anon_vma_moveto_tail(World& w, Vma& dst);

// Drops a reference; the last one frees the anon_vma, once no walk holds its lock.
void put_anon_vma(World& w, AnonVma& anon_vma, Site site);
void free_anon_vma(World& w, AnonVma& anon_vma);

// For interval trees: takes `vma` out of its trees before its range changes, and puts it back under
// its new one. Requires: the anon_vma lock.
void anon_vma_interval_tree_pre_update_vma(World& w, Vma& vma);
void anon_vma_interval_tree_post_update_vma(World& w, Vma& vma);

// The first element of a walk for a page at `pgoff`, and the one after `avc`; none at the end.
// A list visits all vmas, a tree those whose interval holds pgoff. Requires: the anon_vma lock.
AvcId rmap_first(World& w, AnonVma& anon_vma, PageNr pgoff);
AvcId rmap_next(World& w, AvcId avc, PageNr pgoff);

// True when a walk of `anon_vma` comes to `first` before `second`; for oracles.
bool visited_before(World& w, const AnonVma& anon_vma, const Vma& first, const Vma& second);

}  // namespace rmap
