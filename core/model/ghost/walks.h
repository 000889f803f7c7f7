// Walks: what each walk under way has seen, and what it has to see.
//
// A walk lasts from taking to dropping its rmap lock. A token is *seen* when the per-mapping test
// reads the very entry that carries it, under the lock it decides by. A walk that must be exact,
// the one that removes migration entries, has to see each migration entry of its page that existed
// for the whole walk; seeing one twice is legal. Fork duplicates a token, and the copy is as old as
// the original: a walk that has not seen the original yet has to see both.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/model/ghost/tokens.h"
#include "core/model/oracle_rules.h"

namespace rmap {

// One walk under way; at most one per task.
struct Walk {
  struct Look {
    MmId mm;
    PageNr address;
    TokenSet in_transit;  // Tokens that were in a register at that moment.
  };
  bool active = false;
  bool exact = false;
  FrameId page;        // Whose entries it looks for.
  uint32_t began = 0;  // The steps that were done.
  TokenSet must;       // Tokens that have existed since it began.
  TokenSet seen;
  uint64_t outside = 0;  // Vmas that did not cover the page when the walk came to them, as bits.
  uint64_t torn = 0;     // Those whose range was read while it changed,
  uint64_t away = 0;     // and those that were out of their trees at some moment of the walk.
  BoundedVector<Look, 2 * kVmasPerMm> looks;  // The first ones; they tell the manner of a miss.
};

class Walks {
 public:
  void begins(World& w, FrameId page, bool exact, Site site);
  void looks(World& w, MmId mm, PageNr address, const Pte& found, VmaId vma,
             Site site);                                         // Before deciding.
  void reads(const Vma& vma, VmaId id, const RangeWords& read);  // The words of its range.
  void skips(World& w, VmaId vma, PageNr address, Site site);    // It does not cover the address.
  void sees(const Pte& found);                                   // Decides on this very entry.
  void ends(World& w, Site site);

  // --- What others do meanwhile ------------------------------------------------------------------
  void token_died(TokenId token);
  void token_duplicated(TokenId original, TokenId copy);
  void entry_came(World& w, const Token& token);  // To a new place.
  void vmas_away(uint64_t vmas);                  // Out of their trees, as bits.

 private:
  Walk& self();
  Manner manner_of_miss(World& w, const Walk& walk, TokenId token) const;

  Walk walks_[kCpusMax + 1] = {};
};

}  // namespace rmap
