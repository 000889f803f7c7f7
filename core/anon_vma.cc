// SPDX-License-Identifier: Apache-2.0
#include "core/anon_vma.h"

#include "core/vma.h"

namespace rmap {
namespace {

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

void anon_vma_chain_free(World& w, AvcId avc) { w.avc(avc).allocated = false; }

// One reference, for the vmas that will be linked to it.
AnonVmaId anon_vma_alloc(World& w) {
  if (w.allocation_fails("anon_vma_prepare/alloc"_site)) return {};
  for (AnonVma& a : w.anon_vmas) {
    if (a.allocated) continue;
    a.allocated = true;
    a.root = w.id(a);
    a.head = a.tail = {};
    a.refcount.init(1);
    return w.id(a);
  }
  return {};
}

// --- The two lists that a chain element is in ----------------------------------------------------

void push_front_of_vma(World& w, Vma& vma, AvcId id) {
  AnonVmaChain& avc = w.avc(id);
  avc.prev_in_vma = {};
  avc.next_in_vma = vma.chain_head;
  if (vma.chain_head.valid()) w.avc(vma.chain_head).prev_in_vma = id;
  vma.chain_head = id;
  if (!vma.chain_tail.valid()) vma.chain_tail = id;
}

void remove_from_vma(World& w, Vma& vma, AvcId id) {
  const AnonVmaChain& avc = w.avc(id);
  (avc.prev_in_vma.valid() ? w.avc(avc.prev_in_vma).next_in_vma : vma.chain_head) = avc.next_in_vma;
  (avc.next_in_vma.valid() ? w.avc(avc.next_in_vma).prev_in_vma : vma.chain_tail) = avc.prev_in_vma;
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

void remove_from_anon_vma(World& w, AnonVma& a, AvcId id) {
  const AnonVmaChain& avc = w.avc(id);
  (avc.prev.valid() ? w.avc(avc.prev).next : a.head) = avc.next;
  (avc.next.valid() ? w.avc(avc.next).prev : a.tail) = avc.prev;
}

// Where the kernel's index puts a new element: at the tail of a list; in a tree by its start,
// behind its equals. A sorted sequence with stable insertion is exactly the in-order traversal of
// the kernel's tree.
void insert_into_index(World& w, AnonVma& a, AvcId id) {
  AvcId next;
  switch (w.kernel.rmap_index) {
    case RmapIndex::list: break;
    case RmapIndex::interval_tree: {
      AnonVmaChain& avc = w.avc(id);
      const Vma& vma = w.vma(avc.vma);
      avc.key_start = vma.vm_pgoff.peek();
      avc.key_last = avc.key_start + (vma.vm_end.peek() - vma.vm_start.peek()) - 1;
      next = a.head;
      while (next.valid() && w.avc(next).key_start <= avc.key_start) next = w.avc(next).next;
      break;
    }
  }
  insert_before(w, a, id, next);
}

// anon_vma_chain_link(). Requires: the anon_vma lock.
void anon_vma_chain_link(World& w, Vma& vma, AvcId id, AnonVma& a) {
  AnonVmaChain& avc = w.avc(id);
  avc.vma = w.id(vma);
  avc.anon_vma = w.id(a);
  push_front_of_vma(w, vma, id);
  insert_into_index(w, a, id);
  vma.published = true;
}

// lock_anon_vma_root(): keeps the root lock while the next anon_vma has the same root.
class RootLock {
 public:
  RootLock(World& w, Site site) : w_(w), site_(site) {}
  ~RootLock() { unlock(); }
  void lock(AnonVmaId anon_vma) {
    const AnonVmaId root = w_.anon_vma(anon_vma).root;
    if (root == root_) return;
    unlock();
    w_.anon_vma(root).lock.lock(site_);
    root_ = root;
  }
  void unlock() {
    if (root_.valid()) w_.anon_vma(root_).lock.unlock(site_);
    root_ = {};
  }

 private:
  World& w_;
  Site site_;
  AnonVmaId root_;
};

// anon_vma_compatible(): b follows a without a gap, in address and in pgoff.
bool anon_vma_compatible(World& w, const Vma& a, const Vma& b) {
  constexpr Site site = "find_mergeable_anon_vma/range"_site;
  if (a.vm_end.load(w.at(a), site) != b.vm_start.load(w.at(b), site)) return false;
  const PageNr pages = b.vm_start.load(w.at(b), site) - a.vm_start.load(w.at(a), site);
  return b.vm_pgoff.load(w.at(b), site) == a.vm_pgoff.load(w.at(a), site) + pages;
}

// reusable_anon_vma(): the anon_vma of `old`, unless it came to it by fork or a split (its chain is
// longer than one).
// Simplified: publishing a vma's anon_vma and its chain element is one step, so the chain needs no
// access of its own here; the kernel would find it empty for a moment, and not share.
AnonVmaId reusable_anon_vma(World& w, const Vma& old, const Vma& a, const Vma& b) {
  if (!anon_vma_compatible(w, a, b)) return {};
  const uint8_t anon_vma =
      old.anon_vma.load(w.at_link(old), "find_mergeable_anon_vma/anon_vma"_site);
  const bool singular = old.chain_head.valid() && old.chain_head == old.chain_tail;
  return anon_vma != 0 && singular ? AnonVmaId{static_cast<uint8_t>(anon_vma - 1)} : AnonVmaId{};
}

AnonVmaId find_mergeable_anon_vma(World& w, Vma& vma) {
  if (Vma* next = next_vma(w, vma); next != nullptr) {
    const AnonVmaId a = reusable_anon_vma(w, *next, vma, *next);
    if (a.valid()) return a;
  }
  if (Vma* prev = prev_vma(w, vma); prev != nullptr) return reusable_anon_vma(w, *prev, *prev, vma);
  return {};
}

}  // namespace

int anon_vma_prepare(World& w, Vma& vma) {
  if (vma.anon_vma.load(w.at_link(vma), "anon_vma_prepare/anon_vma"_site) != 0) return kOk;
  AvcId avc = anon_vma_chain_alloc(w, "anon_vma_prepare/alloc"_site);
  if (!avc.valid()) return kEnomem;
  AnonVmaId anon_vma = find_mergeable_anon_vma(w, vma);
  AnonVmaId allocated;
  if (anon_vma.valid()) {
    cover(w, "anon_vma_prepare/shared"_site);
  } else {
    anon_vma = allocated = anon_vma_alloc(w);
    if (!anon_vma.valid()) {
      anon_vma_chain_free(w, avc);
      return kEnomem;
    }
  }
  {
    Guard lock(w.root_lock(anon_vma), "anon_vma_prepare/lock"_site);
    Guard page_table(w.mm_of(vma).page_table_lock, "anon_vma_prepare/page_table_lock"_site);
    // page_table_lock keeps out other threads' faults, which hold mmap_sem for read as this one
    // does.
    if (vma.anon_vma.load(w.at_link(vma), "anon_vma_prepare/recheck"_site) == 0) {
      vma.anon_vma.store(w.at_link(vma), static_cast<uint8_t>(anon_vma.value + 1),
                         "anon_vma_prepare/publish"_site);
      anon_vma_chain_link(w, vma, avc, w.anon_vma(anon_vma));
      allocated = {};
      avc = {};
    }
  }
  if (allocated.valid()) put_anon_vma(w, w.anon_vma(allocated), "anon_vma_prepare/put"_site);
  if (avc.valid()) anon_vma_chain_free(w, avc);
  return kOk;
}

int anon_vma_clone(World& w, Vma& dst, Vma& src) {
  RootLock root(w, "anon_vma_clone/lock"_site);
  for (AvcId p = src.chain_tail; p.valid(); p = w.avc(p).prev_in_vma) {
    // Simplified: the first, atomic allocation never fails, so the lock is not dropped for a
    // sleeping one.
    const AvcId avc = anon_vma_chain_alloc(w, "anon_vma_clone/alloc"_site);
    if (!avc.valid()) {
      root.unlock();
      unlink_anon_vmas(w, dst);
      return kEnomem;
    }
    const AnonVmaId anon_vma = w.avc(p).anon_vma;
    root.lock(anon_vma);
    anon_vma_chain_link(w, dst, avc, w.anon_vma(anon_vma));
  }
  return kOk;
}

void unlink_anon_vmas(World& w, Vma& vma) {
  // From newest to oldest, so that the root is freed last. An empty anon_vma keeps its element for
  // the second pass: freeing it may need the very lock that is held here.
  {
    RootLock root(w, "unlink_anon_vmas/lock"_site);
    for (AvcId id = vma.chain_head; id.valid();) {
      const AvcId next = w.avc(id).next_in_vma;
      AnonVma& a = w.anon_vma(w.avc(id).anon_vma);
      root.lock(w.id(a));
      remove_from_anon_vma(w, a, id);
      if (a.head.valid()) {
        remove_from_vma(w, vma, id);
        anon_vma_chain_free(w, id);
      }
      id = next;
    }
  }
  for (AvcId id = vma.chain_head; id.valid();) {
    const AvcId next = w.avc(id).next_in_vma;
    put_anon_vma(w, w.anon_vma(w.avc(id).anon_vma), "unlink_anon_vmas/put"_site);
    remove_from_vma(w, vma, id);
    anon_vma_chain_free(w, id);
    id = next;
  }
}

void anon_vma_moveto_tail(World& w, Vma& dst) {
  RootLock root(w, "anon_vma_moveto_tail/lock"_site);
  for (AvcId id = dst.chain_tail; id.valid(); id = w.avc(id).prev_in_vma) {
    AnonVma& a = w.anon_vma(w.avc(id).anon_vma);
    root.lock(w.id(a));
    remove_from_anon_vma(w, a, id);
    insert_before(w, a, id, {});
  }
}

void put_anon_vma(World& w, AnonVma& anon_vma, Site site) {
  if (anon_vma.refcount.add_return(w.at(anon_vma), -1, site) == 0) free_anon_vma(w, anon_vma);
}

void free_anon_vma(World& w, AnonVma& anon_vma) {
  // __put_anon_vma() and anon_vma_free(): whoever holds the lock found the anon_vma still mapped;
  // let them finish.
  Mutex& root = w.root_lock(w.id(anon_vma));
  if (root.is_locked("anon_vma_free/is_locked"_site)) Guard wait(root, "anon_vma_free/lock"_site);
  anon_vma.allocated =
      false;  // SLAB_DESTROY_BY_RCU: the memory stays an anon_vma, perhaps another one, at once.
}

void anon_vma_interval_tree_pre_update_vma(World& w, Vma& vma) {
  for (AvcId id = vma.chain_head; id.valid(); id = w.avc(id).next_in_vma) {
    remove_from_anon_vma(w, w.anon_vma(w.avc(id).anon_vma), id);
  }
}

void anon_vma_interval_tree_post_update_vma(World& w, Vma& vma) {
  for (AvcId id = vma.chain_head; id.valid(); id = w.avc(id).next_in_vma) {
    insert_into_index(w, w.anon_vma(w.avc(id).anon_vma), id);
  }
}

namespace {
AvcId skip_to(World& w, AvcId id, PageNr pgoff) {
  switch (w.kernel.rmap_index) {
    case RmapIndex::list: return id;
    case RmapIndex::interval_tree:
      while (id.valid() && (pgoff < w.avc(id).key_start || pgoff > w.avc(id).key_last))
        id = w.avc(id).next;
      return id;
  }
  return id;
}
}  // namespace

AvcId rmap_first(World& w, AnonVma& anon_vma, PageNr pgoff) {
  return skip_to(w, anon_vma.head, pgoff);
}
AvcId rmap_next(World& w, AvcId avc, PageNr pgoff) { return skip_to(w, w.avc(avc).next, pgoff); }

bool visited_before(World& w, const AnonVma& anon_vma, const Vma& first, const Vma& second) {
  for (AvcId id = anon_vma.head; id.valid(); id = w.avc(id).next) {
    if (w.avc(id).vma == w.id(first)) return true;
    if (w.avc(id).vma == w.id(second)) return false;
  }
  return false;
}

}  // namespace rmap
