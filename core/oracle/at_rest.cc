// The oracle at rest: what must hold once every task has finished.
// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "core/mm/rmap/anon_vma_chain.h"
#include "core/mm/rmap/anon_vma_refs.h"
#include "core/model/oracle.h"
#include "core/model/world.h"

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

}  // namespace

void Oracle::quiescent(World& w) {
  check_mapcounts(w);
  check_reachable(w);
  check_vmas(w);
  check_leaks(w);
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

// One that stands in a page table, or has just been taken out of its place there; not one that is
// about to be set for the first time.
bool Oracle::has_unreachable_entry(World& w, sched::Object page) const {
  bool unreachable = false;
  alive_.for_each([&](TokenId id) {
    const Token& t = tokens_[id.value];
    if (!(page_object(t.page) == page) || reachable(w, t) || is_in_doubt(w, t)) return;
    if (t.in_transit) unreachable = true;
    const uint8_t table = w.mms[t.mm.value].pmd[t.address / kPtesPerTable].peek();
    unreachable |= table != 0 && w.tables[table - 1].pte[t.address % kPtesPerTable].token == id;
  });
  return unreachable;
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

bool Oracle::entry_moved(const sched::Violation& v, uint32_t step) const {
  bool moved = false;
  alive_.for_each([&](TokenId id) {
    const Token& t = tokens_[id.value];
    moved |= page_object(t.page) == v.object && step - t.arrived <= 1 && t.moved_from != t.address;
  });
  return moved;
}

void Oracle::check_at_rest(World& w, Rule rule) {
  switch (rule) {
    case Rule::mapcount: return check_mapcounts(w);
    case Rule::unreachable: return check_reachable(w);
    case Rule::leak: return check_leaks(w);
    default: return check_vmas(w);
  }
}

void Oracle::check_mapcounts(World& w) {
  uint8_t entries[kFramesMax] = {};
  alive_.for_each([&](TokenId id) {
    const Token& t = tokens_[id.value];
    if (!t.migration) entries[t.page.value]++;
  });
  for (const Page& page : w.pages) {
    if (page.allocated) judges(Rule::mapcount);
    if (!page.allocated || page.mapcount.peek() == entries[w.id(page).value]) continue;
    finding(w, Rule::mapcount, Manner::none, page_object(w.id(page)), {}, {});
  }
}

Manner Oracle::manner_of_unreachable(World& w, const Token& t) const {
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

void Oracle::check_reachable(World& w) {
  alive_.for_each([&](TokenId id) {
    judges(Rule::unreachable);
    const Token& t = tokens_[id.value];
    if (!t.in_transit && (t.migration || reachable(w, t))) return;
    finding(w, Rule::unreachable, manner_of_unreachable(w, t), page_object(t.page), detail(id), {});
  });
}

// What later operations rely on: the shape of chains, and that an unfaulted vma can move anywhere.
void Oracle::check_vmas(World& w) {
  VmaId first_with[kAnonVmasMax];
  for (const Mm& mm : w.mms) {
    for (VmaId id : mm.vmas) {
      const Vma& vma = w.vma(id);
      const AnonVmaId active = vma.anon();
      if (!active.valid()) {
        judges(Rule::unfaulted_pgoff);
        if (!is_changing(w, vma) && vma.vm_pgoff.peek() != vma.vm_start.peek())
          finding(w, Rule::unfaulted_pgoff, Manner::none, vma_object(id), {}, {});
        continue;
      }
      // The oldest anon_vma is the last of the chain; since 2.6.36 it is asked for otherwise.
      if (vma.chain_tail.valid() && w.kernel.add_rmap != AddRmap::kept) {
        judges(Rule::chain_order);
        const AnonVmaId oldest = w.avc(vma.chain_tail).anon_vma.id;
        if (!(w.anon_vma(oldest).root_id() == oldest))
          finding(w, Rule::chain_order, Manner::none, vma_object(id), {}, {});
      }
      VmaId& other = first_with[active.value];
      if (!other.valid()) {
        other = id;
        continue;
      }
      judges(Rule::chain_mismatch);
      if (!same_chain(w, w.vma(other), vma)) {
        finding(w, Rule::chain_mismatch, Manner::none, vma_object(id), {}, {});
      }
    }
  }
}

// The references that an anon_vma ought to have when nobody runs: counted, one for all its vmas;
// and one for each anon_vma whose root it is.
uint32_t Oracle::references_expected(const World& w, const AnonVma& a) const {
  const bool counted = w.kernel.anon_refs == AnonRefs::counted;
  uint32_t references = counted && a.head.valid() ? 1 : 0;
  if (!children_hold_root(w.kernel)) return references;
  for (const AnonVma& child : w.anon_vmas)
    references += child.allocated && &child != &a && child.root_id() == w.id(a);
  return references;
}

void Oracle::check_leaks(World& w) {
  judges(Rule::leak);
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
    if (!a.allocated) continue;
    const uint32_t references = references_expected(w, a);
    const bool used = a.head.valid() || references != 0;
    if (!used || a.refcount.peek() != references)
      leaked(Manner::anon_vma, kAnonVmaObject, w.id(a).value);
  }
}

}  // namespace rmap
