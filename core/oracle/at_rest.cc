// SPDX-License-Identifier: Apache-2.0
#include "core/oracle/at_rest.h"

#include "core/mm/rmap/anon_vma_chain.h"
#include "core/mm/rmap/anon_vma_refs.h"

namespace rmap {
namespace {

bool in_chain(World& w, const AnonVmaChain& avc) {
  if (!avc.vma.valid() || !w.vma(avc.vma).allocated) return false;
  AvcId id = w.vma(avc.vma).chain_head;
  while (id.valid() && !(id == w.id(avc))) id = w.avc(id).next_in_vma;
  return id.valid();
}

uint32_t chain_length(const World& w, const Vma& vma) {
  uint32_t length = 0;
  for (AvcId id = vma.chain_head; id.valid(); id = w.avcs[id.value].next_in_vma) length++;
  return length;
}

// Both name the same anon_vmas. In which order is each one's own affair.
bool same_chain(const World& w, const Vma& a, const Vma& b) {
  AvcId id = a.chain_head;
  while (id.valid() && chain_names(w, b, w.avcs[id.value].anon_vma.id))
    id = w.avcs[id.value].next_in_vma;
  return !id.valid() && chain_length(w, a) == chain_length(w, b);
}

void check_mapcounts(World& w) {
  uint8_t entries[kFramesMax] = {};
  w.oracle.tokens.alive().for_each([&](TokenId id) {
    const Token& t = w.oracle.tokens[id];
    if (!t.migration) entries[t.page.value]++;
  });
  for (const Page& page : w.pages) {
    if (page.allocated) w.oracle.judges(Rule::mapcount);
    if (!page.allocated || page.mapcount.peek() == entries[w.id(page).value]) continue;
    w.oracle.finding(Rule::mapcount, Manner::none, page_object(w.id(page)), {}, {});
  }
}

Manner manner_of_unreachable(World& w, const Token& t) {
  if (t.in_transit) return Manner::in_transit;
  const AnonVmaRef mapping = AnonVmaRef::of(w.page(t.page).mapping.peek());
  if (!mapping.valid()) return Manner::not_linked;
  const AnonVma* a = mapped_anon_vma(w, t);
  if (a == nullptr) return Manner::anon_vma;
  for (AvcId id = a->head; id.valid(); id = w.avc(id).next) {
    const Vma& vma = w.vma(w.avc(id).vma);
    if (vma.mm == t.mm && t.address >= vma.vm_start.peek() && t.address < vma.vm_end.peek())
      return Manner::wrong_index;
  }
  return Manner::not_linked;
}

void check_reachable(World& w) {
  w.oracle.tokens.alive().for_each([&](TokenId id) {
    w.oracle.judges(Rule::unreachable);
    const Token& t = w.oracle.tokens[id];
    if (!t.in_transit && (t.migration || w.oracle.ranges.reachable(w, t))) return;
    w.oracle.finding(Rule::unreachable, manner_of_unreachable(w, t), page_object(t.page),
                     w.oracle.tokens.detail(id), {});
  });
}

// What later operations rely on: the shape of chains, and that an unfaulted vma can move anywhere.
void check_vmas(World& w) {
  VmaId first_with[kAnonVmasMax];
  for (const Mm& mm : w.mms) {
    for (VmaId id : mm.vmas) {
      const Vma& vma = w.vma(id);
      const AnonVmaId active = vma.anon();
      if (!active.valid()) {
        w.oracle.judges(Rule::unfaulted_pgoff);
        if (!w.oracle.ranges.is_changing(w, vma) && vma.vm_pgoff.peek() != vma.vm_start.peek())
          w.oracle.finding(Rule::unfaulted_pgoff, Manner::none, vma_object(id), {}, {});
        continue;
      }
      // The oldest anon_vma is the last of the chain; since 2.6.36 it is asked for otherwise.
      if (vma.chain_tail.valid() && !keeps_mapping(w.kernel.add_rmap)) {
        w.oracle.judges(Rule::chain_order);
        const AnonVmaId oldest = w.avc(vma.chain_tail).anon_vma.id;
        if (!(w.anon_vma(oldest).root_id() == oldest))
          w.oracle.finding(Rule::chain_order, Manner::none, vma_object(id), {}, {});
      }
      VmaId& other = first_with[active.value];
      if (!other.valid()) {
        other = id;
        continue;
      }
      w.oracle.judges(Rule::chain_mismatch);
      if (!same_chain(w, w.vma(other), vma)) {
        w.oracle.finding(Rule::chain_mismatch, Manner::none, vma_object(id), {}, {});
      }
    }
  }
}

// The references that an anon_vma ought to have when nobody runs: counted, one for all its vmas;
// and one for each anon_vma whose root it is.
uint32_t references_expected(const World& w, const AnonVma& a) {
  const bool counted = counts_vmas(w.kernel.anon_refs);
  uint32_t references = counted && a.head.valid() ? 1 : 0;
  if (!children_hold_root(w.kernel)) return references;
  for (const AnonVma& child : w.anon_vmas)
    references += child.allocated && &child != &a && child.root_id() == w.id(a);
  return references;
}

void check_leaks(World& w) {
  w.oracle.judges(Rule::leak);
  const auto leaked = [&](Manner what, unsigned cls, unsigned ordinal) {
    w.oracle.finding(Rule::leak, what, sched::make_object(cls, ordinal), {}, {});
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
    if (!a.allocated) continue;
    const uint32_t references = references_expected(w, a);
    const bool used = a.head.valid() || references != 0;
    if (!used || a.refcount.peek() != references)
      leaked(Manner::anon_vma, kAnonVmaObject, w.id(a).value);
  }
}

}  // namespace

void Oracle::quiescent(World& w) {
  check_mapcounts(w);
  check_reachable(w);
  check_vmas(w);
  check_leaks(w);
}

void check_at_rest(World& w, Rule rule) {
  switch (rule) {
    case Rule::mapcount: return check_mapcounts(w);
    case Rule::unreachable: return check_reachable(w);
    case Rule::leak: return check_leaks(w);
    default: return check_vmas(w);
  }
}

}  // namespace rmap
