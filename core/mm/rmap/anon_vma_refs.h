// References to anon_vmas, and how long one lives: from its allocation until nobody knows it any
// more. include/linux/rmap.h, mm/rmap.c.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/world.h"

namespace rmap {

// Whether a fresh anon_vma is its own root at once. From 5c341ee1dfc9 to 01d8b20dec5f the root is
// that of its last life until anon_vma_prepare() or anon_vma_fork() says otherwise.
inline bool is_born_root(const Kernel& k) {
  return counts_vmas(k.anon_refs) || !locks_root(k.lock_scope);
}
void set_root(World& w, AnonVma& a, AnonVmaRef root, Site site);

// Counted, it has one reference, for the vmas that will be linked to it. None when the allocation
// fails.
AnonVmaRef anon_vma_alloc(World& w, Site site);
// An anon_vma that nobody has been linked to after all.
void discard(World& w, AnonVmaRef fresh, Site site);

// Of that life; another one is a finding.
AnonVma& use(World& w, AnonVmaRef a, Site site);

// Whether each anon_vma has a reference on the root of its tree.
inline bool children_hold_root(const Kernel& k) {
  return has_count(k.anon_refs) && locks_root(k.lock_scope);
}

// drop_anon_vma(): the count is of references from outside; an empty list decides too.
void drop_external(World& w, AnonVmaRef a, Site site);
// Drops a reference from outside; the last one frees an anon_vma without vmas.
void put_anon_vma(World& w, AnonVmaRef a, Site site);
// Nobody has a reference any more. Requires: a kernel that counts them all.
void __put_anon_vma(World& w, AnonVma& anon_vma, Site site);
// anon_vma_free(): waits for whoever holds the lock, where the count could not keep it.
void anon_vma_free(World& w, AnonVma& anon_vma);

}  // namespace rmap
