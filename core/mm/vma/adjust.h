// Changing the range of a vma, and its neighbours' accordingly: vma_adjust(), in mm/vma.c
// since 6.15 as __split_vma(), commit_merge() and vma_prepare().
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mm/vma/merge.h"

namespace rmap {

// Changes the range of `vma` to [start, end) at pgoff, and its neighbours' accordingly: swallows
// the next vma (or two), shifts the boundary to it, or makes room for `insert`, which split_vma()
// cut off. 0 or -ENOMEM.
int vma_adjust(World& w, Vma& vma, PageNr start, PageNr end, PageNr pgoff, Vma* insert);

// What vma_adjust() is about to do with a vma and its neighbour.
struct Adjustment {
  Vma* vma = nullptr;   // Gets the range.
  Vma* next = nullptr;  // The vma after it; the one before, where vma grows down over that.
  Vma* insert = nullptr;
  PageNr start = 0, end = 0, pgoff = 0;
  bool remove_next = false;      // vma grows over all of next,
  bool swallow_another = false;  // and over the one after it: that is done in a second round.
  PageNr adjust_next = 0;        // How far the boundary moves up; down, it wraps.
  Vma* exporter = nullptr;       // Pages go from this vma
  Vma* importer = nullptr;       // to this one.
};

Adjustment plan_grow_down(World& w, Vma& vma, PageNr start, PageNr pgoff);

// For vma_merge(). One round: 0 or -ENOMEM, with nothing changed.
int import_and_adjust(World& w, const Adjustment& a, bool imports, const MergeRequest& r);
int adjust_for_merge(World& w, Vma& vma, PageNr start, PageNr end, PageNr pgoff, Vma* insert,
                     const MergeRequest& r);

// The words of a vma's range are about to be written one by one, and have been. In between it is in
// no tree.
void range_change_begins(World& w, Vma& vma, Site site);
void range_change_ends(World& w, Vma& vma, Site site);

}  // namespace rmap
