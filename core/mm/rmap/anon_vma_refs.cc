// SPDX-License-Identifier: Apache-2.0
#include "core/mm/rmap/anon_vma_refs.h"

#include "core/mm/rmap/anon_vma_lock.h"

namespace rmap {

// Where kernels have no roots yet, only the oracle asks who the root is.
void set_root(World& w, AnonVma& a, AnonVmaRef root, Site site) {
  const auto word = static_cast<uint8_t>(root.id.value + 1);
  a.root_life = root.life;
  switch (w.kernel.lock_scope) {
    case LockScope::own: a.root.init(word); break;
    case LockScope::root: a.root.store(w.at(a), word, site); break;
  }
}

// Before 01d8b20dec5f only the slab's constructor set the count.
AnonVmaRef anon_vma_alloc(World& w, Site site) {
  if (w.allocation_fails(site)) return {};
  for (AnonVma& a : w.anon_vmas) {
    if (a.allocated) continue;
    a.allocated = true;
    a.head = a.tail = a.rb_root = {};
    a.parent = w.ref(a);
    if (counts_vmas(w.kernel.anon_refs)) a.refcount.store(w.at(a), 1, site);
    if (is_born_root(w.kernel)) set_root(w, a, w.ref(a), site);
    a.degree = 1;
    a.num_children = a.num_active_vmas = 0;
    return w.ref(a);
  }
  return {};
}

AnonVma& use(World& w, AnonVmaRef a, Site site) {
  w.oracle.lives.anon_vma_used(w, a, site);
  return w.anon_vma(a.id);
}

void discard(World& w, AnonVmaRef fresh, Site site) {
  if (counts_vmas(w.kernel.anon_refs)) {
    put_anon_vma(w, fresh, site);
  } else {
    anon_vma_free(w, w.anon_vma(fresh.id));
  }
}

void drop_external(World& w, AnonVmaRef ref, Site site) {
  AnonVma& a = use(w, ref, site);
  if (a.refcount.add_unless(w.at(a), -1, 1, site)) return;
  bool empty = false;
  AnonVma* root = nullptr;
  {
    AnonVmaGuard lock(w, ref, site);
    if (a.refcount.add_return(w.at(a), -1, site) != 0) return;
    empty = !a.head.valid();
    const bool has_root = locks_root(w.kernel.lock_scope) && !(a.root_id() == ref.id);
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

void __put_anon_vma(World& w, AnonVma& a, Site site) {
  const AnonVmaRef root{a.root_id(), a.root_life};
  const auto put_root = [&] {
    if (root.id == w.id(a)) return;
    AnonVma& r = use(w, root, site);
    if (r.refcount.add_return(w.at(r), -1, site) == 0) anon_vma_free(w, r);
  };
  if (puts_root_first(w.kernel.put_root)) put_root();
  anon_vma_free(w, a);
  if (!puts_root_first(w.kernel.put_root)) put_root();
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
    w.oracle.lives.freed_object_used(w, Manner::anon_vma, anon_vma_object(w.id(a)),
                                     "anon_vma_free/free"_site);
  }
  if (free_waits_for_holders(w.kernel.page_lock)) {
    // Whoever holds the lock found the anon_vma still mapped; let them finish.
    w.oracle.lives.anon_vma_used(w, {a.root_id(), a.root_life}, "anon_vma_free/is_locked"_site);
    RwSem& root = w.anon_vma(a.root_id()).lock;
    if (root.is_locked("anon_vma_free/is_locked"_site)) {
      root.down_write("anon_vma_free/lock"_site);
      root.up_write("anon_vma_free/lock"_site);
    }
  }
  // SLAB_DESTROY_BY_RCU: the memory stays an anon_vma, perhaps another one, at once.
  a.allocated = false;
  a.life++;
  a.freed_at = w.oracle.lives.anon_vma_freed();
}

}  // namespace rmap
