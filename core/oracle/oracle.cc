// SPDX-License-Identifier: Apache-2.0
#include "core/model/oracle.h"

#include <utility>

#include "core/model/world.h"
#include "core/oracle/at_rest.h"

namespace rmap {

namespace {

// A vma that is broken so has broken copies: whoever splits or forks it is innocent.
bool is_copied(Rule rule) { return rule == Rule::unfaulted_pgoff || rule == Rule::chain_order; }

// One that stands in a page table, or has just been taken out of its place there; not one that is
// about to be set for the first time.
bool has_unreachable_entry(World& w, sched::Object page) {
  bool unreachable = false;
  const Tokens& tokens = w.oracle.tokens;
  const Ranges& ranges = w.oracle.ranges;
  tokens.alive().for_each([&](TokenId id) {
    const Token& t = tokens[id];
    if (!(page_object(t.page) == page) || ranges.reachable(w, t) || ranges.is_in_doubt(w, t))
      return;
    if (t.in_transit) unreachable = true;
    const uint8_t table = w.mms[t.mm.value].pmd[t.address / kPtesPerTable].peek();
    unreachable |= table != 0 && w.tables[table - 1].pte[t.address % kPtesPerTable].token == id;
  });
  return unreachable;
}

}  // namespace

void Oracle::finding(Rule rule, Manner manner, sched::Object object, const FindingDetail& d,
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
  if (in_task && d.op == 0) detail.op = actors.operation();
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

void Oracle::list_used(ListUse& use, sched::Object object, bool locked, bool changes, Site site) {
  judges(Rule::list_race);
  if (use.changing != 0 || (changes && use.following != 0))
    finding(Rule::list_race, Manner::none, object, {}, site);
  if (locked) return;
  uint8_t& here = changes ? use.changing : use.following;
  here++;
  sched::Scheduler::running().point(site);
  here--;
}

void Oracle::list_corrupted(sched::Object object, Site site) {
  report(Rule::list_race, Manner::none, object, {}, site);
}

bool Oracle::is_noticed_late(const sched::Violation& v) {
  switch (static_cast<Rule>(v.rule)) {
    case Rule::mapcount:
    case Rule::unreachable:
    case Rule::chain_order:
    case Rule::chain_mismatch:
    case Rule::unfaulted_pgoff:
    case Rule::leak: return true;
    case Rule::missed_pte: {
      const auto manner = static_cast<Manner>(v.manner);
      return manner != Manner::in_transit && manner != Manner::moved_behind &&
             manner != Manner::out_of_tree;
    }
    default: return false;
  }
}

bool Oracle::lasts(World& w, const sched::Violation& v) {
  const Rule rule = static_cast<Rule>(v.rule);
  if (rule == Rule::missed_pte) return has_unreachable_entry(w, v.object);
  if (rule == Rule::unreachable && static_cast<Manner>(v.manner) != Manner::in_transit)
    return has_unreachable_entry(w, v.object);
  probe_ = {.rule = rule, .object = v.object};
  check_at_rest(w, rule);
  return std::exchange(probe_, {}).hit;
}

}  // namespace rmap
