// The oracle: every rule can fire, none fires when it is switched off, and what the signs of the
// merge race say.
// SPDX-License-Identifier: Apache-2.0
#include "core/model/oracle.h"

#include <set>

#include "core/mm/page.h"
#include "core/mm/rmap/anon_vma_chain.h"
#include "core/mm/rmap/anon_vma_refs.h"
#include "core/mm/rmap/page_anon_vma.h"
#include "core/mm/rmap/rmap.h"
#include "core/mm/table/page_table.h"
#include "core/mm/vma/vma.h"
#include "core/ops/ops.h"
#include "core/program/litmus.h"
#include "core/run/explore.h"
#include "core/run/finding.h"
#include "tests/core/vm_fixture.h"

namespace rmap {
namespace {

using namespace fixture;

constexpr Site kHere = "user_access/access"_site;

// --- Worlds made by hand -------------------------------------------------------------------------

// One task does `body`; then the rules at rest are checked.
sched::Outcome outcome_of(void (*body)(World&), RuleSet rules, std::string_view kernel = "v3.1") {
  struct Job {
    void (*body)(World&);
    World* world;
  };
  static sched::Scheduler s(kVocabulary);
  static sched::Direct direct;
  static const auto w = std::make_unique<World>();
  init_world(*w, kernel_named(kernel).kernel);
  w->oracle.rules = rules;
  sched::ByteDecisions none({}, 0);
  Job job{body, w.get()};
  s.begin({.strategy = &direct, .decisions = &none, .rules_off = library_rules_off(rules)});
  s.spawn([](void* j) { static_cast<Job*>(j)->body(*static_cast<Job*>(j)->world); }, &job);
  if (s.run().ending == sched::Ending::finished) w->oracle.quiescent(*w);
  return s.outcome();
}

void do_op(World& w, OpKind kind, uint8_t address, uint8_t length) {
  CHECK_EQ(perform(w, Op{.kind = kind, .address = address, .length = length}), kOk);
}

// Page 0 at @0, in vma 0.
Page& mapped_page(World& w) {
  do_op(w, OpKind::mmap, 0, 2);
  do_op(w, OpKind::write, 0, 1);
  return w.pages[0];
}

// The same, locked, pinned and replaced by a migration entry.
Page& unmapped_page(World& w) {
  Page& page = mapped_page(w);
  get_page(w, page, kHere);
  lock_page(w, page, kHere);
  try_to_unmap(w, page);
  return page;
}

// Vma 0, writable, with page 0 at @0, and vma 1, read-only, at @1; both have anon_vma 0.
void two_vmas(World& w) {
  mapped_page(w);
  const Op protect{.kind = OpKind::mprotect, .address = 1, .flags = kMprotectReadOnly};
  CHECK_EQ(perform(w, protect), kOk);
}

// From now on, vma 0 computes its addresses with this pgoff.
void computes(World& w, PageNr pgoff) {
  w.vmas[0].vm_pgoff.init(pgoff);
  w.oracle.ranges.changed(w.vmas[0]);
}

PteSlot slot_of_page(World& w) { return pte_offset(w, TableId{0}, w.mms[0], 0); }

struct Situation {
  const char* what;
  Rule rule;
  Manner manner;
  void (*body)(World&);
  const char* kernel = "v3.1";
};

const Situation kSituations[] = {
    {"the vma computes another address while the walk removes entries", Rule::missed_pte,
     Manner::not_covered,
     [](World& w) {
       Page& page = unmapped_page(w);
       computes(w, 5);
       remove_migration_ptes(w, page, page);
       page.lock.unlock(kHere);
     }},
    {"the walk looks for another index than the entry's", Rule::missed_pte, Manner::not_yet_covered,
     [](World& w) {
       Page& page = unmapped_page(w);
       Page& fresh = w.page(alloc_page(w, kHere));
       fresh.mapping.init(page.mapping.peek());
       fresh.index = 7;
       remove_migration_ptes(w, page, fresh);
       page.lock.unlock(kHere);
     }},
    {"the vma is out of its tree", Rule::missed_pte, Manner::out_of_tree,
     [](World& w) {
       Page& page = unmapped_page(w);
       anon_vma_interval_tree_pre_update_vma(w, w.vmas[0], kHere);
       remove_migration_ptes(w, page, page);
       page.lock.unlock(kHere);
     },
     "v3.7"},
    {"the tree was told another interval", Rule::missed_pte, Manner::not_visited,
     [](World& w) {
       Page& page = unmapped_page(w);
       w.avcs[0].subtree_last = 0;
       page.index = 1;
       computes(w, 1);
       w.oracle.ranges.changed(w.vmas[0]);
       remove_migration_ptes(w, page, page);
       page.lock.unlock(kHere);
     },
     "v3.7"},
    {"the page is unlocked before its entry is removed", Rule::stale_entry, Manner::none,
     [](World& w) { unlock_page(w, unmapped_page(w), kHere); }},
    {"a read meets an entry whose page is not locked", Rule::unlocked_entry, Manner::none,
     [](World& w) {
       unmapped_page(w).lock.unlock(kHere);
       do_op(w, OpKind::read, 0, 1);
     }},
    {"copy_vma() says that it merged faulted pages with themselves", Rule::self_merge, Manner::none,
     [](World& w) {
       mapped_page(w);
       w.oracle.finding(Rule::self_merge, Manner::none, vma_object(w.id(w.vmas[0])), {}, kHere);
     }},
    {"a mapping is counted twice", Rule::mapcount, Manner::none,
     [](World& w) { page_dup_rmap(w, mapped_page(w), kHere); }},
    {"a mapping is not counted", Rule::mapcount, Manner::none,
     [](World& w) { page_remove_rmap(w, mapped_page(w), kHere); }},
    {"a vma forgets its pgoff", Rule::unreachable, Manner::wrong_index,
     [](World& w) {
       mapped_page(w);
       computes(w, 1);
     }},
    {"a page forgets its anon_vma", Rule::unreachable, Manner::not_linked,
     [](World& w) { mapped_page(w).mapping.init(0); }},
    {"a mover keeps an entry in its hands", Rule::unreachable, Manner::in_transit,
     [](World& w) {
       mapped_page(w);
       ptep_get_and_clear(w, slot_of_page(w), kHere);
     }},
    {"the last reference goes while the page is mapped", Rule::use_after_free, Manner::page,
     [](World& w) { put_page(w, mapped_page(w), kHere); }},
    {"a free page gets a reference", Rule::use_after_free, Manner::page,
     [](World& w) { get_page(w, w.pages[3], kHere); }},
    {"an entry of a freed table is read", Rule::use_after_free, Manner::table,
     [](World& w) {
       mapped_page(w);
       const PteSlot slot = slot_of_page(w);
       w.tables[0].generation++;
       pte_read(w, slot, kHere);
     }},
    {"a walk comes to a freed vma", Rule::use_after_free, Manner::vma,
     [](World& w) {
       Page& page = mapped_page(w);
       w.vmas[0].allocated = false;
       lock_page(w, page, kHere);
       try_to_unmap(w, page);
       page.lock.unlock(kHere);
     }},
    {"a walk follows a page to a freed anon_vma", Rule::use_after_free, Manner::anon_vma,
     [](World& w) {
       Page& page = mapped_page(w);
       w.anon_vmas[0].allocated = false;
       lock_page(w, page, kHere);
       try_to_unmap(w, page);
       page.lock.unlock(kHere);
     }},
    {"a walk follows a page to an anon_vma that is another one by now", Rule::use_after_free,
     Manner::anon_vma,
     [](World& w) {
       Page& page = mapped_page(w);
       w.anon_vmas[0].life++;
       lock_page(w, page, kHere);
       try_to_unmap(w, page);
       page.lock.unlock(kHere);
     }},
    {"an anon_vma is freed twice", Rule::use_after_free, Manner::anon_vma,
     [](World& w) {
       mapped_page(w);
       anon_vma_free(w, w.anon_vmas[0]);
       anon_vma_free(w, w.anon_vmas[0]);
     },
     "v2.6.34"},
    {"the lock of a freed anon_vma is released outside of RCU", Rule::use_after_free,
     Manner::anon_vma,
     [](World& w) {
       const PageAnonVmaLock lock = page_lock_anon_vma(w, mapped_page(w));
       w.anon_vmas[0].allocated = false;
       page_unlock_anon_vma(w, lock);
     }},
    {"an anon_vma goes while its degree says that somebody has it", Rule::anon_vma_count,
     Manner::none,
     [](World& w) {
       mapped_page(w);
       w.anon_vmas[0].degree++;
       do_op(w, OpKind::munmap, 0, 2);
     },
     "v3.19"},
    {"an anon_vma goes while it counts a child", Rule::anon_vma_count, Manner::none,
     [](World& w) {
       mapped_page(w);
       w.anon_vmas[0].num_children++;
       do_op(w, OpKind::munmap, 0, 2);
     },
     "v6.0"},
    {"an anon_vma goes while it counts an active vma", Rule::anon_vma_count, Manner::none,
     [](World& w) {
       mapped_page(w);
       w.anon_vmas[0].num_active_vmas++;
       do_op(w, OpKind::munmap, 0, 2);
     },
     "newest"},
    {"an element leaves a list while somebody changes it without its lock", Rule::list_race,
     Manner::none,
     [](World& w) {
       mapped_page(w);
       w.anon_vmas[0].list_use.changing = 1;
       do_op(w, OpKind::munmap, 0, 2);
     }},
    {"a walk comes to a list that somebody changes without its lock", Rule::list_race, Manner::none,
     [](World& w) {
       Page& page = unmapped_page(w);
       w.anon_vmas[0].list_use.changing = 1;
       remove_migration_ptes(w, page, page);
       page.lock.unlock(kHere);
     }},
    {"an element leaves a list that somebody follows without its lock", Rule::list_race,
     Manner::none,
     [](World& w) {
       mapped_page(w);
       w.anon_vmas[0].list_use.following = 1;
       do_op(w, OpKind::munmap, 0, 2);
     }},
    {"a chain is changed by two", Rule::list_race, Manner::none,
     [](World& w) {
       mapped_page(w);
       w.vmas[0].chain_use.changing = 1;
       do_op(w, OpKind::munmap, 0, 2);
     }},
    {"a fault looks for its vma while somebody changes the list without mmap_sem", Rule::list_race,
     Manner::none,
     [](World& w) {
       mapped_page(w);
       w.mms[0].vmas_use.changing = 1;
       do_op(w, OpKind::read, 1, 1);
     }},
    {"a freed page is copied from", Rule::use_after_free, Manner::page,
     [](World& w) { page_mapped(w, w.pages[3], kHere); }},
    {"a freed vma is looked at", Rule::use_after_free, Manner::vma,
     [](World& w) { w.vmas[5].vm_start.load(w.at(w.vmas[5]), kHere); }},
    {"a walk comes to a freed element", Rule::use_after_free, Manner::chain,
     [](World& w) {
       Page& page = unmapped_page(w);
       w.avcs[0].allocated = false;
       remove_migration_ptes(w, page, page);
       page.lock.unlock(kHere);
     }},
    {"the oldest anon_vma of a chain has another root", Rule::chain_order, Manner::none,
     [](World& w) {
       mapped_page(w);
       w.anon_vmas[0].root.init(2);
     },
     "v2.6.35"},
    {"two vmas have one anon_vma, and one of them lost its chain", Rule::chain_mismatch,
     Manner::none,
     [](World& w) {
       two_vmas(w);
       w.vmas[1].chain_head = w.vmas[1].chain_tail = {};
     }},
    {"two vmas have one anon_vma, and one of them has a longer chain", Rule::chain_mismatch,
     Manner::none,
     [](World& w) {
       two_vmas(w);
       const AvcId avc = anon_vma_chain_alloc(w, kHere);
       AnonVma& a = w.anon_vmas[0];
       WriteGuard mmap_sem(w.mms[0].mmap_sem, kHere);
       WriteGuard anon_vma(a.lock, kHere);
       anon_vma_chain_link(w, w.vmas[1], avc, a, false, kHere);
     }},
    {"an unfaulted vma has the pgoff of another address", Rule::unfaulted_pgoff, Manner::none,
     [](World& w) {
       do_op(w, OpKind::mmap, 0, 2);
       computes(w, 9);
     }},
    {"somebody else's bytes are in the page", Rule::wrong_data, Manner::none,
     [](World& w) {
       mapped_page(w).contents.init(99);
       do_op(w, OpKind::read, 0, 1);
     }},
    {"the page is empty", Rule::lost_data, Manner::none,
     [](World& w) {
       mapped_page(w).contents.init(0);
       do_op(w, OpKind::read, 0, 1);
     }},
    {"a page is never given back", Rule::leak, Manner::page,
     [](World& w) { alloc_page(w, kHere); }},
    {"a page table is in no pmd", Rule::leak, Manner::table,
     [](World& w) { w.tables[9].allocated = true; }},
    {"a vma is in no mm", Rule::leak, Manner::vma, [](World& w) { vma_alloc(w, kHere); }},
    {"a chain element is in no vma", Rule::leak, Manner::chain,
     [](World& w) { w.avcs[9].allocated = true; }},
    {"an anon_vma has no vma", Rule::leak, Manner::anon_vma,
     [](World& w) { w.anon_vmas[9].allocated = true; }},
    {"an anon_vma has a reference too many", Rule::leak, Manner::anon_vma,
     [](World& w) {
       mapped_page(w);
       w.anon_vmas[0].refcount.init(2);
     }},
    {"the anon_vma lock is taken before the page lock", Rule::lock_order, Manner::none,
     [](World& w) {
       Page& page = mapped_page(w);
       WriteGuard anon_vma(w.anon_vmas[0].lock, kHere);
       lock_page(w, page, kHere);
       unlock_page(w, page, kHere);
     }},
    {"a page is locked inside an RCU section", Rule::sleep_in_atomic, Manner::none,
     [](World& w) {
       Page& page = mapped_page(w);
       sched::RcuGuard rcu(w.rcu, kHere);
       lock_page(w, page, kHere);
       unlock_page(w, page, kHere);
     }},
    {"a section leaves an entry where no vma leads to", Rule::early_unreachable,
     Manner::not_covered,
     [](World& w) {
       mapped_page(w);
       computes(w, 1);
       w.oracle.ranges.section_ends(w, w.vmas[0], kHere);
     }},
};

RuleSet rules_for(Rule rule) {
  return rule_info(rule).early ? RuleSet::proof().with(rule) : RuleSet::proof();
}

TEST(OracleRules, fire_where_they_should) {
  for (const Situation& s : kSituations) {
    SCOPED_TRACE(s.what);
    const sched::Outcome o = outcome_of(s.body, rules_for(s.rule), s.kernel);
    ASSERT_EQ(o.ending, sched::Ending::violation);
    EXPECT_EQ(rule_info(static_cast<Rule>(o.violation.rule)).name, rule_info(s.rule).name);
    EXPECT_EQ(manner_name(static_cast<Manner>(o.violation.manner)), manner_name(s.manner));
  }
}

// A blind oracle is noticed: it sees nothing there, or only what comes of it later.
TEST(OracleRules, do_not_fire_when_they_are_switched_off) {
  for (const Situation& s : kSituations) {
    SCOPED_TRACE(s.what);
    const sched::Outcome o = outcome_of(s.body, rules_for(s.rule).without(s.rule), s.kernel);
    EXPECT_TRUE(o.ending != sched::Ending::violation ||
                o.violation.rule != static_cast<uint8_t>(s.rule));
  }
}

TEST(OracleRules, are_all_shown_to_fire) {
  std::set<Rule> shown = {Rule::early_order, Rule::outside_vma, Rule::foreign_unlock};  // Below.
  for (const Situation& s : kSituations) shown.insert(s.rule);
  for (const RuleInfo& info : all_rules()) EXPECT_TRUE(shown.contains(info.rule)) << info.name;
}

// What two tasks do to each other, a bug of the kernel being given.
struct Race {
  const char* kernel;
  const char* ops;
  Rule rule;
};
const Race kRaces[] = {
    // A fresh anon_vma is linked to without its lock, when another thread's fault has made it known
    // to a walk already.
    {"newest+prepare-unlocked",
     "setup mmap @0 +2\ncpu1 write @0 +1\ncpu2 write @1 +1\ncpu3 migrate @1", Rule::list_race},
    // The destination is linked with the source's range, which changes between the look by which
    // the tree chooses it and that by which the walk computes an address.
    {"v3.7-523d4e2008fd", "setup mmap @0 +3; write @0 +3\ncpu1 mremap @1 +1 @8\ncpu2 migrate @1",
     Rule::outside_vma},
    // Its place in the tree stays that of the source's range, and a search stops there.
    {"v3.7-523d4e2008fd",
     "setup mmap @0 +3; write @0 +3; fork to mm1; munmap mm1 @0 +1; munmap mm1 @2 +1\n"
     "cpu1 mremap @2 +1 @8\ncpu2 migrate @1",
     Rule::missed_pte},
};

TEST(OracleRules, fire_for_races) {
  for (const Race& race : kRaces) {
    SCOPED_TRACE(race.kernel);
    Executor e(kernel_named(race.kernel).kernel);
    const Program p = program(race.ops);
    const auto found = [&](RuleSet rules) {
      sched::ExhaustiveDecisions all(2);
      do {
        const sched::Outcome& o = e.run(p, all, {.rules = rules}).outcome;
        if (o.ending == sched::Ending::violation &&
            o.violation.rule == static_cast<uint8_t>(race.rule))
          return true;
      } while (all.next());
      return false;
    };
    EXPECT_TRUE(found(RuleSet::proof()));
    EXPECT_FALSE(found(RuleSet::proof().without(race.rule)));
  }
}

// A list that was changed twice means nothing any more. Whoever goes on would follow it for ever.
TEST(Oracle, a_corrupt_list_ends_what_asked_for_nothing) {
  Executor e(kernel_named("v5.7+stack-unlocked").kernel);
  const Program p = program("setup mmap @1 +1 growsdown\ncpu1 read @0 +1\ncpu2 read @0 +1");
  std::set<sched::Ending> endings;
  sched::ExhaustiveDecisions all(2);
  do {
    const sched::Outcome& o = e.run(p, all, {.rules = RuleSet()}).outcome;
    endings.insert(o.ending);
    if (o.ending == sched::Ending::violation)
      EXPECT_EQ(o.violation.rule, static_cast<uint8_t>(Rule::list_race));
  } while (all.next());
  EXPECT_EQ(endings, (std::set{sched::Ending::finished, sched::Ending::violation}));
}

// --- What single tasks come upon -----------------------------------------------------------------

// A kernel without one of its commits, or before it, and what a single task does to it. The same
// program under `repaired` finds nothing.
struct Bug {
  const char* kernel;
  const char* repaired;
  const char* ops;
  Rule rule;
  Manner manner;
  bool fails = false;  // One of the allocations fails.
};

constexpr const char* kCve2022_42703 =
    "mmap @0 +1; write @0 +1; fork to mm1; fork mm1 to mm2; exit mm1; fork mm2 to mm1; exit; "
    "fork mm1 to mm3; fork mm1 to mm0; exit mm3; fork to mm3";

const Bug kBugs[] = {
    {"v2.6.34-646d87b481da", "v2.6.34", "mmap @0 +1; write @0 +1; fork to mm1; fork mm1 to mm2",
     Rule::chain_order, Manner::none},
    {"v2.6.34-d0e9fe1758f2", "v2.6.34",
     "mmap @1 +1; write @1 +1; mprotect @1 +1 ro; fork to mm1; mmap mm1 @0 +1; write mm1 @0 +1",
     Rule::chain_order, Manner::none},
    {"v2.6.34-287d97ac0321", "v2.6.34", "mmap @0 +1; mmap @2 +1; write @2 +1; mmap @1 +1",
     Rule::unreachable, Manner::anon_vma},
    {"v2.6.34-4946d54cb55e", "v2.6.34", "mmap @0 +1; write @0 +1; fork to mm1", Rule::leak,
     Manner::chain, true},
    {"v2.6.34-4946d54cb55e", "v2.6.34", "mmap @0 +1; write @0 +1; fork to mm1; migrate @0",
     Rule::use_after_free, Manner::vma, true},
    {"v3.19-b800c91a0517", "v3.19", "mmap @0 +2; write @1 +1; mmap @0 +1 ro; mprotect @0 +1; exit",
     Rule::anon_vma_count, Manner::none},
    {"v3.19", "v4.0", "mmap @0 +2; write @0 +2; mprotect @1 +1 ro; exit", Rule::anon_vma_count,
     Manner::none, true},
    {"v5.7", "v6.0", kCve2022_42703, Rule::chain_mismatch, Manner::none},
    {"v6.0-2555283eb40d", "v6.0", kCve2022_42703, Rule::chain_mismatch, Manner::none},
    {"v6.0-ee8ab1903e3d", "v6.0", "mmap @0 +1; write @0 +1; mremap @0 +1 @8 dontunmap; write @0 +1",
     Rule::unreachable, Manner::not_linked},
    {"v6.0-ee8ab1903e3d", "v6.0", "mmap @8 +1; write @8 +1; mremap @8 +1 @0 dontunmap; exit",
     Rule::use_after_free, Manner::anon_vma},
    {"v6.19", kNewest.data(),
     "mmap @0 +1; write @0 +1; mremap @0 +1 @8; mremap @8 +1 @20 dontunmap", Rule::unfaulted_pgoff,
     Manner::none},
    {"v6.19-3b617fd3d317-61f67c230a5e", "v6.19",
     "mmap @0 +2; write @1 +1; mremap @1 +1 @8; munmap @0 +1; mmap @0 +1; mremap @8 +1 @1",
     Rule::unreachable, Manner::anon_vma},
    {"v6.19-3b617fd3d317-61f67c230a5e", "v6.19",
     "mmap @0 +2; write @1 +1; mremap @1 +1 @8; munmap @0 +1; mmap @0 +1; mremap @8 +1 @1; "
     "migrate @1",
     Rule::use_after_free, Manner::anon_vma},
};

// The endings of `ops` under `kernel`: "finished", or rules with manners.
std::set<std::string> endings_of(std::string_view kernel, const Bug& bug, RuleSet rules) {
  std::set<std::string> seen;
  std::string zeros;
  for (int k = 0; k < (bug.fails ? 20 : 1); k++, zeros += " 00") {
    const std::string failing = fmt::format("\nfailures 1\ndecisions{} 01", zeros);
    const Program p = program(fmt::format("setup {}{}", bug.ops, bug.fails ? failing : ""));
    const sched::Outcome& o = sequential_executor(kernel).run(p, {.rules = rules}).outcome;
    if (o.ending != sched::Ending::violation) {
      seen.insert(std::string(ending_name(o.ending)));
      continue;
    }
    seen.insert(fmt::format("{} {}", rule_info(static_cast<Rule>(o.violation.rule)).name,
                            manner_name(static_cast<Manner>(o.violation.manner))));
  }
  return seen;
}

TEST(OracleRules, fire_for_what_kernels_got_wrong_without_any_race) {
  for (const Bug& bug : kBugs) {
    SCOPED_TRACE(fmt::format("{}: {}", bug.kernel, bug.ops));
    const std::string finding =
        fmt::format("{} {}", rule_info(bug.rule).name, manner_name(bug.manner));
    EXPECT_TRUE(endings_of(bug.kernel, bug, RuleSet::proof()).contains(finding));
    EXPECT_FALSE(endings_of(bug.kernel, bug, RuleSet::proof().without(bug.rule)).contains(finding));
    EXPECT_EQ(endings_of(bug.repaired, bug, RuleSet::proof()), std::set<std::string>{"finished"});
  }
}

TEST(OracleRules, are_quiet_about_a_world_that_is_in_order) {
  for (std::string_view kernel : releases()) {
    const auto body = [](World& w) {
      Page& page = unmapped_page(w);
      remove_migration_ptes(w, page, page);
      unlock_page(w, page, kHere);
      put_page(w, page, kHere);
      do_op(w, OpKind::read, 0, 1);
    };
    const RuleSet all = RuleSet::proof().with(Rule::early_unreachable).with(Rule::early_order);
    EXPECT_EQ(outcome_of(body, all, kernel).ending, sched::Ending::finished);
  }
}

TEST(OracleRules, have_names_that_lead_back_to_them) {
  for (const RuleInfo& info : all_rules()) {
    EXPECT_EQ(rule_named(info.name), info.rule);
    EXPECT_EQ(RuleSet::proof().has(info.rule), !info.early) << info.name;
    EXPECT_FALSE(RuleSet::proof().with(info.rule).without(info.rule).has(info.rule));
  }
  EXPECT_EQ(rule_named("no_such_rule"), Rule::none);
}

TEST(OracleRules, the_detail_of_a_finding_survives_packing) {
  const FindingDetail d{
      .mm = MmId{3}, .address = 63, .moved_from = 5, .op = 6, .other_op = 4, .other_site = kHere};
  sched::Violation v;
  v.a = pack_a(d);
  v.b = pack_b(d);
  const FindingDetail e = unpack_detail(v);
  EXPECT_EQ(e.mm, d.mm);
  EXPECT_EQ(e.address, d.address);
  EXPECT_EQ(e.moved_from, d.moved_from);
  EXPECT_EQ(e.op, d.op);
  EXPECT_EQ(e.other_op, d.other_op);
  EXPECT_EQ(e.other_site, d.other_site);
}

// --- The races -----------------------------------------------------------------------------------

// The walk peeks without the page-table lock while the entry is in a register.
constexpr const char* kPeekRace =
    "setup mmap @0 +2; write @0 +1\ncpu1 mremap @0 +2 @8\ncpu2 migrate @0";
// The destination is merged into a vma that the walk visits first.
constexpr const char* kMergeRace =
    "setup mmap @0 +2; write @0 +2; mremap @1 +1 @8\ncpu1 mremap @8 +1 @1\ncpu2 migrate @8";

// What all schedules of a program with at most `preemptions` came to.
struct Survey {
  uint64_t schedules = 0;
  std::map<std::string, uint64_t> endings;  // Rules' names, or how else an execution ended.
  std::set<std::string> manners, signatures;
  uint32_t early_signs = 0;

  bool sign(Rule rule) const { return (early_signs >> static_cast<uint32_t>(rule) & 1) != 0; }
};

Survey survey(std::string_view kernel, std::string_view lines, uint32_t preemptions,
              RuleSet rules = RuleSet::proof()) {
  Executor& e = executor(kernel);
  const Program p = program(lines);
  sched::ExhaustiveDecisions all(preemptions);
  Survey s;
  sched::RecordedDecisions record;
  do {
    const Result& r = e.run(p, all, {.rules = rules, .record = &record});
    s.schedules++;
    s.early_signs |= r.early_signs;
    if (!r.finding()) {
      s.endings[ending_name(r.outcome.ending)]++;
      continue;
    }
    sched::ByteDecisions again({record.begin(), record.end()}, 0);
    const Finding f = describe_finding(e, p, again);
    s.endings[f.rule]++;
    s.manners.insert(f.manner);
    s.signatures.insert(f.signature);
  } while (all.next());
  return s;
}

// A walk that locked an anon_vma's last life, so to speak: the page was mapped when it looked, was
// not any more when it got the lock, and then fork gave the memory a root. f18194275c39 looks
// again, and remembers which lock it took. (1ce82b69e96c is taken along, because migration's own
// count was as late as the walk.)
constexpr const char* kRootChanges =
    "setup mmap @0 +1; write @0 +1; mmap mm1 @0 +1; write mm1 @0 +1\n"
    "cpu1 migrate @0\ncpu2 munmap @0 +1; fork mm1 to mm2";

TEST(OracleRules, a_lock_is_released_that_was_never_taken) {
  auto wrong = survey("v2.6.36-f18194275c39+1ce82b69e96c", kRootChanges, 3).endings;
  EXPECT_GT(wrong["foreign_unlock"], 0u);
  EXPECT_GT(wrong["use_after_free"], 0u);
  const RuleSet blind =
      RuleSet::proof().without(Rule::foreign_unlock).without(Rule::use_after_free);
  auto unseen = survey("v2.6.36-f18194275c39+1ce82b69e96c", kRootChanges, 3, blind).endings;
  EXPECT_EQ(unseen.count("foreign_unlock"), 0u);
  EXPECT_GT(unseen["finished"], 0u);
  const auto right = survey("v2.6.36+1ce82b69e96c", kRootChanges, 3).endings;
  EXPECT_EQ(right.size(), 1u);
  EXPECT_EQ(right.count("finished"), 1u);
}

// Until 2.6.37 migration counted itself in an anon_vma that might be gone.
TEST(OracleRules, an_anon_vma_is_used_after_its_last_vma_went) {
  const char* lines = "setup mmap @0 +1; write @0 +1\ncpu1 migrate @0\ncpu2 munmap @0 +1";
  for (const char* kernel : {"v2.6.33", "v2.6.34", "v2.6.35", "v2.6.36"}) {
    const Survey s = survey(kernel, lines, 3);
    EXPECT_EQ(s.manners, std::set<std::string>{"anon_vma"}) << kernel;
  }
  EXPECT_EQ(survey("v3.0", lines, 3).manners, std::set<std::string>{});
}

// Each rule in turn is the first to notice the lost entry; the last to notice is the user, who
// hangs.
TEST(OracleRules, blinded_one_after_the_other_notice_the_same_race_later_and_later) {
  const std::string lines = std::string(kPeekRace) + "\ncpu1 read @8 +1";
  RuleSet rules = RuleSet::proof();
  const auto found = [&] { return survey("v3.0", lines, 2, rules).endings; };
  EXPECT_GT(found()["missed_pte"], 0u);
  EXPECT_EQ(found().size(), 2u);  // Nothing else but "finished".
  rules = rules.without(Rule::missed_pte);
  EXPECT_GT(found()["stale_entry"], 0u);
  EXPECT_EQ(found()["missed_pte"], 0u);
  rules = rules.without(Rule::stale_entry);
  EXPECT_GT(found()["unlocked_entry"], 0u);
  EXPECT_EQ(found()["stale_entry"], 0u);
  rules = rules.without(Rule::unlocked_entry);
  EXPECT_GT(found()["livelock"], 0u);
  EXPECT_EQ(found()["unlocked_entry"], 0u);
}

// The demonstration that the mail deserves. In the merge race the entry lies, at every step, at an
// address that some linked vma computes ("reachable at every instant"), and the walk misses it all
// the same: it visits the destination first, and the entry arrives there after that. So
// reachability is not the property; the order of visits is.
TEST(OracleSigns, the_merge_race_is_reachable_at_every_instant_and_missed_all_the_same) {
  const Survey s = survey("v3.1", kMergeRace, 2);
  auto endings = s.endings;
  EXPECT_GT(endings["missed_pte"], 0u);
  EXPECT_FALSE(s.sign(Rule::early_unreachable));
  EXPECT_TRUE(s.sign(Rule::early_order));
}

TEST(OracleSigns, the_sign_of_the_wrong_order_needs_no_walk_at_all) {
  const char* alone = "setup mmap @0 +2; write @0 +2; mremap @1 +1 @8; mremap @8 +1 @1";
  EXPECT_TRUE(survey("v3.1", alone, 0).sign(Rule::early_order));
  EXPECT_FALSE(survey("v3.3", alone, 0).sign(Rule::early_order));
  EXPECT_FALSE(survey("v3.7", alone, 0).sign(Rule::early_order));
}

TEST(OracleSigns, an_early_sign_is_a_finding_when_asked_for) {
  const RuleSet rules = RuleSet::proof().with(Rule::early_order);
  EXPECT_EQ(survey("v3.1", kMergeRace, 0, rules).endings.count("finished"), 0u);
  EXPECT_GT(survey("v3.1", kMergeRace, 0).endings["finished"], 0u);
}

TEST(OracleManners, the_peek_race_misses_an_entry_in_transit) {
  const Survey s = survey("v3.0", kPeekRace, 2);
  EXPECT_EQ(s.manners, std::set<std::string>{"in_transit"});
  EXPECT_EQ(survey("v3.1", kPeekRace, 3).manners, std::set<std::string>{});
}

TEST(OracleManners, the_merge_race_misses_an_entry_that_moved_behind_the_walk) {
  const Survey s = survey("v3.1", kMergeRace, 2);
  EXPECT_TRUE(s.manners.contains("moved_behind"));
  EXPECT_FALSE(s.manners.contains("in_transit"));
  EXPECT_EQ(survey("v3.3", kMergeRace, 3).manners, std::set<std::string>{});
}

TEST(OracleManners, the_two_races_have_different_signatures) {
  const Survey peek = survey("v3.0", kPeekRace, 2);
  const Survey merge = survey("v3.1", kMergeRace, 2);
  for (const std::string& signature : peek.signatures) {
    EXPECT_FALSE(merge.signatures.contains(signature)) << signature;
    EXPECT_TRUE(signature.starts_with("missed_pte--in_transit--migrate+mremap--")) << signature;
  }
  for (const std::string& signature : merge.signatures) {
    EXPECT_TRUE(signature.starts_with("missed_pte--")) << signature;
  }
  EXPECT_FALSE(peek.signatures.empty());
  EXPECT_FALSE(merge.signatures.empty());
}

}  // namespace
}  // namespace rmap
