// SPDX-License-Identifier: Apache-2.0
#include "core/oracle.h"

#include <bit>

#include "core/anon_vma.h"
#include "core/page_table.h"
#include "core/world.h"

namespace rmap {
namespace {

constexpr RuleInfo kRules[] = {
    {Rule::lock_order, "lock_order", false, "A lock was requested against the declared lock order.",
     "lockdep: possible circular locking dependency detected"},
    {Rule::sleep_in_atomic, "sleep_in_atomic", false,
     "A sleeping lock was requested under a spin lock or inside an RCU section.",
     "BUG: sleeping function called from invalid context"},
    {Rule::missed_pte, "missed_pte", false,
     "The walk that removes migration entries ended without having seen one that existed throughout.",
     "kernel BUG at include/linux/swapops.h:105 (BUG_ON(!PageLocked) in migration_entry_to_page), later"},
    {Rule::stale_entry, "stale_entry", false, "A migration entry outlived the lock of its page.",
     "kernel BUG at include/linux/swapops.h:105, or tasks that hang on the entry"},
    {Rule::unlocked_entry, "unlocked_entry", false,
     "A fault found a migration entry whose page is not locked.",
     "kernel BUG at include/linux/swapops.h:105 in migration_entry_wait"},
    {Rule::self_merge, "self_merge", false,
     "copy_vma() merged the destination into the source although pages had been faulted in.",
     "VM_BUG_ON(faulted_in_anon_vma) in copy_vma"},
    {Rule::mapcount, "mapcount", false, "At rest, a page's mapcount differs from the entries that map it.",
     "BUG: Bad page map, or page_mapped() pages freed"},
    {Rule::unreachable, "unreachable", false,
     "At rest, an entry is at an address that no vma linked to its page's anon_vma computes.",
     "migration, reclaim and split_huge_page silently miss the page"},
    {Rule::use_after_free, "use_after_free", false, "A freed object was used, or a page freed while it was mapped.",
     "KASAN: use-after-free, BUG: Bad page state"},
    {Rule::wrong_data, "wrong_data", false, "A read returned something that was not the last value written there.",
     "silent memory corruption"},
    {Rule::lost_data, "lost_data", false, "A page that was written and never unmapped reads as zero.",
     "silent memory corruption"},
    {Rule::leak, "leak", false, "At rest, an allocated object belongs to nothing.", "memory leak"},
    {Rule::early_unreachable, "early_unreachable", true,
     "A section that moved entries or changed a vma's range left an entry unreachable.", "none yet"},
    {Rule::early_order, "early_order", true,
     "Entries move without the rmap lock although a walk would visit the destination first.", "none yet"},
};

constexpr uint64_t bit(TokenId t) { return uint64_t{1} << t.value; }

template <typename Visit>
void for_each_token(uint64_t set, Visit visit) {
  for (; set != 0; set &= set - 1) visit(TokenId{static_cast<uint8_t>(std::countr_zero(set))});
}

sched::TaskId self() { return sched::Scheduler::running().current(); }

void trace(Note note, Site site, sched::Object object, uint64_t a, uint64_t b = 0) {
  sched::Scheduler::running().note(static_cast<sched::EventKind>(note), site, object, a, b);
}

sched::Object page_object(FrameId page) { return sched::make_object(kPageObject, page.value); }
sched::Object pte_object(MmId mm, PageNr address) {
  return sched::make_object(kPteObject, mm.value * kWindowPages + address);
}

}  // namespace

std::string_view manner_name(Manner manner) {
  switch (manner) {
    case Manner::none: return "any";
    case Manner::in_transit: return "in_transit";
    case Manner::moved_behind: return "moved_behind";
    case Manner::not_covered: return "not_covered";
    case Manner::not_yet_covered: return "not_yet_covered";
    case Manner::not_visited: return "not_visited";
    case Manner::page: return "page";
    case Manner::table: return "page_table";
    case Manner::vma: return "vma";
    case Manner::chain: return "anon_vma_chain";
    case Manner::anon_vma: return "anon_vma";
  }
  return "any";
}

std::span<const RuleInfo> all_rules() { return kRules; }

const RuleInfo& rule_info(Rule rule) {
  for (const RuleInfo& info : kRules) {
    if (info.rule == rule) return info;
  }
  CHECK(false);
  return kRules[0];
}

Rule rule_named(std::string_view name) {
  for (const RuleInfo& info : kRules) {
    if (info.name == name) return info.rule;
  }
  return Rule::none;
}

RuleSet RuleSet::proof() {
  RuleSet set;
  for (const RuleInfo& info : kRules) {
    if (!info.early) set = set.with(info.rule);
  }
  return set;
}

uint64_t pack_a(const FindingDetail& d) { return uint64_t{d.mm.value} << 48 | uint64_t{d.address} << 24 | d.moved_from; }
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

void Oracle::took_effect() { effect_[self()] = true; }
bool Oracle::has_taken_effect() const { return effect_[self()]; }

void Oracle::branch(Site site) { branch_[self()] = site; }

void Oracle::finding(World&, Rule rule, Manner manner, sched::Object object, const FindingDetail& d, Site site) {
  if (rule_info(rule).early) early_signs |= 1u << static_cast<uint32_t>(rule);
  if (!rules.has(rule)) return;
  sched::Scheduler& s = sched::Scheduler::running();
  const bool in_task = s.current() != sched::kNoTask;
  FindingDetail detail = d;
  if (in_task) detail.op = op_kind_[self()];
  const sched::Violation violation{.rule = static_cast<uint8_t>(rule), .manner = static_cast<uint8_t>(manner),
                                   .task = s.current(), .site = site, .step = s.step(), .object = object,
                                   .a = pack_a(detail), .b = pack_b(detail)};
  if (in_task) s.fail(violation);
  s.fail_at_rest(violation);
}

FindingDetail Oracle::detail(TokenId id) const {
  const Token& t = tokens_[id.value];
  return {.mm = t.mm, .address = t.address, .moved_from = t.moved_from, .other_op = t.mover_op,
          .other_site = t.mover_site};
}

// --- Mappings --------------------------------------------------------------------------------------------------------

TokenId Oracle::born(FrameId page, MmId mm, PageNr address) {
  const int free = std::countr_one(alive_);
  CHECK_LT(static_cast<uint32_t>(free), kTokensMax);
  const TokenId id{static_cast<uint8_t>(free)};
  tokens_[free] = {.page = page, .mm = mm, .alive = true, .address = address, .moved_from = address};
  alive_ |= bit(id);
  return id;
}

void Oracle::died(World&, TokenId id) {
  CHECK(tokens_[id.value].alive);
  tokens_[id.value].alive = false;
  alive_ &= ~bit(id);
  in_transit_ &= ~bit(id);
  for (Walk& walk : walks_) walk.must &= ~bit(id);
}

void Oracle::taken(TokenId id) {
  Token& t = tokens_[id.value];
  t.in_transit = true;
  t.mover_op = op_kind_[self()];
  t.mover_site = branch_[self()];
  in_transit_ |= bit(id);
}

void Oracle::placed(World&, const Pte& pte, MmId mm, PageNr address) {
  Token& t = tokens_[pte.token.value];
  t.page = pte.frame;
  t.migration = pte.is_migration();
  t.in_transit = false;
  in_transit_ &= ~bit(pte.token);
  if (t.mm == mm && t.address == address) return;
  t.moved_from = t.address;
  t.mm = mm;
  t.address = address;
  note_near_misses(t);
}

void Oracle::note_near_misses(const Token& moved) {
  for (const Walk& walk : walks_) {
    if (!walk.active || !(walk.page == moved.page)) continue;
    near_miss(NearMiss::moved_during_walk);
    if (!walk.exact) continue;
    near_miss(NearMiss::moved_during_exact_walk);
    for (const Walk::Look& look : walk.looks) {
      if (look.mm == moved.mm && look.address == moved.address) near_miss(NearMiss::moved_to_passed_place);
    }
  }
}

bool Oracle::mapped(FrameId page) const {
  bool found = false;
  for_each_token(alive_, [&](TokenId t) { found |= tokens_[t.value].page == page; });
  return found;
}

// --- Walks -----------------------------------------------------------------------------------------------------------

void Oracle::walk_begins(World&, FrameId page, bool exact, Site site) {
  Walk& walk = walks_[self()];
  CHECK(!walk.active);
  walk.active = true;
  walk.exact = exact;
  walk.page = page;
  walk.site = site;
  walk.seen = 0;
  walk.must = 0;
  walk.outside = 0;
  walk.looks.clear();
  for_each_token(alive_, [&](TokenId id) {
    const Token& t = tokens_[id.value];
    if (t.page == page && t.migration == exact) walk.must |= bit(id);
  });
  trace(Note::walk_begin, site, page_object(page), static_cast<uint64_t>(std::popcount(walk.must)));
}

void Oracle::walk_looks(World&, MmId mm, PageNr address, const Pte& found, VmaId vma, Site site) {
  Walk& walk = walks_[self()];
  if (!walk.looks.full()) walk.looks.push_back({mm, address, in_transit_});
  if (walk.exact && (walk.must & in_transit_) != 0) near_miss(NearMiss::looked_during_transit);
  trace(Note::walk_look, site, pte_object(mm, address), found.word(), vma.value);
}

void Oracle::walk_skips(VmaId id, PageNr address, Site site) {
  walks_[self()].outside |= uint64_t{1} << id.value;
  trace(Note::walk_outside, site, sched::make_object(kVmaObject, id.value), address);
}

void Oracle::walk_sees(const Pte& found) {
  if (found.token.valid()) walks_[self()].seen |= bit(found.token);
}

void Oracle::walk_ends(World& w, Site site) {
  Walk& walk = walks_[self()];
  walk.active = false;
  const uint64_t missed = walk.must & ~walk.seen;
  walk.must = 0;
  trace(Note::walk_end, site, page_object(walk.page), static_cast<uint64_t>(std::popcount(missed)));
  if (!walk.exact || missed == 0) return;
  const TokenId first{static_cast<uint8_t>(std::countr_zero(missed))};
  finding(w, Rule::missed_pte, manner_of_miss(w, walk, first), page_object(walk.page), detail(first), site);
}

Manner Oracle::manner_of_miss(World& w, const Walk& walk, TokenId id) const {
  const Token& t = tokens_[id.value];
  if (t.in_transit) return Manner::in_transit;
  bool passed = false;
  for (const Walk::Look& look : walk.looks) {
    if (!(look.mm == t.mm)) continue;
    const bool its_place = look.address == t.address || look.address == t.moved_from;
    if (its_place && (look.in_transit & bit(id)) != 0) return Manner::in_transit;
    passed |= look.address == t.address;
  }
  if (passed) return Manner::moved_behind;
  const VmaId vma = covering_vma(w, t);
  if (!vma.valid()) return Manner::not_covered;
  return (walk.outside >> vma.value & 1) != 0 ? Manner::not_yet_covered : Manner::not_visited;
}

// --- Moments ---------------------------------------------------------------------------------------------------------

void Oracle::page_unlocked(World& w, FrameId page, Site site) {
  for_each_token(alive_, [&](TokenId id) {
    const Token& t = tokens_[id.value];
    if (t.page == page && t.migration) finding(w, Rule::stale_entry, Manner::none, page_object(page), detail(id), site);
  });
}

void Oracle::page_freed(World& w, FrameId page, Site site) {
  for_each_token(alive_, [&](TokenId id) {
    const Token& t = tokens_[id.value];
    if (t.page == page && !t.migration) {
      finding(w, Rule::use_after_free, Manner::page, page_object(page), detail(id), site);
    }
  });
}

void Oracle::entry_waited_for(World& w, const Pte& pte, MmId mm, PageNr address, Site site) {
  if (w.page(pte.frame).lock.owner() != sched::kNoTask) return;
  FindingDetail d = detail(pte.token);
  d.mm = mm;
  d.address = address;
  finding(w, Rule::unlocked_entry, Manner::none, page_object(pte.frame), d, site);
}

void Oracle::self_merged(World& w, const Vma& vma, Site site) {
  finding(w, Rule::self_merge, Manner::none, sched::make_object(kVmaObject, w.id(vma).value), {}, site);
}

void Oracle::freed_object_used(World& w, Manner what, sched::Object object, Site site) {
  finding(w, Rule::use_after_free, what, object, {}, site);
}

// A linked vma computes the entry's address from its page's index.
VmaId Oracle::covering_vma(World& w, const Token& t) const {
  const Page& page = w.page(t.page);
  const uint8_t mapping = page.mapping.peek();
  if (mapping == 0) return {};
  const AnonVma& a = w.anon_vma(AnonVmaId{static_cast<uint8_t>(mapping - 1)});
  if (!a.allocated) return {};
  for (AvcId id = a.head; id.valid(); id = w.avc(id).next) {
    const Vma& vma = w.vma(w.avc(id).vma);
    const PageNr address = vma.vm_start.peek() + (page.index - vma.vm_pgoff.peek());
    const bool inside = address >= vma.vm_start.peek() && address < vma.vm_end.peek();
    if (inside && vma.mm == t.mm && address == t.address) return w.id(vma);
  }
  return {};
}

void Oracle::section_ends(World& w, const Vma& vma, Site site) {
  for_each_token(alive_, [&](TokenId id) {
    const Token& t = tokens_[id.value];
    // A page whose migration is copying it has no mapping to judge by; an entry in a register is in no place.
    if (t.in_transit || !(t.mm == vma.mm) || w.page(t.page).mapping.peek() == 0) return;
    if (!reachable(w, t)) {
      finding(w, Rule::early_unreachable, Manner::not_covered, page_object(t.page), detail(id), site);
    }
  });
}

void Oracle::chunk_moves(World& w, const Vma& src, const Vma& dst, Site site) {
  if (&src == &dst) return;
  for (AvcId id = src.chain_head; id.valid(); id = w.avc(id).next_in_vma) {
    const AnonVma& a = w.anon_vma(w.avc(id).anon_vma);
    if (visited_before(w, a, src, dst)) continue;
    finding(w, Rule::early_order, Manner::none, sched::make_object(kVmaObject, w.id(dst).value), {}, site);
  }
}

// --- Contents ---------------------------------------------------------------------------------------------------------

void Oracle::read(World& w, MmId mm, PageNr address, uint16_t value, Site site) {
  const uint16_t expected = expected_[mm.value][address];
  if (value == expected) return;
  const FindingDetail d{.mm = mm, .address = address, .moved_from = address, .other_site = {}};
  finding(w, value == 0 ? Rule::lost_data : Rule::wrong_data, Manner::none, pte_object(mm, address), d, site);
}

void Oracle::address_moved(MmId mm, PageNr from, PageNr to) {
  expected_[mm.value][to] = expected_[mm.value][from];
  expected_[mm.value][from] = 0;
}

// --- At rest: every task has finished -----------------------------------------------------------------------------------

void Oracle::quiescent(World& w) {
  check_mapcounts(w);
  check_reachable(w);
  check_leaks(w);
}

void Oracle::check_mapcounts(World& w) {
  uint8_t entries[kFramesMax] = {};
  for_each_token(alive_, [&](TokenId id) {
    const Token& t = tokens_[id.value];
    if (!t.migration) entries[t.page.value]++;
  });
  for (const Page& page : w.pages) {
    if (!page.allocated || page.mapcount.peek() == entries[w.id(page).value]) continue;
    finding(w, Rule::mapcount, Manner::none, page_object(w.id(page)), {}, {});
  }
}

void Oracle::check_reachable(World& w) {
  for_each_token(alive_, [&](TokenId id) {
    const Token& t = tokens_[id.value];
    if (t.in_transit || (!t.migration && !reachable(w, t))) {
      finding(w, Rule::unreachable, t.in_transit ? Manner::in_transit : Manner::not_covered, page_object(t.page),
              detail(id), {});
    }
  });
}

void Oracle::check_leaks(World& w) {
  const auto leaked = [&](Manner what, unsigned cls, unsigned ordinal) {
    finding(w, Rule::leak, what, sched::make_object(cls, ordinal), {}, {});
  };
  for (const Page& page : w.pages) {
    if (page.allocated && page.refcount.peek() != page.mapcount.peek()) leaked(Manner::page, kPageObject, w.id(page).value);
  }
  uint32_t tables = 0;
  uint32_t vmas = 0;
  for (const Mm& mm : w.mms) {
    for (const auto& pmd : mm.pmd) tables += pmd.peek() != 0;
    vmas += mm.vmas.size();
  }
  for (const Table& table : w.tables) tables -= table.allocated;
  if (tables != 0) leaked(Manner::table, kNoObject, 0);
  for (const Vma& vma : w.vmas) vmas -= vma.allocated;
  if (vmas != 0) leaked(Manner::vma, kNoObject, 0);
  for (const AnonVmaChain& avc : w.avcs) {
    if (avc.allocated && !(avc.vma.valid() && w.vma(avc.vma).allocated)) leaked(Manner::chain, kNoObject, 0);
  }
  for (const AnonVma& a : w.anon_vmas) {
    if (a.allocated && (!a.head.valid() || a.refcount.peek() != 1)) leaked(Manner::anon_vma, kAnonVmaObject, w.id(a).value);
  }
}

}  // namespace rmap
