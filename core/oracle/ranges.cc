// SPDX-License-Identifier: Apache-2.0
#include "core/model/ghost/ranges.h"

#include <utility>

#include "core/mm/rmap/anon_vma_chain.h"
#include "core/model/world.h"

namespace rmap {

namespace {

// `vma` computes the entry's address from its page's index.
bool covers(const World& w, const Vma& vma, const RangeWords& range, const Token& t) {
  const PageNr address = range.start + (w.pages[t.page.value].index - range.pgoff);
  const bool inside = address >= range.start && address < range.end;
  return inside && vma.mm == t.mm && address == t.address;
}

bool covers(const World& w, const Vma& vma, const Token& t) {
  return covers(w, vma, vma.range_now(), t);
}
}  // namespace

AnonVma* mapped_anon_vma(World& w, const Token& t) {
  const AnonVmaRef mapping = AnonVmaRef::of(w.page(t.page).mapping.peek());
  if (!mapping.valid()) return nullptr;
  AnonVma& a = w.anon_vma(mapping.id);
  return a.allocated && a.life == mapping.life ? &a : nullptr;
}

VmaId Ranges::covering_vma(World& w, const Token& t) const {
  const AnonVma* a = mapped_anon_vma(w, t);
  for (const Vma& vma : w.vmas) {
    if (a == nullptr || !chain_names(w, vma, w.id(*a))) continue;
    if (covers(w, vma, t) || (is_changing(w, vma) && covers(w, vma, vma.whole, t)))
      return w.id(vma);
  }
  return {};
}

bool Ranges::reachable(World& w, const Token& t) const {
  AnonVma* a = mapped_anon_vma(w, t);
  if (a == nullptr) return false;
  const PageNr pgoff = w.page(t.page).index;
  constexpr TreeLook peek = TreeLook::peek;
  for (AvcId id = rmap_first(w, *a, pgoff, peek); id.valid(); id = rmap_next(w, id, pgoff, peek)) {
    const Vma& vma = w.vma(w.avc(id).vma);
    if (vma.range_now() == vma.whole && covers(w, vma, t)) return true;
  }
  return false;
}

bool Ranges::is_in_doubt(World& w, const Token& t) const {
  const AnonVma* a = mapped_anon_vma(w, t);
  for (const Vma& vma : w.vmas) {
    if (a == nullptr || !is_changing(w, vma) || !chain_names(w, vma, w.id(*a))) continue;
    if (covers(w, vma, vma.whole, t)) return true;
  }
  return false;
}

bool Ranges::is_changing(const World& w, const Vma& vma) const {
  return !(vma.range_now() == vma.whole) || (away_ >> w.id(vma).value & 1) != 0;
}

void Ranges::detached(World& w, VmaId vma) {
  away_ |= uint64_t{1} << vma.value;
  w.oracle.walks.vmas_away(away_);
}

void Ranges::changes(const World& w, Vma& vma, Site site) {
  vma.range_op = w.oracle.actors.operation();
  vma.range_site = site;
}

void Ranges::changed(Vma& vma) { vma.whole_before = std::exchange(vma.whole, vma.range_now()); }

void Ranges::section_ends(World& w, const Vma& vma, Site site) {
  sections_--;
  const Tokens& tokens = w.oracle.tokens;
  tokens.alive().for_each([&](TokenId id) {
    const Token& t = tokens[id];
    // A page whose migration is copying it has no mapping to judge by; an entry in a register is in
    // no place.
    if (t.in_transit || !(t.mm == vma.mm) || w.page(t.page).mapping.peek() == 0) return;
    w.oracle.judges(Rule::early_unreachable);
    if (!reachable(w, t)) {
      w.oracle.finding(Rule::early_unreachable, Manner::not_covered, page_object(t.page),
                       tokens.detail(id), site);
    }
  });
}

void Ranges::chunk_moves(World& w, const Vma& src, PageNr from, PageNr to, const Vma& dst,
                         Site site) {
  bool carries_tokens = false;
  const Tokens& tokens = w.oracle.tokens;
  tokens.alive().for_each([&](TokenId id) {
    const Token& t = tokens[id];
    carries_tokens |= t.mm == src.mm && t.address >= from && t.address < to;
  });
  if (!carries_tokens || &src == &dst) return;
  for (AvcId id = src.chain_head; id.valid(); id = w.avc(id).next_in_vma) {
    w.oracle.judges(Rule::early_order);
    const AnonVma& a = w.anon_vma(w.avc(id).anon_vma.id);
    if (visited_before(w, a, src, dst)) continue;
    w.oracle.finding(Rule::early_order, Manner::none, vma_object(w.id(dst)), {}, site);
  }
}

}  // namespace rmap
