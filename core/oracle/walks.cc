// SPDX-License-Identifier: Apache-2.0
#include "core/model/ghost/walks.h"

#include "core/model/world.h"

namespace rmap {

namespace {

void trace(Note note, Site site, sched::Object object, uint64_t a, uint64_t b = 0) {
  sched::Scheduler::running().note(static_cast<sched::EventKind>(note), site, object, a, b);
}

}  // namespace

Walk& Walks::self() { return walks_[sched::Scheduler::running().current()]; }

void Walks::begins(World& w, FrameId page, bool exact, Site site) {
  Walk& walk = self();
  CHECK(!walk.active);
  walk.active = true;
  walk.exact = exact;
  walk.page = page;
  walk.began = sched::Scheduler::running().step();
  walk.seen = {};
  walk.must = {};
  walk.outside = walk.torn = 0;
  walk.away = w.oracle.ranges.away();
  walk.looks.clear();
  const Tokens& tokens = w.oracle.tokens;
  tokens.alive().for_each([&](TokenId id) {
    const Token& t = tokens[id];
    if (t.page == page && t.migration == exact) walk.must.insert(id);
  });
  trace(Note::walk_begin, site, page_object(page), walk.must.size());
}

void Walks::looks(World& w, MmId mm, PageNr address, const Pte& found, VmaId vma, Site site) {
  Walk& walk = self();
  const TokenSet& in_transit = w.oracle.tokens.in_transit();
  if (!walk.looks.full()) walk.looks.push_back({mm, address, in_transit});
  if (walk.exact && !(walk.must & in_transit).empty())
    w.oracle.near_miss(NearMiss::looked_during_transit);
  if (is_tree(w.kernel.rmap_index)) w.oracle.judges(Rule::outside_vma);
  trace(Note::walk_look, site, pte_object(mm, address), found.word(), vma.value);
}

void Walks::reads(const Vma& v, VmaId id, const RangeWords& read) {
  const bool torn = !(read == v.whole) && !(read == v.whole_before);
  if (torn) self().torn |= uint64_t{1} << id.value;
}

void Walks::skips(World& w, VmaId id, PageNr address, Site site) {
  self().outside |= uint64_t{1} << id.value;
  const sched::Object vma = vma_object(id);
  trace(Note::walk_outside, site, vma, address);
  switch (w.kernel.rmap_index) {
    case RmapIndex::list:  // Lists hold vmas that do not cover the page.
      break;
    case RmapIndex::interval_tree:  // The tree chose this vma because it covers the page.
      w.oracle.finding(Rule::outside_vma, Manner::none, vma, {}, site);
      break;
  }
}

void Walks::sees(const Pte& found) {
  if (found.token.valid()) self().seen.insert(found.token);
}

void Walks::ends(World& w, Site site) {
  Walk& walk = self();
  walk.active = false;
  const TokenSet missed = walk.must.minus(walk.seen);
  if (walk.exact && !walk.must.empty()) w.oracle.judges(Rule::missed_pte);
  walk.must = {};
  trace(Note::walk_end, site, page_object(walk.page), missed.size());
  if (!walk.exact || missed.empty()) return;
  const TokenId first = missed.first();
  const Manner manner = manner_of_miss(w, walk, first);
  FindingDetail d = w.oracle.tokens.detail(first);
  if (is_of_a_range(manner)) {
    const Vma& vma = w.vma(
        w.oracle.ranges.covering_vma(w, w.oracle.tokens[first]));  // Whoever changed its range.
    d.other_op = vma.range_op;
    d.other_site = vma.range_site;
  }
  w.oracle.finding(Rule::missed_pte, manner, page_object(walk.page), d, site);
}

Manner Walks::manner_of_miss(World& w, const Walk& walk, TokenId id) const {
  const Token& t = w.oracle.tokens[id];
  if (t.in_transit) return Manner::in_transit;
  bool passed = false;
  for (const Walk::Look& look : walk.looks) {
    if (!(look.mm == t.mm)) continue;
    const bool its_place = look.address == t.address || look.address == t.moved_from;
    if (its_place && look.in_transit.has(id)) return Manner::in_transit;
    passed |= look.address == t.address;
  }
  if (passed) return Manner::moved_behind;
  const VmaId vma = w.oracle.ranges.covering_vma(w, t);
  if (!vma.valid()) return Manner::not_covered;
  if ((walk.torn >> vma.value & 1) != 0) return Manner::torn_range;
  if ((walk.outside >> vma.value & 1) != 0)
    return t.arrived >= walk.began ? Manner::moved_behind : Manner::not_yet_covered;
  return (walk.away >> vma.value & 1) != 0 ? Manner::out_of_tree : Manner::not_visited;
}

void Walks::token_died(TokenId token) {
  for (Walk& walk : walks_) walk.must.remove(token);
}

void Walks::token_duplicated(TokenId original, TokenId copy) {
  for (Walk& walk : walks_) {
    if (walk.must.has(original) && !walk.seen.has(original)) walk.must.insert(copy);
  }
}

void Walks::entry_came(World& w, const Token& token) {
  for (const Walk& walk : walks_) {
    if (!walk.active || !(walk.page == token.page)) continue;
    w.oracle.near_miss(NearMiss::moved_during_walk);
    if (!walk.exact) continue;
    w.oracle.near_miss(NearMiss::moved_during_exact_walk);
    for (const Walk::Look& look : walk.looks) {
      if (look.mm == token.mm && look.address == token.address)
        w.oracle.near_miss(NearMiss::moved_to_passed_place);
    }
  }
}

void Walks::vmas_away(uint64_t vmas) {
  for (Walk& walk : walks_) walk.away |= vmas;
}

}  // namespace rmap
