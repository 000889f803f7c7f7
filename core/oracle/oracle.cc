// SPDX-License-Identifier: Apache-2.0
#include "core/model/oracle.h"

#include <utility>

#include "core/mm/rmap/anon_vma_chain.h"
#include "core/model/world.h"

namespace rmap {
namespace {

sched::TaskId self() { return sched::Scheduler::running().current(); }

void trace(Note note, Site site, sched::Object object, uint64_t a, uint64_t b = 0) {
  sched::Scheduler::running().note(static_cast<sched::EventKind>(note), site, object, a, b);
}

sched::Object pte_object(MmId mm, PageNr address) {
  return sched::make_object(kPteObject, mm.value * kWindowPages + address);
}

// A vma that is broken so has broken copies: whoever splits or forks it is innocent.
bool is_copied(Rule rule) { return rule == Rule::unfaulted_pgoff || rule == Rule::chain_order; }

}  // namespace

uint64_t pack_a(const FindingDetail& d) {
  return uint64_t{d.mm.value} << 48 | uint64_t{d.address} << 24 | d.moved_from;
}
uint64_t pack_b(const FindingDetail& d) {
  return uint64_t{d.op} << 32 | uint64_t{d.other_op} << 24 | d.other_site.index;
}

FindingDetail unpack_detail(const sched::Violation& v) {
  FindingDetail d;
  d.mm = MmId{static_cast<uint8_t>(v.a >> 48)};
  d.address = static_cast<PageNr>(v.a >> 24 & 0xffffff);
  d.moved_from = static_cast<PageNr>(v.a & 0xffffff);
  d.op = static_cast<uint8_t>(v.b >> 32);
  d.other_op = static_cast<uint8_t>(v.b >> 24);
  d.other_site = Site{static_cast<uint16_t>(v.b)};
  return d;
}

void Oracle::op_begins(uint8_t kind) {
  op_kind_[self()] = static_cast<uint8_t>(kind + 1);
  branch_[self()] = {};
  effect_[self()] = false;
}

uint8_t Oracle::acts_as(uint8_t kind_plus_one) {
  return std::exchange(op_kind_[self()], kind_plus_one);
}

void Oracle::took_effect() { effect_[self()] = true; }
bool Oracle::has_taken_effect() const { return effect_[self()]; }

void Oracle::branch(Site site) { branch_[self()] = site; }

void Oracle::finding(World&, Rule rule, Manner manner, sched::Object object, const FindingDetail& d,
                     Site site) {
  if (probe_.rule != Rule::none) {
    probe_.hit |= rule == probe_.rule && (is_copied(rule) || object == probe_.object);
    return;
  }
  if (rule_info(rule).early) early_signs |= 1u << static_cast<uint32_t>(rule);
  if (rules.has(rule)) report(rule, manner, object, d, site);
}

void Oracle::report(Rule rule, Manner manner, sched::Object object, const FindingDetail& d,
                    Site site) {
  sched::Scheduler& s = sched::Scheduler::running();
  const bool in_task = s.current() != sched::kNoTask;
  FindingDetail detail = d;
  if (in_task && d.op == 0) detail.op = op_kind_[self()];
  const sched::Violation violation{.rule = static_cast<uint8_t>(rule),
                                   .manner = static_cast<uint8_t>(manner),
                                   .task = s.current(),
                                   .site = site,
                                   .step = s.step(),
                                   .object = object,
                                   .a = pack_a(detail),
                                   .b = pack_b(detail)};
  if (in_task) s.fail(violation);
  s.fail_at_rest(violation);
}

FindingDetail Oracle::detail(TokenId id) const {
  const Token& t = tokens_[id.value];
  return {.mm = t.mm,
          .address = t.address,
          .moved_from = t.moved_from,
          .other_op = t.mover_op,
          .other_site = t.mover_site};
}

// --- Mappings ------------------------------------------------------------------------------------

TokenId Oracle::born(FrameId page, MmId mm, PageNr address) {
  const uint32_t free = alive_.first_free();
  CHECK_LT(free, kTokensMax);
  const TokenId id{static_cast<uint8_t>(free)};
  tokens_[free] = {.page = page,
                   .mm = mm,
                   .alive = true,
                   .address = address,
                   .moved_from = address,
                   .arrived = sched::Scheduler::running().step(),
                   .mover_op = op_kind_[self()],
                   .mover_site = branch_[self()]};
  alive_.insert(id);
  return id;
}

void Oracle::died(World&, TokenId id) {
  CHECK(tokens_[id.value].alive);
  tokens_[id.value].alive = false;
  alive_.remove(id);
  in_transit_.remove(id);
  for (Walk& walk : walks_) walk.must.remove(id);
}

void Oracle::taken(TokenId id) {
  Token& t = tokens_[id.value];
  t.in_transit = true;
  t.mover_op = op_kind_[self()];
  t.mover_site = branch_[self()];
  in_transit_.insert(id);
}

void Oracle::changed_in_transit(const Pte& pte) {
  Token& t = tokens_[pte.token.value];
  t.page = pte.frame;
  t.migration = pte.is_migration();
}

void Oracle::placed(World&, const Pte& pte, MmId mm, PageNr address) {
  changed_in_transit(pte);
  Token& t = tokens_[pte.token.value];
  t.in_transit = false;
  in_transit_.remove(pte.token);
  moved(t, mm, address);
}

void Oracle::moved(Token& t, MmId mm, PageNr address) {
  if (t.mm == mm && t.address == address) return;
  t.moved_from = t.address;
  t.mm = mm;
  t.address = address;
  t.arrived = sched::Scheduler::running().step();
  note_near_misses(t);
}

TokenId Oracle::duplicated(World&, TokenId original, MmId mm, PageNr address) {
  const TokenId id = born(tokens_[original.value].page, mm, address);
  Token& t = tokens_[id.value];
  t.migration = tokens_[original.value].migration;
  for (Walk& walk : walks_) {
    if (walk.must.has(original) && !walk.seen.has(original)) walk.must.insert(id);
  }
  note_near_misses(t);
  return id;
}

void Oracle::table_taken(const Table& table) {
  for (const Pte& pte : table.pte) {
    if (pte.token.valid()) taken(pte.token);
  }
}

void Oracle::table_placed(World&, const Table& table, MmId mm, PageNr from, PageNr to) {
  for (uint32_t i = 0; i < kPtesPerTable; i++) {
    address_moved(mm, from + i, to + i);
    const TokenId id = table.pte[i].token;
    if (!id.valid()) continue;
    tokens_[id.value].in_transit = false;
    in_transit_.remove(id);
    moved(tokens_[id.value], mm, to + i);
  }
  took_effect();
}

void Oracle::note_near_misses(const Token& token) {
  for (const Walk& walk : walks_) {
    if (!walk.active || !(walk.page == token.page)) continue;
    near_miss(NearMiss::moved_during_walk);
    if (!walk.exact) continue;
    near_miss(NearMiss::moved_during_exact_walk);
    for (const Walk::Look& look : walk.looks) {
      if (look.mm == token.mm && look.address == token.address)
        near_miss(NearMiss::moved_to_passed_place);
    }
  }
}

// --- Walks ---------------------------------------------------------------------------------------

void Oracle::walk_begins(World&, FrameId page, bool exact, Site site) {
  Walk& walk = walks_[self()];
  CHECK(!walk.active);
  walk.active = true;
  walk.exact = exact;
  walk.page = page;
  walk.began = sched::Scheduler::running().step();
  walk.seen = {};
  walk.must = {};
  walk.outside = walk.torn = 0;
  walk.away = away_;
  walk.looks.clear();
  alive_.for_each([&](TokenId id) {
    const Token& t = tokens_[id.value];
    if (t.page == page && t.migration == exact) walk.must.insert(id);
  });
  trace(Note::walk_begin, site, page_object(page), walk.must.size());
}

void Oracle::walk_looks(World& w, MmId mm, PageNr address, const Pte& found, VmaId vma, Site site) {
  Walk& walk = walks_[self()];
  if (!walk.looks.full()) walk.looks.push_back({mm, address, in_transit_});
  if (walk.exact && !(walk.must & in_transit_).empty()) near_miss(NearMiss::looked_during_transit);
  if (w.kernel.rmap_index == RmapIndex::interval_tree) judges(Rule::outside_vma);
  trace(Note::walk_look, site, pte_object(mm, address), found.word(), vma.value);
}

void Oracle::walk_reads(const Vma& v, VmaId id, const RangeWords& read) {
  const bool torn = !(read == v.whole) && !(read == v.whole_before);
  if (torn) walks_[self()].torn |= uint64_t{1} << id.value;
}

void Oracle::walk_skips(World& w, VmaId id, PageNr address, Site site) {
  const Vma& v = w.vma(id);
  walks_[self()].outside |= uint64_t{1} << id.value;
  const sched::Object vma = vma_object(id);
  trace(Note::walk_outside, site, vma, address);
  switch (w.kernel.rmap_index) {
    case RmapIndex::list:  // Lists hold vmas that do not cover the page.
      break;
    case RmapIndex::interval_tree:  // The tree chose this vma because it covers the page.
      outside_vma(w, v, site);
      break;
  }
}

void Oracle::walk_sees(const Pte& found) {
  if (found.token.valid()) walks_[self()].seen.insert(found.token);
}

void Oracle::walk_ends(World& w, Site site) {
  Walk& walk = walks_[self()];
  walk.active = false;
  const TokenSet missed = walk.must.minus(walk.seen);
  if (walk.exact && !walk.must.empty()) judges(Rule::missed_pte);
  walk.must = {};
  trace(Note::walk_end, site, page_object(walk.page), missed.size());
  if (!walk.exact || missed.empty()) return;
  const TokenId first = missed.first();
  const Manner manner = manner_of_miss(w, walk, first);
  FindingDetail d = detail(first);
  if (is_of_a_range(manner)) {
    const Vma& vma = w.vma(covering_vma(w, tokens_[first.value]));  // Whoever changed its range.
    d.other_op = vma.range_op;
    d.other_site = vma.range_site;
  }
  finding(w, Rule::missed_pte, manner, page_object(walk.page), d, site);
}

Manner Oracle::manner_of_miss(World& w, const Walk& walk, TokenId id) const {
  const Token& t = tokens_[id.value];
  if (t.in_transit) return Manner::in_transit;
  bool passed = false;
  for (const Walk::Look& look : walk.looks) {
    if (!(look.mm == t.mm)) continue;
    const bool its_place = look.address == t.address || look.address == t.moved_from;
    if (its_place && look.in_transit.has(id)) return Manner::in_transit;
    passed |= look.address == t.address;
  }
  if (passed) return Manner::moved_behind;
  const VmaId vma = covering_vma(w, t);
  if (!vma.valid()) return Manner::not_covered;
  if ((walk.torn >> vma.value & 1) != 0) return Manner::torn_range;
  if ((walk.outside >> vma.value & 1) != 0)
    return t.arrived >= walk.began ? Manner::moved_behind : Manner::not_yet_covered;
  return (walk.away >> vma.value & 1) != 0 ? Manner::out_of_tree : Manner::not_visited;
}

// --- Moments -------------------------------------------------------------------------------------

void Oracle::page_unlocked(World& w, FrameId page, Site site) {
  judges(Rule::stale_entry);
  alive_.for_each([&](TokenId id) {
    const Token& t = tokens_[id.value];
    if (t.page == page && t.migration)
      finding(w, Rule::stale_entry, Manner::none, page_object(page), detail(id), site);
  });
}

void Oracle::page_freed(World& w, FrameId page, Site site) {
  judges(Rule::use_after_free);
  alive_.for_each([&](TokenId id) {
    const Token& t = tokens_[id.value];
    if (t.page == page && !t.migration) {
      finding(w, Rule::use_after_free, Manner::page, page_object(page), detail(id), site);
    }
  });
}

void Oracle::entry_found(World& w, const Pte& pte, MmId mm, PageNr address, Site site) {
  judges(Rule::unlocked_entry);
  if (w.page(pte.frame).lock.owner() != sched::kNoTask) return;
  FindingDetail d = detail(pte.token);
  d.mm = mm;
  d.address = address;
  finding(w, Rule::unlocked_entry, Manner::none, page_object(pte.frame), d, site);
}

void Oracle::outside_vma(World& w, const Vma& vma, Site site) {
  finding(w, Rule::outside_vma, Manner::none, vma_object(w.id(vma)), {}, site);
}

void Oracle::self_merged(World& w, const Vma& vma, Site site) {
  finding(w, Rule::self_merge, Manner::none, vma_object(w.id(vma)), {}, site);
}

void Oracle::rcu_begins() {
  if (rcu_depth_[self()]++ == 0) rcu_since_[self()] = frees_;
}
void Oracle::rcu_ends() { rcu_depth_[self()]--; }

void Oracle::anon_vma_used(World& w, AnonVmaRef ref, Site site) {
  judges(Rule::use_after_free);
  const AnonVma& a = w.anon_vma(ref.id);
  if (a.allocated && a.life == ref.life) return;
  if (rcu_depth_[self()] != 0 && a.freed_at > rcu_since_[self()]) return;
  finding(w, Rule::use_after_free, Manner::anon_vma, anon_vma_object(ref.id), {}, site);
}

void Oracle::anon_vma_in_use(World& w, const AnonVma& a, Site site) {
  finding(w, Rule::anon_vma_count, Manner::none, anon_vma_object(w.id(a)), {}, site);
}

void Oracle::foreign_unlock(World& w, const AnonVma& a, Site site) {
  finding(w, Rule::foreign_unlock, Manner::none, a.lock.object(), {}, site);
}

void Oracle::list_used(World& w, ListUse& use, sched::Object object, bool locked, bool changes,
                       Site site) {
  judges(Rule::list_race);
  if (use.changing != 0 || (changes && use.following != 0))
    finding(w, Rule::list_race, Manner::none, object, {}, site);
  if (locked) return;
  uint8_t& here = changes ? use.changing : use.following;
  here++;
  sched::Scheduler::running().point(site);
  here--;
}

void Oracle::list_corrupted(sched::Object object, Site site) {
  report(Rule::list_race, Manner::none, object, {}, site);
}

void Oracle::freed_object_used(World& w, Manner what, sched::Object object, Site site) {
  finding(w, Rule::use_after_free, what, object, {}, site);
}

void Oracle::table_freed() { table_freed_by_ = op_kind_[self()]; }

void Oracle::freed_table_used(World& w, sched::Object object) {
  const FindingDetail d{.mm = {}, .op = table_freed_by_, .other_site = {}};
  finding(w, Rule::use_after_free, Manner::table, object, d, "free_pgtables/clear"_site);
}

// `vma` computes the entry's address from its page's index.
bool Oracle::covers(const World& w, const Vma& vma, const Token& t) const {
  return covers(w, vma, vma.range_now(), t);
}
bool Oracle::covers(const World& w, const Vma& vma, const RangeWords& range, const Token& t) const {
  const PageNr address = range.start + (w.pages[t.page.value].index - range.pgoff);
  const bool inside = address >= range.start && address < range.end;
  return inside && vma.mm == t.mm && address == t.address;
}

VmaId Oracle::covering_vma(World& w, const Token& t) const {
  const AnonVma* a = mapped_anon_vma(w, t);
  for (const Vma& vma : w.vmas) {
    if (a == nullptr || !chain_names(w, vma, w.id(*a))) continue;
    if (covers(w, vma, t) || (is_changing(w, vma) && covers(w, vma, vma.whole, t)))
      return w.id(vma);
  }
  return {};
}

bool Oracle::reachable(World& w, const Token& t) const {
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

bool Oracle::is_in_doubt(World& w, const Token& t) const {
  const AnonVma* a = mapped_anon_vma(w, t);
  for (const Vma& vma : w.vmas) {
    if (a == nullptr || !is_changing(w, vma) || !chain_names(w, vma, w.id(*a))) continue;
    if (covers(w, vma, vma.whole, t)) return true;
  }
  return false;
}

bool Oracle::is_changing(const World& w, const Vma& vma) const {
  return !(vma.range_now() == vma.whole) || (away_ >> w.id(vma).value & 1) != 0;
}

AnonVma* Oracle::mapped_anon_vma(World& w, const Token& t) const {
  const AnonVmaRef mapping = AnonVmaRef::of(w.page(t.page).mapping.peek());
  if (!mapping.valid()) return nullptr;
  AnonVma& a = w.anon_vma(mapping.id);
  return a.allocated && a.life == mapping.life ? &a : nullptr;
}

void Oracle::detached(VmaId vma) {
  away_ |= uint64_t{1} << vma.value;
  for (Walk& walk : walks_) walk.away |= away_;
}

void Oracle::range_changes(Vma& vma, Site site) {
  vma.range_op = op_kind_[self()];
  vma.range_site = site;
}

void Oracle::range_changed(Vma& vma) {
  vma.whole_before = std::exchange(vma.whole, vma.range_now());
}

void Oracle::section_ends(World& w, const Vma& vma, Site site) {
  sections_--;
  alive_.for_each([&](TokenId id) {
    const Token& t = tokens_[id.value];
    // A page whose migration is copying it has no mapping to judge by; an entry in a register is in
    // no place.
    if (t.in_transit || !(t.mm == vma.mm) || w.page(t.page).mapping.peek() == 0) return;
    judges(Rule::early_unreachable);
    if (!reachable(w, t)) {
      finding(w, Rule::early_unreachable, Manner::not_covered, page_object(t.page), detail(id),
              site);
    }
  });
}

void Oracle::chunk_moves(World& w, const Vma& src, PageNr from, PageNr to, const Vma& dst,
                         Site site) {
  bool carries_tokens = false;
  alive_.for_each([&](TokenId id) {
    const Token& t = tokens_[id.value];
    carries_tokens |= t.mm == src.mm && t.address >= from && t.address < to;
  });
  if (!carries_tokens || &src == &dst) return;
  for (AvcId id = src.chain_head; id.valid(); id = w.avc(id).next_in_vma) {
    judges(Rule::early_order);
    const AnonVma& a = w.anon_vma(w.avc(id).anon_vma.id);
    if (visited_before(w, a, src, dst)) continue;
    finding(w, Rule::early_order, Manner::none, vma_object(w.id(dst)), {}, site);
  }
}

// --- Contents ------------------------------------------------------------------------------------

void Oracle::read(World& w, MmId mm, PageNr address, uint16_t value, Site site) {
  const uint16_t expected = expected_[mm.value][address];
  judges(Rule::wrong_data);
  if (expected != 0) judges(Rule::lost_data);
  if (value == expected) return;
  const FindingDetail d{.mm = mm, .address = address, .moved_from = address, .other_site = {}};
  finding(w, value == 0 ? Rule::lost_data : Rule::wrong_data, Manner::none, pte_object(mm, address),
          d, site);
}

void Oracle::address_moved(MmId mm, PageNr from, PageNr to) {
  expected_[mm.value][to] = expected_[mm.value][from];
  expected_[mm.value][from] = 0;
}

}  // namespace rmap
