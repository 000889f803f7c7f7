// The oracle at rest: what must hold once every task has finished.
// SPDX-License-Identifier: Apache-2.0
#include "core/oracle.h"
#include "core/oracle_tokens.h"
#include "core/world.h"

namespace rmap {
namespace {

bool in_chain(World& w, const AnonVmaChain& avc) {
  if (!avc.vma.valid() || !w.vma(avc.vma).allocated) return false;
  AvcId id = w.vma(avc.vma).chain_head;
  while (id.valid() && !(id == w.id(avc))) id = w.avc(id).next_in_vma;
  return id.valid();
}

}  // namespace

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
      finding(w, Rule::unreachable, t.in_transit ? Manner::in_transit : Manner::not_covered,
              page_object(t.page), detail(id), {});
    }
  });
}

void Oracle::check_leaks(World& w) {
  const auto leaked = [&](Manner what, unsigned cls, unsigned ordinal) {
    finding(w, Rule::leak, what, sched::make_object(cls, ordinal), {}, {});
  };
  for (const Page& page : w.pages) {
    if (page.allocated && page.refcount.peek() != page.mapcount.peek())
      leaked(Manner::page, kPageObject, w.id(page).value);
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
    if (avc.allocated && !in_chain(w, avc)) leaked(Manner::chain, kNoObject, 0);
  }
  for (const AnonVma& a : w.anon_vmas) {
    if (a.allocated && (!a.head.valid() || a.refcount.peek() != 1))
      leaked(Manner::anon_vma, kAnonVmaObject, w.id(a).value);
  }
}

}  // namespace rmap
