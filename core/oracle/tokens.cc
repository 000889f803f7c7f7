// SPDX-License-Identifier: Apache-2.0
#include "core/model/ghost/tokens.h"

#include "core/model/world.h"

namespace rmap {

FindingDetail Tokens::detail(TokenId id) const {
  const Token& t = tokens_[id.value];
  return {.mm = t.mm,
          .address = t.address,
          .moved_from = t.moved_from,
          .other_op = t.mover_op,
          .other_site = t.mover_site};
}

TokenId Tokens::born(World& w, FrameId page, MmId mm, PageNr address) {
  const uint32_t free = alive_.first_free();
  CHECK_LT(free, kTokensMax);
  const TokenId id{static_cast<uint8_t>(free)};
  tokens_[free] = {.page = page,
                   .mm = mm,
                   .alive = true,
                   .address = address,
                   .moved_from = address,
                   .arrived = sched::Scheduler::running().step(),
                   .mover_op = w.oracle.actors.operation(),
                   .mover_site = w.oracle.actors.last_branch()};
  alive_.insert(id);
  return id;
}

void Tokens::died(World& w, TokenId id) {
  CHECK(tokens_[id.value].alive);
  tokens_[id.value].alive = false;
  alive_.remove(id);
  in_transit_.remove(id);
  w.oracle.walks.token_died(id);
}

void Tokens::taken(const World& w, TokenId id) {
  Token& t = tokens_[id.value];
  t.in_transit = true;
  t.mover_op = w.oracle.actors.operation();
  t.mover_site = w.oracle.actors.last_branch();
  in_transit_.insert(id);
}

void Tokens::changed_in_transit(const Pte& pte) {
  Token& t = tokens_[pte.token.value];
  t.page = pte.frame;
  t.migration = pte.is_migration();
}

void Tokens::placed(World& w, const Pte& pte, MmId mm, PageNr address) {
  changed_in_transit(pte);
  moved(w, pte.token, mm, address);
}

// Out of the register, to that place.
void Tokens::moved(World& w, TokenId id, MmId mm, PageNr address) {
  Token& t = tokens_[id.value];
  t.in_transit = false;
  in_transit_.remove(id);
  if (t.mm == mm && t.address == address) return;
  t.moved_from = t.address;
  t.mm = mm;
  t.address = address;
  t.arrived = sched::Scheduler::running().step();
  w.oracle.walks.entry_came(w, t);
}

TokenId Tokens::duplicated(World& w, TokenId original, MmId mm, PageNr address) {
  const TokenId id = born(w, tokens_[original.value].page, mm, address);
  Token& t = tokens_[id.value];
  t.migration = tokens_[original.value].migration;
  w.oracle.walks.token_duplicated(original, id);
  w.oracle.walks.entry_came(w, t);
  return id;
}

void Tokens::table_taken(const World& w, const Table& table) {
  for (const Pte& pte : table.pte) {
    if (pte.token.valid()) taken(w, pte.token);
  }
}

void Tokens::table_placed(World& w, const Table& table, MmId mm, PageNr from, PageNr to) {
  for (uint32_t i = 0; i < kPtesPerTable; i++) {
    w.oracle.contents.moved(mm, from + i, to + i);
    if (table.pte[i].token.valid()) moved(w, table.pte[i].token, mm, to + i);
  }
  w.oracle.actors.took_effect();
}

void Tokens::page_unlocked(World& w, FrameId page, Site site) {
  w.oracle.judges(Rule::stale_entry);
  alive_.for_each([&](TokenId id) {
    const Token& t = tokens_[id.value];
    if (t.page == page && t.migration)
      w.oracle.finding(Rule::stale_entry, Manner::none, page_object(page), detail(id), site);
  });
}

void Tokens::page_freed(World& w, FrameId page, Site site) {
  w.oracle.judges(Rule::use_after_free);
  alive_.for_each([&](TokenId id) {
    const Token& t = tokens_[id.value];
    if (t.page == page && !t.migration) {
      w.oracle.finding(Rule::use_after_free, Manner::page, page_object(page), detail(id), site);
    }
  });
}

void Tokens::entry_found(World& w, const Pte& pte, MmId mm, PageNr address, Site site) {
  w.oracle.judges(Rule::unlocked_entry);
  if (w.page(pte.frame).lock.owner() != sched::kNoTask) return;
  FindingDetail d = detail(pte.token);
  d.mm = mm;
  d.address = address;
  w.oracle.finding(Rule::unlocked_entry, Manner::none, page_object(pte.frame), d, site);
}

bool Tokens::entry_moved(const sched::Violation& v, uint32_t step) const {
  bool moved = false;
  alive_.for_each([&](TokenId id) {
    const Token& t = tokens_[id.value];
    moved |= page_object(t.page) == v.object && step - t.arrived <= 1 && t.moved_from != t.address;
  });
  return moved;
}

}  // namespace rmap
