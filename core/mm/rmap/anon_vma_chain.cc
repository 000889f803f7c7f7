// SPDX-License-Identifier: Apache-2.0
#include "core/mm/rmap/anon_vma_chain.h"

namespace rmap {
namespace {

// Two who change a list at once may corrupt it. In the model one change is one step, which nothing
// can tear, so that the oracle is told.
void changes_anon_vma(World& w, AnonVma& a, Site site) {
  const bool locked = (w.anon_lock_held(w.id(a)) & kAnonLock) != 0;
  w.oracle.list_used(a.list_use, anon_vma_object(w.id(a)), locked, true, site);
}
void follows_anon_vma(World& w, AnonVma& a, Site site) {
  const bool locked = w.anon_lock_held(w.id(a)) != 0;
  w.oracle.list_used(a.list_use, anon_vma_object(w.id(a)), locked, false, site);
}
void changes_chain(World& w, Vma& vma, Site site) {
  const sched::Object object = vma_object(w.id(vma));
  w.oracle.list_used(vma.chain_use, object, w.holds_chain_lock(vma), true, site);
}

constexpr Site kFollow = "rmap_walk/follow"_site;

void push_front_of_vma(World& w, Vma& vma, AvcId id) {
  AnonVmaChain& avc = w.avc(id);
  avc.prev_in_vma = {};
  avc.next_in_vma = vma.chain_head;
  if (vma.chain_head.valid()) w.avc(vma.chain_head).prev_in_vma = id;
  vma.chain_head = id;
  if (!vma.chain_tail.valid()) vma.chain_tail = id;
}

// An element is put into a list that it is in, or taken out of one that it is not in, when two of
// them do the same without the lock.
void set_linked(World& w, AnonVma& a, AvcId id, bool linked, Site site) {
  if (w.avc(id).linked == linked) w.oracle.list_corrupted(anon_vma_object(w.id(a)), site);
  w.avc(id).linked = linked;
}

// Inserts `id` before `next`, or at the tail when `next` is none.
void insert_before(World& w, AnonVma& a, AvcId id, AvcId next) {
  AnonVmaChain& avc = w.avc(id);
  const AvcId prev = next.valid() ? w.avc(next).prev : a.tail;
  avc.prev = prev;
  avc.next = next;
  (prev.valid() ? w.avc(prev).next : a.head) = id;
  (next.valid() ? w.avc(next).prev : a.tail) = id;
}

// Where the kernel's index puts a new element: at an end of a list; in a tree by its start, behind
// its equals.
void insert_into_index(World& w, AnonVma& a, AvcId id, bool at_head, Site site) {
  set_linked(w, a, id, true, site);
  AvcId next;
  switch (w.kernel.rmap_index) {
    case RmapIndex::list:
      if (at_head) next = a.head;
      break;
    case RmapIndex::interval_tree: next = anon_vma_interval_tree_insert(w, id, a); break;
  }
  insert_before(w, a, id, next);
}

}  // namespace

AvcId anon_vma_chain_alloc(World& w, Site site) {
  if (w.allocation_fails(site)) return {};
  for (AnonVmaChain& avc : w.avcs) {
    if (avc.allocated) continue;
    avc = {};
    avc.allocated = true;
    return w.id(avc);
  }
  return {};
}

void anon_vma_chain_free(World& w, AvcId avc) {
  CHECK(!w.avc(avc).linked);
  w.avc(avc).allocated = false;
}

void anon_vma_chain_link(World& w, Vma& vma, AvcId id, AnonVma& a, bool at_head, Site site) {
  changes_chain(w, vma, site);
  changes_anon_vma(w, a, site);
  AnonVmaChain& avc = w.avc(id);
  avc.vma = w.id(vma);
  avc.vma_life = vma.life;
  avc.anon_vma = w.ref(a);
  push_front_of_vma(w, vma, id);
  insert_into_index(w, a, id, at_head, site);
  vma.published = true;
  note_vma(w, Note::link, vma, w.id(a).value, site);
}

void remove_from_vma(World& w, Vma& vma, AvcId id, Site site) {
  changes_chain(w, vma, site);
  const AnonVmaChain& avc = w.avc(id);
  (avc.prev_in_vma.valid() ? w.avc(avc.prev_in_vma).next_in_vma : vma.chain_head) = avc.next_in_vma;
  (avc.next_in_vma.valid() ? w.avc(avc.next_in_vma).prev_in_vma : vma.chain_tail) = avc.prev_in_vma;
}

void remove_from_anon_vma(World& w, AnonVma& a, AvcId id, Site site) {
  changes_anon_vma(w, a, site);
  set_linked(w, a, id, false, site);
  if (is_tree(w.kernel.rmap_index)) anon_vma_interval_tree_remove(w, id, a);
  const AnonVmaChain& avc = w.avc(id);
  (avc.prev.valid() ? w.avc(avc.prev).next : a.head) = avc.next;
  (avc.next.valid() ? w.avc(avc.next).prev : a.tail) = avc.prev;
}

void append_to_anon_vma(World& w, AnonVma& a, AvcId id, Site site) {
  changes_anon_vma(w, a, site);
  set_linked(w, a, id, true, site);
  insert_before(w, a, id, {});
}

// A vma has many elements, and without the lock others may run between two of them: it is away from
// before the first one leaves until the last has come back.
void anon_vma_interval_tree_pre_update_vma(World& w, Vma& vma, Site site) {
  w.oracle.ranges.detached(w, w.id(vma));
  for (AvcId id = vma.chain_head; id.valid(); id = w.avc(id).next_in_vma) {
    AnonVma& a = w.anon_vma(w.avc(id).anon_vma.id);
    note_vma(w, Note::detach, vma, w.id(a).value, "anon_vma_interval_tree/pre_update"_site);
    remove_from_anon_vma(w, a, id, site);
  }
}

void anon_vma_interval_tree_post_update_vma(World& w, Vma& vma, Site site) {
  for (AvcId id = vma.chain_head; id.valid(); id = w.avc(id).next_in_vma) {
    AnonVma& a = w.anon_vma(w.avc(id).anon_vma.id);
    changes_anon_vma(w, a, site);
    insert_into_index(w, a, id, false, site);
    note_vma(w, Note::attach, vma, w.id(a).value, "anon_vma_interval_tree/post_update"_site);
  }
  w.oracle.ranges.attached(w.id(vma));
}

AvcId rmap_first(World& w, const AnonVma& anon_vma, PageNr pgoff, TreeLook look) {
  if (look == TreeLook::access) follows_anon_vma(w, w.anon_vma(w.id(anon_vma)), kFollow);
  switch (w.kernel.rmap_index) {
    case RmapIndex::list: return anon_vma.head;
    case RmapIndex::interval_tree:
      return anon_vma_interval_tree_iter_first(w, anon_vma, pgoff, look);
  }
  return {};
}

AvcId rmap_next(World& w, AvcId avc, PageNr pgoff, TreeLook look) {
  if (look == TreeLook::access) follows_anon_vma(w, w.anon_vma(w.avc(avc).anon_vma.id), kFollow);
  switch (w.kernel.rmap_index) {
    case RmapIndex::list: return w.avc(avc).next;
    case RmapIndex::interval_tree: return anon_vma_interval_tree_iter_next(w, avc, pgoff, look);
  }
  return {};
}

bool visited_before(World& w, const AnonVma& anon_vma, const Vma& first, const Vma& second) {
  for (AvcId id = anon_vma.head; id.valid(); id = w.avc(id).next) {
    if (w.avc(id).vma == w.id(first)) return true;
    if (w.avc(id).vma == w.id(second)) return false;
  }
  return false;
}

bool chain_names(const World& w, const Vma& v, AnonVmaId anon_vma) {
  AvcId id = v.allocated ? v.chain_head : AvcId{};
  while (id.valid() && !(w.avcs[id.value].anon_vma.id == anon_vma))
    id = w.avcs[id.value].next_in_vma;
  return id.valid();
}

}  // namespace rmap
