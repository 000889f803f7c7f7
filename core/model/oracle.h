// The oracle: ghost state that follows every mapping, and the rules that a kernel must not break.
//
// A *mapping token* is born when an entry comes to map a page, travels with the entry (it is part
// of struct Pte) through mremap and migration, and dies when the entry is really gone. While a
// mover has the entry in a register, between "clear" and "set", the token exists and is in no pte.
// A *walk* lasts from taking to dropping its rmap lock. A token is *seen* when the per-mapping test
// reads the very entry that carries it, under the lock it decides by. A walk that must be exact,
// the one that removes migration entries, has to see each migration entry of its page that existed
// for the whole walk; seeing one twice is legal. Fork duplicates a token, and the copy is as old as
// the original: a walk that has not seen the original yet has to see both.
//
// Proof rules are findings. Early signs are feedback for the search, and findings only when asked
// for (kEarly rules). Any rule can be switched off alone; its absence must then be noticed by a
// test (tests/core/oracle_test.cc).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/model/oracle_rules.h"
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

// What a finding says beside its rule; packed into sched::Violation's operands.
struct FindingDetail {
  MmId mm;
  PageNr address = 0;
  PageNr moved_from = 0;
  uint8_t op = 0;        // Kind of the operation that noticed, +1.
  uint8_t other_op = 0;  // Kind of the operation that moved the entry, +1.
  Site other_site = {};
};
inline sched::Object page_object(FrameId page) {
  return sched::make_object(kPageObject, page.value);
}
inline sched::Object vma_object(VmaId vma) { return sched::make_object(kVmaObject, vma.value); }
inline sched::Object pmd_object(MmId mm, uint32_t index) {
  return sched::make_object(kPmdObject, mm.value * kTablesPerMm + index);
}
inline sched::Object anon_vma_object(AnonVmaId a) {
  return sched::make_object(kAnonVmaObject, a.value);
}
uint64_t pack_a(const FindingDetail& d);
uint64_t pack_b(const FindingDetail& d);
FindingDetail unpack_detail(const sched::Violation& v);

// Walks and moves that met, by how closely: feedback for the search, never a finding.
enum class NearMiss : uint8_t {
  moved_during_walk,        // An entry moved while a walk for its page was under way;
  moved_during_exact_walk,  // a walk that must be exact;
  moved_to_passed_place,    // to a place where that walk had looked already.
  looked_during_transit,  // An exact walk looked somewhere while an entry that it must see was in a
                          // register.
};

class Oracle {
 public:
  RuleSet rules;             // The findings.
  uint32_t early_signs = 0;  // Early signs seen, as bits of Rule, whether or not they are findings.
  uint32_t judged = 0;       // Rules that something was held against, as bits of Rule.
  uint32_t near_misses = 0;  // How close walks and moves came to each other, as bits of NearMiss.

  // --- Mappings: called where an entry is born, moves or dies ------------------------------------
  TokenId born(FrameId page, MmId mm, PageNr address);
  void died(World& w, TokenId token);
  void taken(TokenId token);  // Cleared from its pte, into a register.
  void placed(World& w, const Pte& pte, MmId mm, PageNr address);        // Set in a pte.
  TokenId duplicated(World& w, TokenId token, MmId mm, PageNr address);  // By fork.
  void changed_in_transit(const Pte& pte);  // Set in a table that is in a mover's hands.
  void table_taken(const Table& table);     // A whole page table, out of its pmd and into another.
  void table_placed(World& w, const Table& table, MmId mm, PageNr from, PageNr to);

  // --- Walks -------------------------------------------------------------------------------------
  void walk_begins(World& w, FrameId page, bool exact, Site site);
  void walk_looks(World& w, MmId mm, PageNr address, const Pte& found, VmaId vma,
                  Site site);                                         // Before deciding.
  void walk_reads(const Vma& vma, VmaId id, const RangeWords& read);  // The words of its range.
  void walk_skips(World& w, VmaId vma, PageNr address,
                  Site site);        // It does not cover the address.
  void walk_sees(const Pte& found);  // Decides on this very entry.
  void walk_ends(World& w, Site site);

  // --- Moments at which rules are checked --------------------------------------------------------
  void page_unlocked(World& w, FrameId page, Site site);
  void page_freed(World& w, FrameId page, Site site);
  void entry_found(World& w, const Pte& pte, MmId mm, PageNr address, Site site);
  void outside_vma(World& w, const Vma& vma, Site site);  // It does not cover the address at hand.
  void self_merged(World& w, const Vma& vma, Site site);
  void freed_object_used(World& w, Manner what, sched::Object object, Site site);
  // A page table that is gone: whoever freed it is to blame, whoever finds out.
  void freed_table_used(World& w, sched::Object object);
  void table_freed();
  // A pointer to an anon_vma is followed. The object may have been freed since the task's RCU
  // section began, and be another one by now; not before.
  void anon_vma_used(World& w, AnonVmaRef a, Site site);
  // It goes although its counts say that it has users.
  void anon_vma_in_use(World& w, const AnonVma& a, Site site);
  // The lock of `a` is released by a task that does not hold it.
  void foreign_unlock(World& w, const AnonVma& a, Site site);
  // The list of `object` is followed, or changed. Under its lock that is one step. Without, it
  // takes a while, in which nobody else may come.
  void list_used(World& w, ListUse& use, sched::Object object, bool locked, bool changes,
                 Site site);
  // What is in the list of `object` is put there again, or what is not is taken out. Nothing that
  // comes after means anything, so that this ends an execution even when nobody asked for it.
  void list_corrupted(sched::Object object, Site site);
  void quiescent(World& w);
  // The words of a vma's range are about to be written one by one, and have been.
  void range_changes(Vma& vma, Site site);
  void range_changed(Vma& vma);
  // A section in which entries move or ranges change: half of it is no state to judge by.
  void section_begins() { sections_++; }
  bool in_section() const { return sections_ != 0; }
  // A vma leaves its interval trees until its range has changed, and is put back.
  void detached(VmaId vma);
  void attached(VmaId vma) { away_ &= ~(uint64_t{1} << vma.value); }
  // Entries of `vma` moved, or its range changed, in the section that ends now.
  void section_ends(World& w, const Vma& vma, Site site);
  // Entries are about to move from src to dst, without the rmap lock.
  void chunk_moves(World& w, const Vma& src, PageNr from, PageNr to, const Vma& dst, Site site);

  // The caller finds out by itself whether the rule is broken, and is about to.
  void judges(Rule r) { judged |= 1u << static_cast<uint32_t>(r); }

  // --- RCU: when anon_vmas were freed, by a clock that ticks at each ----------------------------
  void rcu_begins();
  void rcu_ends();
  uint16_t anon_vma_freed() { return ++frees_; }

  // --- Contents ----------------------------------------------------------------------------------
  void wrote(MmId mm, PageNr address, uint16_t tag) { expected_[mm.value][address] = tag; }
  void read(World& w, MmId mm, PageNr address, uint16_t value, Site site);
  void address_moved(MmId mm, PageNr from, PageNr to);
  void address_copied(MmId from, MmId to, PageNr address) {
    expected_[to.value][address] = expected_[from.value][address];
  }
  void address_unmapped(MmId mm, PageNr address) { expected_[mm.value][address] = 0; }

  // Who runs: the kind of each task's current operation, the last branch that it named, and whether
  // it changed or reached anything yet.
  void op_begins(uint8_t kind);
  void branch(Site site);
  Site last_branch() const { return branch_[sched::Scheduler::running().current()]; }
  void took_effect();
  bool has_taken_effect() const;
  // What the task does from now on is another operation's work (kind + 1), and findings name that
  // one. Returns the one before.
  uint8_t acts_as(uint8_t kind_plus_one);
  uint8_t operation_of(sched::TaskId task) const { return task <= kCpusMax ? op_kind_[task] : 0; }
  Site branch_of(sched::TaskId task) const { return task <= kCpusMax ? branch_[task] : Site{}; }

  // --- Looking back (since.h) --------------------------------------------------------------------
  // What this violation is about came about before it was noticed.
  static bool is_noticed_late(const sched::Violation& v);
  // It is there at this moment; of what a vma hands on to its copies, at any vma.
  bool lasts(World& w, const sched::Violation& v);
  // An entry of the page that it is about came to its place at that step, from another one.
  bool entry_moved(const sched::Violation& v, uint32_t step) const;

 private:
  // Findings are compared with it instead of being reported.
  struct Probe {
    Rule rule = Rule::none;
    sched::Object object;
    bool hit = false;
  };
  void finding(World& w, Rule rule, Manner manner, sched::Object object, const FindingDetail& d,
               Site site);
  void report(Rule rule, Manner manner, sched::Object object, const FindingDetail& d, Site site);
  void check_at_rest(World& w, Rule rule);
  bool has_unreachable_entry(World& w, sched::Object page) const;
  FindingDetail detail(TokenId token) const;
  void moved(Token& t, MmId mm, PageNr address);
  void note_near_misses(const Token& token);
  void near_miss(NearMiss n) { near_misses |= 1u << static_cast<uint32_t>(n); }
  Manner manner_of_miss(World& w, const Walk& walk, TokenId token) const;
  Manner manner_of_unreachable(World& w, const Token& t) const;
  void check_mapcounts(World& w);
  void check_reachable(World& w);
  void check_leaks(World& w);
  void check_vmas(World& w);
  uint32_t references_expected(const World& w, const AnonVma& a) const;
  // The anon_vma that the page names, if it still lives.
  AnonVma* mapped_anon_vma(World& w, const Token& t) const;
  bool covers(const World& w, const Vma& vma, const Token& t) const;
  bool covers(const World& w, const Vma& vma, const RangeWords& range, const Token& t) const;
  // A linked vma that covers the entry, or did before the change that is under way; whether a walk
  // would also visit one.
  VmaId covering_vma(World& w, const Token& t) const;
  bool reachable(World& w, const Token& t) const;
  // A linked vma that covered it is changing at this moment: half of a change is no state to judge
  // by.
  bool is_in_doubt(World& w, const Token& t) const;
  // Its range is half written, or it is out of its trees.
  bool is_changing(const World& w, const Vma& vma) const;

  Token tokens_[kTokensMax] = {};
  TokenSet alive_;
  TokenSet in_transit_;
  Walk walks_[kCpusMax + 1] = {};
  uint64_t away_ = 0;  // Vmas that are out of their trees, as bits.
  uint16_t expected_[kMmsMax][kWindowPages] = {};
  uint8_t op_kind_[kCpusMax + 1] = {};
  Site branch_[kCpusMax + 1] = {};
  bool effect_[kCpusMax + 1] = {};
  uint16_t frees_ = 0;
  uint8_t table_freed_by_ = 0;  // Kind of the operation that last freed a page table, +1.
  uint8_t sections_ = 0;        // Open ones.
  uint8_t rcu_depth_[kCpusMax + 1] = {};
  uint16_t rcu_since_[kCpusMax + 1] = {};
  Probe probe_;
};

}  // namespace rmap
