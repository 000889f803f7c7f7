// Tokens: one for each mapping, which follows it.
//
// A token is born when an entry comes to map a page, travels with the entry (it is part of struct
// Pte) through mremap and migration, and dies when the entry is really gone. While a mover has the
// entry in a register, between "clear" and "set", the token exists and is in no pte.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/model/ghost/finding_detail.h"
#include "core/model/token_set.h"
#include "core/model/types.h"

namespace rmap {

struct World;

// One mapping of one page.
struct Token {
  FrameId page;
  MmId mm;
  bool alive = false;
  bool migration = false;   // Carried as a migration entry.
  bool in_transit = false;  // In a register: cleared from its pte, not set in another yet.
  PageNr address = 0;       // Where it is, or was before the transit.
  PageNr moved_from = 0;    // Where it was before it last moved.
  uint32_t arrived = 0;     // The steps that were done when it came to where it is.
  uint8_t mover_op = 0;     // The kind of the operation that made it or last moved it, +1.
  Site mover_site = {};
};

class Tokens {
 public:
  // --- Called where an entry is born, moves or dies ----------------------------------------------
  TokenId born(World& w, FrameId page, MmId mm, PageNr address);
  void died(World& w, TokenId token);
  void taken(const World& w, TokenId token);  // Cleared from its pte, into a register.
  void placed(World& w, const Pte& pte, MmId mm, PageNr address);           // Set in a pte.
  TokenId duplicated(World& w, TokenId original, MmId mm, PageNr address);  // By fork.
  void changed_in_transit(const Pte& pte);               // Set in a table in a mover's hands.
  void table_taken(const World& w, const Table& table);  // A whole one, out of its pmd
  void table_placed(World& w, const Table& table, MmId mm, PageNr from, PageNr to);  // and back.

  // --- Moments at which rules about entries are checked ------------------------------------------
  void page_unlocked(World& w, FrameId page, Site site);
  void page_freed(World& w, FrameId page, Site site);
  void entry_found(World& w, const Pte& pte, MmId mm, PageNr address, Site site);

  const TokenSet& alive() const { return alive_; }
  const TokenSet& in_transit() const { return in_transit_; }
  const Token& operator[](TokenId id) const { return tokens_[id.value]; }
  FindingDetail detail(TokenId id) const;
  // An entry of the page that it is about came to its place at that step, from another one.
  bool entry_moved(const sched::Violation& v, uint32_t step) const;

 private:
  void moved(World& w, TokenId id, MmId mm, PageNr address);

  Token tokens_[kTokensMax] = {};
  TokenSet alive_;
  TokenSet in_transit_;
};

}  // namespace rmap
