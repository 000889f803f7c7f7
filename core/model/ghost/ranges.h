// Ranges: which vma covers an entry, also while the words of its range are written one by one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/model/ghost/tokens.h"

namespace rmap {

class Ranges {
 public:
  // The words of a vma's range are about to be written one by one, and have been.
  void changes(const World& w, Vma& vma, Site site);
  void changed(Vma& vma);
  // A vma leaves its interval trees until its range has changed, and is put back.
  void detached(World& w, VmaId vma);
  void attached(VmaId vma) { away_ &= ~(uint64_t{1} << vma.value); }
  uint64_t away() const { return away_; }

  // A section in which entries move or ranges change: half of it is no state to judge by.
  void section_begins() { sections_++; }
  bool in_section() const { return sections_ != 0; }
  // Entries of `vma` moved, or its range changed, in the section that ends now.
  void section_ends(World& w, const Vma& vma, Site site);
  // Entries are about to move from src to dst, without the rmap lock.
  void chunk_moves(World& w, const Vma& src, PageNr from, PageNr to, const Vma& dst, Site site);

  // A linked vma that covers the entry, or did before the change that is under way; whether a walk
  // would also visit one.
  VmaId covering_vma(World& w, const Token& t) const;
  bool reachable(World& w, const Token& t) const;
  // A linked vma that covered it is changing at this moment: half of a change is no state to judge
  // by.
  bool is_in_doubt(World& w, const Token& t) const;
  // Its range is half written, or it is out of its trees.
  bool is_changing(const World& w, const Vma& vma) const;

 private:
  uint64_t away_ = 0;     // Vmas that are out of their trees, as bits.
  uint8_t sections_ = 0;  // Open ones.
};

// The anon_vma that the entry's page names, if it still lives.
AnonVma* mapped_anon_vma(World& w, const Token& t);

}  // namespace rmap
