// State: what a world holds, in words: entries, vmas, chains, counts. Pure functions of a world.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/model/world.h"

namespace rmap {

// Pte::word() of a place, 0 for none.
uint64_t entry_at(const World& w, uint32_t place);
// Where the page is mapped, or has a migration entry.
std::vector<std::string> places_of(const World& w, uint32_t page);

// "vma 0 @0-1 pgoff 0"
std::string vma_words(const World& w, VmaId id);
// The vma that covers a place: the same, or "no vma".
std::string vma_at(const World& w, uint32_t place);
// The address that the vma at `place` computes from the page's index.
std::string computed_address(const World& w, const Page& page, uint32_t place);

// "anon_vma 0", "NULL"
std::string mapping_words(const Page& page);
// What an anon_vma holds: "vma 0 @0 pgoff 0 and vma 1 @8 pgoff 1, in this order", "no vma"
std::string vmas_of(const World& w, AnonVmaId id);
// A vma's chain, newest first: "anon_vma 1, anon_vma 0 (root 0)"
std::string chain_of(const World& w, const Vma& vma);
// "2 children, 0 active vmas"
std::string counts_of(const World& w, const AnonVma& a);

}  // namespace rmap
