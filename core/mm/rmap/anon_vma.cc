// SPDX-License-Identifier: Apache-2.0
#include "core/mm/rmap/anon_vma.h"

#include "core/mm/vma/vma.h"

namespace rmap {
namespace {

bool has_chains(const World& w) { return w.kernel.anon_topology == AnonTopology::chains; }

AnonVmaRef load_anon(World& w, const Vma& vma, Site site) {
  return AnonVmaRef::of(vma.anon_vma.load(w.at_link(vma), site));
}
void store_anon(World& w, Vma& vma, AnonVmaRef a, Site site) {
  vma.anon_vma.store(w.at_link(vma), a.word(), site);
}

// Where kernels have no roots yet, only the oracle asks who the root is.
void set_root(World& w, AnonVma& a, AnonVmaRef root, Site site) {
  const auto word = static_cast<uint8_t>(root.id.value + 1);
  a.root_life = root.life;
  switch (w.kernel.lock_scope) {
    case LockScope::own: a.root.init(word); break;
    case LockScope::root: a.root.store(w.at(a), word, site); break;
  }
}

// Whether a fresh anon_vma is its own root at once. From 5c341ee1dfc9 to 01d8b20dec5f the root is
// that of its last life until anon_vma_prepare() or anon_vma_fork() says otherwise.
bool is_born_root(const Kernel& k) {
  return k.anon_refs == AnonRefs::counted || k.lock_scope == LockScope::own;
}

// Counted, it has one reference, for the vmas that will be linked to it. Before 01d8b20dec5f only
// the slab's constructor set the count.
AnonVmaRef anon_vma_alloc(World& w, Site site) {
  if (w.allocation_fails(site)) return {};
  for (AnonVma& a : w.anon_vmas) {
    if (a.allocated) continue;
    a.allocated = true;
    a.head = a.tail = a.rb_root = {};
    a.parent = w.ref(a);
    if (w.kernel.anon_refs == AnonRefs::counted) a.refcount.store(w.at(a), 1, site);
    if (is_born_root(w.kernel)) set_root(w, a, w.ref(a), site);
    a.degree = 1;
    a.num_children = a.num_active_vmas = 0;
    return w.ref(a);
  }
  return {};
}

AnonVma& use(World& w, AnonVmaRef a, Site site) {
  w.oracle.anon_vma_used(w, a, site);
  return w.anon_vma(a.id);
}

// --- The lock of one element after the other -----------------------------------------------------

// Takes the lock of each anon_vma in turn, or keeps a root's lock while the next anon_vma has the
// same root: lock_anon_vma_root().
class ChainWalkLock {
 public:
  ChainWalkLock(World& w, Site site, CloneLock taken = CloneLock::per_tree)
      : w_(w), site_(site), taken_(taken) {}
  ~ChainWalkLock() { unlock(); }
  void lock(AnonVmaRef a) {
    if (locked_.owner.valid() && locked_.owner == anon_vma_lock_owner(w_, a.id)) {
      locked_.anon_vma = a;
      return;
    }
    unlock();
    locked_ = anon_vma_lock(w_, a, AnonVmaAccess::write, site_);
  }
  // Between two elements.
  void element_done() {
    if (taken_ == CloneLock::per_element) unlock();
  }
  void unlock() {
    if (locked_.owner.valid()) anon_vma_unlock(w_, locked_, site_);
    locked_ = {};
  }

 private:
  World& w_;
  Site site_;
  CloneLock taken_;
  AnonVmaLocked locked_;
};

// --- Sharing a neighbour's anon_vma --------------------------------------------------------------

// anon_vma_compatible(): b follows a without a gap, in address and in pgoff.
bool anon_vma_compatible(World& w, const Vma& a, const Vma& b) {
  constexpr Site site = "find_mergeable_anon_vma/range"_site;
  if (a.grows_down != b.grows_down || a.accounted != b.accounted) return false;
  if (a.vm_end.load(w.at(a), site) != b.vm_start.load(w.at(b), site)) return false;
  const PageNr pages = b.vm_start.load(w.at(b), site) - a.vm_start.load(w.at(a), site);
  return b.vm_pgoff.load(w.at(b), site) == a.vm_pgoff.load(w.at(a), site) + pages;
}

// reusable_anon_vma(): the anon_vma of `old`, unless it came to it by fork or a split (its chain is
// longer than one).
// Simplified: publishing a vma's anon_vma and its chain element is one step, so the chain needs no
// access of its own here; the kernel would find it empty for a moment, and not share.
AnonVmaRef reusable_anon_vma(World& w, const Vma& old, const Vma& a, const Vma& b) {
  if (!anon_vma_compatible(w, a, b)) return {};
  const AnonVmaRef anon_vma = load_anon(w, old, "find_mergeable_anon_vma/anon_vma"_site);
  if (!anon_vma.valid()) return {};
  switch (w.kernel.prepare_share) {
    case PrepareShare::any: return anon_vma;
    case PrepareShare::singular: return chain_is_singular(old) ? anon_vma : AnonVmaRef{};
  }
  return {};
}

// find_mergeable_anon_vma(): so that the two vmas can merge later.
AnonVmaRef find_mergeable_anon_vma(World& w, const Vma& vma) {
  if (const Vma* next = next_vma(w, vma); next != nullptr) {
    const AnonVmaRef a = reusable_anon_vma(w, *next, vma, *next);
    if (a.valid()) return a;
  }
  if (const Vma* prev = prev_vma(w, vma); prev != nullptr)
    return reusable_anon_vma(w, *prev, *prev, vma);
  return {};
}

// --- Counting who uses an anon_vma, for its reuse ------------------------------------------------

// A vma's anon_vma is `a` from now on; a fresh root is its own parent, too.
void vma_joins(World& w, AnonVma& a, bool fresh_root) {
  switch (w.kernel.reuse) {
    case Reuse::none: break;
    case Reuse::degree: a.degree++; break;  // The vma, or the self-parent link of a new root.
    case Reuse::children_and_active:
      a.num_active_vmas++;
      a.num_children += fresh_root;
      break;
  }
}

void vma_leaves(World& w, AnonVma& a) {
  switch (w.kernel.reuse) {
    case Reuse::none: break;
    case Reuse::degree: a.degree--; break;
    case Reuse::children_and_active: a.num_active_vmas--; break;
  }
}

void child_comes(World& w, AnonVmaRef parent, Site site) {
  AnonVma& p = use(w, parent, site);
  switch (w.kernel.reuse) {
    case Reuse::none: break;
    case Reuse::degree: p.degree++; break;
    case Reuse::children_and_active: p.num_children++; break;
  }
}

void child_goes(World& w, AnonVmaRef parent, Site site) {
  if (w.kernel.reuse == Reuse::none) return;
  AnonVma& p = use(w, parent, site);
  (w.kernel.reuse == Reuse::degree ? p.degree : p.num_children)--;
}

bool may_be_reused(const World& w, const AnonVma& a) {
  switch (w.kernel.reuse) {
    case Reuse::none: return false;
    case Reuse::degree: return a.degree < 2;
    case Reuse::children_and_active: return a.num_children < 2 && a.num_active_vmas == 0;
  }
  return false;
}

// BUG_ON(anon_vma->degree): an anon_vma that goes has no users left.
void check_unused(World& w, const AnonVma& a, Site site) {
  if (w.kernel.reuse != Reuse::none) w.oracle.judges(Rule::anon_vma_count);
  bool used = false;
  switch (w.kernel.reuse) {
    case Reuse::none: break;
    case Reuse::degree: used = a.degree != 0; break;
    case Reuse::children_and_active: used = a.num_children != 0 || a.num_active_vmas != 0; break;
  }
  if (used) w.oracle.anon_vma_in_use(w, a, site);
}

// --- References ----------------------------------------------------------------------------------

// An anon_vma that nobody has been linked to after all.
void discard(World& w, AnonVmaRef fresh, Site site) {
  if (w.kernel.anon_refs == AnonRefs::counted) {
    put_anon_vma(w, fresh, site);
  } else {
    anon_vma_free(w, w.anon_vma(fresh.id));
  }
}

// drop_anon_vma(): the count is of references from outside; an empty list decides too.
void drop_external(World& w, AnonVmaRef ref, Site site) {
  AnonVma& a = use(w, ref, site);
  if (a.refcount.add_unless(w.at(a), -1, 1, site)) return;
  bool empty = false;
  AnonVma* root = nullptr;
  {
    AnonVmaGuard lock(w, ref, site);
    if (a.refcount.add_return(w.at(a), -1, site) != 0) return;
    empty = !a.head.valid();
    const bool has_root = w.kernel.lock_scope == LockScope::root && !(a.root_id() == ref.id);
    if (empty && has_root) {
      root = &w.anon_vma(a.root_id());
      const bool last = root->refcount.add_return(w.at(*root), -1, site) == 0;
      if (!last || root->head.valid()) root = nullptr;
    }
  }
  if (!empty) return;
  anon_vma_free(w, a);
  if (root != nullptr) anon_vma_free(w, *root);
}

// --- Unlinking -----------------------------------------------------------------------------------

// Takes an element out of its anon_vma's list for good.
void unlink_from_anon_vma(World& w, const Vma& vma, AvcId id, Site site) {
  AnonVma& a = w.anon_vma(w.avc(id).anon_vma.id);
  remove_from_anon_vma(w, a, id, site);
  note_vma(w, Note::unlink, vma, w.id(a).value, site);
}

// anon_vma_unlink(): one element. Its anon_vma goes when that leaves it empty, unless somebody
// outside has a reference. Counted, the vmas' reference goes.
void unlink_element(World& w, Vma& vma, AvcId id) {
  constexpr Site site = "unlink_anon_vmas/lock"_site;
  const AnonVmaRef ref = w.avc(id).anon_vma;
  AnonVma& a = w.anon_vma(ref.id);
  bool empty = false;
  {
    AnonVmaGuard lock(w, ref, site);
    unlink_from_anon_vma(w, vma, id, "unlink_anon_vmas/unlink"_site);
    empty = !a.head.valid() && (w.kernel.anon_refs != AnonRefs::external ||
                                a.refcount.load(w.at(a), "unlink_anon_vmas/external"_site) == 0);
  }
  if (empty && w.kernel.anon_refs == AnonRefs::counted) {
    put_anon_vma(w, ref, "unlink_anon_vmas/put"_site);
  } else if (empty) {
    if (children_hold_root(w.kernel) && !(a.root_id() == ref.id))
      drop_external(w, {a.root_id(), a.root_life}, "unlink_anon_vmas/put"_site);
    anon_vma_free(w, a);
  }
  remove_from_vma(w, vma, id, site);
  anon_vma_chain_free(w, id);
}

// From newest to oldest, so that the root is freed last. An empty anon_vma keeps its element for a
// second pass: freeing it may need the very lock that is held in the first.
void unlink_in_two_passes(World& w, Vma& vma) {
  constexpr Site site = "unlink_anon_vmas/lock"_site;
  {
    ChainWalkLock lock(w, site);
    for (AvcId id = vma.chain_head; id.valid();) {
      const AvcId next = w.avc(id).next_in_vma;
      const AnonVmaRef ref = w.avc(id).anon_vma;
      lock.lock(ref);
      AnonVma& a = w.anon_vma(ref.id);
      unlink_from_anon_vma(w, vma, id, "unlink_anon_vmas/unlink"_site);
      if (a.head.valid()) {
        remove_from_vma(w, vma, id, site);
        anon_vma_chain_free(w, id);
      } else {
        child_goes(w, a.parent, site);
      }
      id = next;
    }
    if (const AnonVmaRef own = vma.anon_ref(); own.valid()) {
      if (w.kernel.reuse != Reuse::none) vma_leaves(w, use(w, own, site));
      switch (w.kernel.unlink_pointer) {
        case UnlinkPointer::kept: break;
        case UnlinkPointer::cleared: store_anon(w, vma, {}, "unlink_anon_vmas/clear"_site); break;
      }
    }
  }
  for (AvcId id = vma.chain_head; id.valid();) {
    const AvcId next = w.avc(id).next_in_vma;
    const AnonVmaRef ref = w.avc(id).anon_vma;
    check_unused(w, w.anon_vma(ref.id), "unlink_anon_vmas/put"_site);
    put_anon_vma(w, ref, "unlink_anon_vmas/put"_site);
    remove_from_vma(w, vma, id, site);
    anon_vma_chain_free(w, id);
    id = next;
  }
}

}  // namespace

AnonVmaId anon_vma_lock_owner(const World& w, AnonVmaId a) {
  switch (w.kernel.lock_scope) {
    case LockScope::own: return a;
    case LockScope::root: return w.anon_vmas[a.value].root_id();
  }
  return a;
}

AnonVmaLocked anon_vma_lock(World& w, AnonVmaRef a, AnonVmaAccess access, Site site) {
  w.oracle.anon_vma_used(w, a, site);
  const bool shared = access == AnonVmaAccess::read && w.kernel.anon_lock == AnonLock::rwsem;
  const AnonVmaLocked locked{a, anon_vma_lock_owner(w, a.id), shared};
  RwSem& lock = w.anon_vma(locked.owner).lock;
  shared ? lock.down_read(site) : lock.down_write(site);
  return locked;
}

void anon_vma_unlock(World& w, const AnonVmaLocked& locked, Site site) {
  w.oracle.anon_vma_used(w, locked.anon_vma, site);  // Which names the root, whose lock it is.
  const AnonVmaId owner = anon_vma_lock_owner(w, locked.anon_vma.id);
  w.oracle.judges(Rule::foreign_unlock);
  if (!(owner == locked.owner)) w.oracle.foreign_unlock(w, w.anon_vma(owner), site);
  RwSem& lock = w.anon_vma(locked.owner).lock;  // Another one's is ended by the finding, if asked.
  locked.shared ? lock.up_read(site) : lock.up_write(site);
}

int anon_vma_prepare(World& w, Vma& vma) {
  if (load_anon(w, vma, "anon_vma_prepare/anon_vma"_site).valid()) return kOk;
  Mm& mm = w.mm_of(vma);
  AvcId avc;
  if (has_chains(w)) {
    avc = anon_vma_chain_alloc(w, "anon_vma_prepare/alloc"_site);
    if (!avc.valid()) return kEnomem;
  }
  AnonVmaRef anon_vma = find_mergeable_anon_vma(w, vma);
  AnonVmaRef allocated;
  if (!anon_vma.valid()) {
    anon_vma = allocated = anon_vma_alloc(w, "anon_vma_prepare/alloc"_site);
    if (!anon_vma.valid()) {
      if (avc.valid()) anon_vma_chain_free(w, avc);
      return kEnomem;
    }
  } else {
    cover(w, "anon_vma_prepare/shared"_site);
  }
  const bool fresh = allocated.valid();
  if (fresh && !is_born_root(w.kernel))
    set_root(w, w.anon_vma(allocated.id), allocated, "anon_vma_prepare/root"_site);
  {
    const bool locks = !fresh || w.kernel.prepare_lock == PrepareLock::always;
    AnonVmaGuard lock(w, locks ? anon_vma : AnonVmaRef{}, "anon_vma_prepare/lock"_site);
    // mmap_sem is held for read only: page_table_lock keeps other faults of this mm out.
    Guard page_table_lock(mm.page_table_lock, "anon_vma_prepare/page_table_lock"_site);
    if (!load_anon(w, vma, "anon_vma_prepare/recheck"_site).valid()) {
      store_anon(w, vma, anon_vma, "anon_vma_prepare/publish"_site);
      if (!avc.valid()) {
        __anon_vma_link(w, vma);
      } else {
        const bool at_head = w.kernel.prepare_insert == PrepareInsert::head;
        anon_vma_chain_link(w, vma, avc, w.anon_vma(anon_vma.id), at_head,
                            "anon_vma_prepare/link"_site);
      }
      vma_joins(w, w.anon_vma(anon_vma.id), fresh);
      allocated = {};
      avc = {};
    }
  }
  const bool lost_own = allocated.valid();
  if (lost_own) discard(w, allocated, "anon_vma_prepare/put"_site);
  if (avc.valid() && (lost_own || w.kernel.prepare_lost == PrepareLost::frees_element))
    anon_vma_chain_free(w, avc);
  return kOk;
}

void __anon_vma_link(World& w, Vma& vma) {
  const AnonVmaRef anon_vma = vma.anon_ref();
  if (!anon_vma.valid()) return;
  // The list node is part of the vma, so there is always one.
  for (AnonVmaChain& node : w.avcs) {
    if (node.allocated) continue;
    node = {};
    node.allocated = true;
    const bool at_head = w.kernel.link_insert == LinkInsert::head;
    return anon_vma_chain_link(w, vma, w.id(node), w.anon_vma(anon_vma.id), at_head,
                               "anon_vma_link/link"_site);
  }
  CHECK(false);
}

void anon_vma_link(World& w, Vma& vma) {
  AnonVmaGuard lock(w, vma.anon_ref(), "anon_vma_link/lock"_site);
  __anon_vma_link(w, vma);
}

namespace {

// What a clone has allocated and not linked yet.
using FreeElements = BoundedVector<AvcId, kAnonVmasMax>;

// An element for each of the source's: false when an allocation fails.
bool alloc_elements(World& w, const Vma& src, FreeElements& elements) {
  for (AvcId p = src.chain_head; p.valid(); p = w.avc(p).next_in_vma) {
    const AvcId avc = anon_vma_chain_alloc(w, "anon_vma_clone/alloc"_site);
    if (!avc.valid()) return false;
    elements.push_back(avc);
  }
  return true;
}

// An allocation failed. cleanup_partial_anon_vmas(), since elements are allocated first.
int unwind_clone(World& w, Vma& dst, const FreeElements& elements) {
  for (AvcId avc : elements) anon_vma_chain_free(w, avc);
  switch (w.kernel.clone_unwind) {
    case CloneUnwind::keeps_anon_vma:
    case CloneUnwind::frees: break;
    case CloneUnwind::clears_anon_vma:
    case CloneUnwind::frees_and_clears: store_anon(w, dst, {}, "anon_vma_clone/clear"_site); break;
  }
  if (w.kernel.clone_alloc == CloneAlloc::one_by_one) unlink_anon_vmas(w, dst);
  return kEnomem;
}

}  // namespace

int anon_vma_clone(World& w, Vma& dst, Vma& src) {
  CHECK(has_chains(w));
  const bool at_head = w.kernel.link_insert == LinkInsert::head;
  const bool reversed = w.kernel.clone_order == CloneOrder::reversed;
  const bool all_first = w.kernel.clone_alloc == CloneAlloc::all_first;
  const AnonVmaId own = src.anon();
  FreeElements elements;
  if (all_first && !alloc_elements(w, src, elements)) return unwind_clone(w, dst, elements);
  const auto next_element = [&] {
    if (!all_first) return anon_vma_chain_alloc(w, "anon_vma_clone/alloc"_site);
    const AvcId last = elements.back();
    elements.pop_back();
    return last;
  };
  ChainWalkLock lock(w, "anon_vma_clone/lock"_site, w.kernel.clone_lock);
  for (AvcId p = reversed ? src.chain_head : src.chain_tail; p.valid();
       p = reversed ? w.avc(p).next_in_vma : w.avc(p).prev_in_vma) {
    // Simplified: the first, atomic allocation never fails, so the lock is not dropped for a
    // sleeping one.
    const AvcId avc = next_element();
    if (!avc.valid()) {
      lock.unlock();
      return unwind_clone(w, dst, elements);
    }
    const AnonVmaRef ref = w.avc(p).anon_vma;
    lock.lock(ref);
    AnonVma& a = w.anon_vma(ref.id);
    anon_vma_chain_link(w, dst, avc, a, at_head, "anon_vma_clone/link"_site);
    if (!dst.anon().valid() && !(ref.id == own) && may_be_reused(w, a)) {
      cover(w, "anon_vma_clone/reused"_site);
      store_anon(w, dst, ref, "anon_vma_clone/reuse"_site);
    }
    lock.element_done();
  }
  if (dst.anon().valid() && w.kernel.reuse != Reuse::none)
    vma_joins(w, use(w, dst.anon_ref(), "anon_vma_clone/reuse"_site), false);
  return kOk;
}

namespace {

// 4e4a9eb92133: in fork, dst->vm_prev still points into the parent's mm, so that this gives the
// child the parent's own anon_vma.
void share_with_previous(World& w, Vma& vma, const Vma& pvma) {
  const Vma* prev = prev_vma(w, pvma);
  if (prev == nullptr || !(prev->anon() == pvma.anon())) return;
  cover(w, "anon_vma_fork/shared"_site);
  vma.anon_vma.init(pvma.anon_vma.peek());
}

// An anon_vma for the pages that a child will write, and the element that links its vma there.
struct OwnAnonVma {
  AnonVmaRef anon_vma;
  AvcId avc;
};

// False when an allocation fails.
bool alloc_own(World& w, OwnAnonVma& own) {
  own.anon_vma = anon_vma_alloc(w, "anon_vma_fork/alloc"_site);
  if (!own.anon_vma.valid()) return false;
  own.avc = anon_vma_chain_alloc(w, "anon_vma_fork/alloc"_site);
  if (!own.avc.valid()) discard(w, own.anon_vma, "anon_vma_fork/put"_site);
  return own.avc.valid();
}

void free_own(World& w, const OwnAnonVma& own) {
  discard(w, own.anon_vma, "anon_vma_fork/put"_site);
  anon_vma_chain_free(w, own.avc);
}

void link_own(World& w, Vma& vma, const Vma& pvma, const OwnAnonVma& own) {
  AnonVma& a = w.anon_vma(own.anon_vma.id);
  const AnonVmaRef parent = pvma.anon_ref();
  AnonVma& p = use(w, parent, "anon_vma_fork/root"_site);
  a.parent = parent;
  set_root(w, a, {p.root_id(), p.root_life}, "anon_vma_fork/root"_site);
  if (children_hold_root(w.kernel)) {
    AnonVma& root = w.anon_vma(a.root_id());
    root.refcount.add(w.at(root), +1, "anon_vma_fork/get"_site);
  }
  store_anon(w, vma, own.anon_vma, "anon_vma_fork/publish"_site);
  AnonVmaGuard lock(w, own.anon_vma, "anon_vma_fork/lock"_site);
  const bool at_head = w.kernel.link_insert == LinkInsert::head;
  anon_vma_chain_link(w, vma, own.avc, a, at_head, "anon_vma_fork/link"_site);
  if (w.kernel.reuse == Reuse::children_and_active) a.num_active_vmas++;
  child_comes(w, parent, "anon_vma_fork/lock"_site);
}

// Since 7.0.
int allocate_then_clone(World& w, Vma& vma, Vma& pvma) {
  OwnAnonVma own;
  if (!alloc_own(w, own)) return kEnomem;
  const int error = anon_vma_clone(w, vma, pvma);
  const bool reuses = error == kOk && vma.anon().valid();
  error != kOk || reuses ? free_own(w, own) : link_own(w, vma, pvma, own);
  return error;
}

int clone_then_allocate(World& w, Vma& vma, Vma& pvma) {
  if (anon_vma_clone(w, vma, pvma) != kOk) return kEnomem;
  if (w.kernel.reuse != Reuse::none && vma.anon().valid()) return kOk;
  OwnAnonVma own;
  if (alloc_own(w, own)) {
    link_own(w, vma, pvma, own);
    return kOk;
  }
  cover(w, "anon_vma_fork/unwind"_site);
  if (w.kernel.fork_unwind == ForkUnwind::unlinks_chain) unlink_anon_vmas(w, vma);
  return kEnomem;
}

}  // namespace

int anon_vma_fork(World& w, Vma& vma, Vma& pvma) {
  if (!has_chains(w)) {
    anon_vma_link(w, vma);
    return kOk;
  }
  if (!pvma.anon().valid()) return kOk;
  // The inherited one; reuse one of the chain, or take a new one.
  if (w.kernel.reuse != Reuse::none) vma.anon_vma.init(0);
  if (w.kernel.fork_share == ForkShare::with_previous) share_with_previous(w, vma, pvma);
  switch (w.kernel.fork_unwind) {
    case ForkUnwind::keeps_chain:
    case ForkUnwind::unlinks_chain: return clone_then_allocate(w, vma, pvma);
    case ForkUnwind::allocates_first: return allocate_then_clone(w, vma, pvma);
  }
  return kOk;
}

void unlink_anon_vmas(World& w, Vma& vma) {
  switch (w.kernel.unlink_passes) {
    case UnlinkPasses::one:
      while (vma.chain_head.valid()) unlink_element(w, vma, vma.chain_head);
      break;
    case UnlinkPasses::two: unlink_in_two_passes(w, vma); break;
  }
}

void __anon_vma_merge(World& w, Vma& next) {
  const AvcId node = next.chain_head;
  if (!node.valid()) return;
  unlink_from_anon_vma(w, next, node, "__anon_vma_merge/unlink"_site);
  remove_from_vma(w, next, node, "__anon_vma_merge/unlink"_site);
  anon_vma_chain_free(w, node);
}

void anon_vma_moveto_tail(World& w, Vma& dst) {
  ChainWalkLock lock(w, "anon_vma_moveto_tail/lock"_site);
  for (AvcId id = dst.chain_tail; id.valid(); id = w.avc(id).prev_in_vma) {
    const AnonVmaRef ref = w.avc(id).anon_vma;
    lock.lock(ref);
    constexpr Site site = "anon_vma_moveto_tail/requeue"_site;
    remove_from_anon_vma(w, w.anon_vma(ref.id), id, site);
    append_to_anon_vma(w, w.anon_vma(ref.id), id, site);
    note_vma(w, Note::requeue, dst, ref.id.value, site);
  }
}

void __put_anon_vma(World& w, AnonVma& a, Site site) {
  const AnonVmaRef root{a.root_id(), a.root_life};
  const auto put_root = [&] {
    if (root.id == w.id(a)) return;
    AnonVma& r = use(w, root, site);
    if (r.refcount.add_return(w.at(r), -1, site) == 0) anon_vma_free(w, r);
  };
  if (w.kernel.put_root == PutRoot::first) put_root();
  anon_vma_free(w, a);
  if (w.kernel.put_root == PutRoot::last) put_root();
}

void put_anon_vma(World& w, AnonVmaRef ref, Site site) {
  switch (w.kernel.anon_refs) {
    case AnonRefs::list: return;
    case AnonRefs::external: return drop_external(w, ref, site);
    case AnonRefs::counted: break;
  }
  AnonVma& a = use(w, ref, site);
  if (a.refcount.add_return(w.at(a), -1, site) == 0) __put_anon_vma(w, a, site);
}

void anon_vma_free(World& w, AnonVma& a) {
  if (!a.allocated) {
    w.oracle.freed_object_used(w, Manner::anon_vma, anon_vma_object(w.id(a)),
                               "anon_vma_free/free"_site);
  }
  if (w.kernel.page_lock == PageLock::trust_refcount || w.kernel.page_lock == PageLock::refcount) {
    // Whoever holds the lock found the anon_vma still mapped; let them finish.
    w.oracle.anon_vma_used(w, {a.root_id(), a.root_life}, "anon_vma_free/is_locked"_site);
    RwSem& root = w.anon_vma(a.root_id()).lock;
    if (root.is_locked("anon_vma_free/is_locked"_site)) {
      root.down_write("anon_vma_free/lock"_site);
      root.up_write("anon_vma_free/lock"_site);
    }
  }
  // SLAB_DESTROY_BY_RCU: the memory stays an anon_vma, perhaps another one, at once.
  a.allocated = false;
  a.life++;
  a.freed_at = w.oracle.anon_vma_freed();
}

}  // namespace rmap
