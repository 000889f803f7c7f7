// Writing to what may not be written: a page of one's own. mm/memory.c, do_anonymous_page() and
// do_wp_page().
//
// Property: a process never sees what another one writes after they parted (fork). So a page may be
// written in place only by its last user, and everybody else gets a copy.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/world.h"

namespace rmap {

// Maps a fresh page where the entry still is what the fault saw (`expected`): a copy of `old`, or
// zeroed where there is none. 0 or -ENOMEM. Requires: mmap_sem for read.
int map_new_page(World& w, Vma& vma, const PteSlot& slot, const Pte& expected, FrameId old);

// A write to a present entry, `expected`, that is not writable. 0 or -ENOMEM.
// Requires: mmap_sem for read; the vma allows writing.
int do_wp_page(World& w, Vma& vma, const PteSlot& slot, const Pte& expected);

}  // namespace rmap
