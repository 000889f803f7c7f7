// The oracle: ghost state that follows every mapping, and the rules that a kernel must not break.
//
// What it knows lies in ghost/, a kind each; what it does with that, in core/oracle/. Proof rules
// are findings. Early signs are feedback for the search, and findings only when asked for (kEarly
// rules). Any rule can be switched off alone; its absence must then be noticed by a test
// (tests/core/oracle_test.cc).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/model/ghost/actors.h"
#include "core/model/ghost/contents.h"
#include "core/model/ghost/finding_detail.h"
#include "core/model/ghost/lives.h"
#include "core/model/ghost/ranges.h"
#include "core/model/ghost/tokens.h"
#include "core/model/ghost/walks.h"
#include "core/model/oracle_rules.h"

namespace rmap {

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
  Actors actors;
  Tokens tokens;
  Walks walks;
  Ranges ranges;
  Lives lives;
  Contents contents;

  RuleSet rules;             // The findings.
  uint32_t early_signs = 0;  // Early signs seen, as bits of Rule, whether or not they are findings.
  uint32_t judged = 0;       // Rules that something was held against, as bits of Rule.
  uint32_t near_misses = 0;  // How close walks and moves came to each other, as bits of NearMiss.

  // The caller finds out by itself whether the rule is broken, and is about to.
  void judges(Rule r) { judged |= 1u << static_cast<uint32_t>(r); }
  void near_miss(NearMiss n) { near_misses |= 1u << static_cast<uint32_t>(n); }
  // It is broken. Ends the execution, if it is one of `rules`.
  void finding(Rule rule, Manner manner, sched::Object object, const FindingDetail& d, Site site);

  // The list of `object` is followed, or changed. Under its lock that is one step. Without, it
  // takes a while, in which nobody else may come.
  void list_used(ListUse& use, sched::Object object, bool locked, bool changes, Site site);
  // What is in the list of `object` is put there again, or what is not is taken out. Nothing that
  // comes after means anything, so that this ends an execution even when nobody asked for it.
  void list_corrupted(sched::Object object, Site site);

  // Nobody runs any more: see core/oracle/at_rest.cc.
  void quiescent(World& w);

  // --- Looking back (core/run/since.h) -----------------------------------------------------------
  // What this violation is about came about before it was noticed.
  static bool is_noticed_late(const sched::Violation& v);
  // It is there at this moment; of what a vma hands on to its copies, at any vma.
  bool lasts(World& w, const sched::Violation& v);

 private:
  // Findings are compared with it instead of being reported.
  struct Probe {
    Rule rule = Rule::none;
    sched::Object object;
    bool hit = false;
  };
  void report(Rule rule, Manner manner, sched::Object object, const FindingDetail& d, Site site);

  Probe probe_;
};

}  // namespace rmap
