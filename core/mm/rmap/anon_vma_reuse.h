// Counting who uses an anon_vma, so that a child can get one that nobody else needs (3.19,
// 7a3ef208e662). mm/rmap.c.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/world.h"

namespace rmap {

// A vma's anon_vma is `a` from now on; a fresh root is its own parent, too.
void vma_joins(World& w, AnonVma& a, bool fresh_root);
void vma_leaves(World& w, AnonVma& a);
void child_comes(World& w, AnonVmaRef parent, Site site);
void child_goes(World& w, AnonVmaRef parent, Site site);

bool may_be_reused(const World& w, const AnonVma& a);
// BUG_ON(anon_vma->degree): an anon_vma that goes has no users left.
void check_unused(World& w, const AnonVma& a, Site site);

}  // namespace rmap
