// A vma for what mremap moves. mm/mmap.c.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/world.h"

namespace rmap {

struct Copy {
  Vma* vma = nullptr;
  bool need_rmap_locks = false;
};

// A vma for [addr, addr + len) that can take over the entries of `src`: a neighbour that grows over
// it, or a fresh one, linked to the same anon_vmas. May fold `src` itself into it, if nothing was
// ever faulted in; `src` follows.
Copy copy_vma(World& w, Vma*& src, PageNr addr, PageNr len, PageNr pgoff, bool keep_source);

}  // namespace rmap
