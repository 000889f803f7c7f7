// SPDX-License-Identifier: Apache-2.0
#include "core/mm/rmap/interval_tree.h"

namespace rmap {
namespace {

// --- Intervals, computed anew at each look -------------------------------------------------------

// Simplified: a change of the tree sees all ranges as they are at that instant, so that it is one
// step. Only a kernel that changes the range of a linked vma without the lock could tell.
constexpr TreeLook kChange = TreeLook::peek;
constexpr Site kLook = "anon_vma_interval_tree/range"_site;

PageNr avc_start_pgoff(World& w, AvcId avc, TreeLook look) {
  const Vma& vma = w.vma(w.avc(avc).vma);
  return look == TreeLook::peek ? vma.vm_pgoff.peek() : vma.vm_pgoff.load(w.at(vma), kLook);
}

// vma_last_pgoff()
PageNr avc_last_pgoff(World& w, AvcId avc, TreeLook look) {
  const Vma& vma = w.vma(w.avc(avc).vma);
  if (look == TreeLook::peek)
    return vma.vm_pgoff.peek() + (vma.vm_end.peek() - vma.vm_start.peek()) - 1;
  const PageNr vm_end = vma.vm_end.load(w.at(vma), kLook);
  const PageNr vm_start = vma.vm_start.load(w.at(vma), kLook);
  return vma.vm_pgoff.load(w.at(vma), kLook) + (vm_end - vm_start) - 1;
}

// --- The augmentation: where the last interval of a subtree ends ---------------------------------

PageNr compute_subtree_last(World& w, AvcId id) {
  PageNr last = avc_last_pgoff(w, id, kChange);
  for (AvcId child : {w.avc(id).rb_left, w.avc(id).rb_right}) {
    if (child.valid() && w.avc(child).subtree_last > last) last = w.avc(child).subtree_last;
  }
  return last;
}

void propagate(World& w, AvcId from, AvcId stop) {
  for (AvcId id = from; id.valid() && !(id == stop); id = w.avc(id).rb_parent) {
    const PageNr last = compute_subtree_last(w, id);
    if (w.avc(id).subtree_last == last) break;
    w.avc(id).subtree_last = last;
  }
}

// --- The red-black tree --------------------------------------------------------------------------

bool is_red(const World& w, AvcId id) { return id.valid() && w.avcs[id.value].rb_red; }

// Puts `fresh` where `old` hangs below `parent`, or at the root.
void change_child(World& w, AnonVma& a, AvcId old, AvcId fresh, AvcId parent) {
  if (!parent.valid()) {
    a.rb_root = fresh;
  } else if (w.avc(parent).rb_left == old) {
    w.avc(parent).rb_left = fresh;
  } else {
    w.avc(parent).rb_right = fresh;
  }
}

AvcId& child(World& w, AvcId id, bool left) {
  return left ? w.avc(id).rb_left : w.avc(id).rb_right;
}

// Lifts the child on the other side of `down` above it.
void rotate(World& w, AnonVma& a, AvcId down, bool to_left) {
  const AvcId up = child(w, down, !to_left);
  const AvcId between = child(w, up, to_left);
  const AvcId parent = w.avc(down).rb_parent;
  child(w, down, !to_left) = between;
  if (between.valid()) w.avc(between).rb_parent = down;
  child(w, up, to_left) = down;
  w.avc(up).rb_parent = parent;
  change_child(w, a, down, up, parent);
  w.avc(down).rb_parent = up;
  w.avc(up).subtree_last = w.avc(down).subtree_last;
  w.avc(down).subtree_last = compute_subtree_last(w, down);
}

// __rb_insert(): `id` is red; its parent must not be.
void balance_insertion(World& w, AnonVma& a, AvcId id) {
  while (is_red(w, w.avc(id).rb_parent)) {
    AvcId parent = w.avc(id).rb_parent;
    const AvcId grandparent = w.avc(parent).rb_parent;
    const bool left = w.avc(grandparent).rb_left == parent;
    const AvcId uncle = child(w, grandparent, !left);
    if (is_red(w, uncle)) {
      w.avc(uncle).rb_red = w.avc(parent).rb_red = false;
      w.avc(grandparent).rb_red = true;
      id = grandparent;
      continue;
    }
    if (child(w, parent, !left) == id) {
      rotate(w, a, parent, left);
      parent = id;
    }
    w.avc(parent).rb_red = false;
    w.avc(grandparent).rb_red = true;
    rotate(w, a, grandparent, !left);
    break;
  }
  w.avc(a.rb_root).rb_red = false;
}

// ____rb_erase_color(): the paths through `id`, which may be none, below `parent` lack a black
// node.
void balance_removal(World& w, AnonVma& a, AvcId id, AvcId parent) {
  while (parent.valid() && !is_red(w, id)) {
    const bool left = w.avc(parent).rb_left == id;
    AvcId sibling = child(w, parent, !left);
    if (is_red(w, sibling)) {
      w.avc(sibling).rb_red = false;
      w.avc(parent).rb_red = true;
      rotate(w, a, parent, left);
      sibling = child(w, parent, !left);
    }
    if (!is_red(w, w.avc(sibling).rb_left) && !is_red(w, w.avc(sibling).rb_right)) {
      w.avc(sibling).rb_red = true;
      id = parent;
      parent = w.avc(id).rb_parent;
      continue;
    }
    if (!is_red(w, child(w, sibling, !left))) {
      w.avc(child(w, sibling, left)).rb_red = false;
      w.avc(sibling).rb_red = true;
      rotate(w, a, sibling, !left);
      sibling = child(w, parent, !left);
    }
    w.avc(sibling).rb_red = w.avc(parent).rb_red;
    w.avc(parent).rb_red = false;
    w.avc(child(w, sibling, !left)).rb_red = false;
    rotate(w, a, parent, left);
    return;
  }
  if (id.valid()) w.avc(id).rb_red = false;
}

// The successor of `id`, which has two children, takes its place. Returns what hung below the
// successor, may be none, and where that hangs now.
struct Hole {
  AvcId id;
  AvcId parent;
  bool lacks_black;
};
Hole replace_by_successor(World& w, AnonVma& a, AvcId id) {
  const AnonVmaChain node = w.avc(id);
  AvcId successor = node.rb_right;
  while (w.avc(successor).rb_left.valid()) successor = w.avc(successor).rb_left;
  AnonVmaChain& s = w.avc(successor);
  Hole hole{s.rb_right, s.rb_parent, !s.rb_red};
  s.subtree_last = node.subtree_last;
  if (hole.parent == id) {
    hole.parent = successor;
  } else {
    w.avc(hole.parent).rb_left = hole.id;
    if (hole.id.valid()) w.avc(hole.id).rb_parent = hole.parent;
    s.rb_right = node.rb_right;
    w.avc(s.rb_right).rb_parent = successor;
    propagate(w, hole.parent, successor);
  }
  s.rb_left = node.rb_left;
  w.avc(s.rb_left).rb_parent = successor;
  s.rb_parent = node.rb_parent;
  s.rb_red = node.rb_red;
  change_child(w, a, id, successor, node.rb_parent);
  propagate(w, successor, {});
  return hole;
}

// `id` has one child at most, which takes its place.
Hole replace_by_child(World& w, AnonVma& a, AvcId id) {
  const AnonVmaChain& node = w.avc(id);
  const AvcId only = node.rb_left.valid() ? node.rb_left : node.rb_right;
  change_child(w, a, id, only, node.rb_parent);
  if (only.valid()) w.avc(only).rb_parent = node.rb_parent;
  propagate(w, node.rb_parent, {});
  return {only, node.rb_parent, !node.rb_red};
}

// The first element below `id` whose interval holds `pgoff`, as far as subtree_last leads there.
AvcId subtree_search(World& w, AvcId id, PageNr pgoff, TreeLook look) {
  for (;;) {
    const AvcId left = w.avc(id).rb_left;
    if (left.valid() && pgoff <= w.avc(left).subtree_last) {
      id = left;
      continue;
    }
    if (avc_start_pgoff(w, id, look) > pgoff) return {};
    if (pgoff <= avc_last_pgoff(w, id, look)) return id;
    id = w.avc(id).rb_right;
    if (!id.valid() || pgoff > w.avc(id).subtree_last) return {};
  }
}

}  // namespace

AvcId anon_vma_interval_tree_insert(World& w, AvcId id, AnonVma& a) {
  const PageNr start = avc_start_pgoff(w, id, kChange);
  const PageNr last = avc_last_pgoff(w, id, kChange);
  AvcId parent;
  AvcId after;
  bool left = false;
  for (AvcId at = a.rb_root; at.valid(); at = child(w, at, left)) {
    parent = at;
    if (w.avc(parent).subtree_last < last) w.avc(parent).subtree_last = last;
    left = start < avc_start_pgoff(w, parent, kChange);
    if (left) after = parent;
  }
  AnonVmaChain& node = w.avc(id);
  node.rb_left = node.rb_right = {};
  node.rb_parent = parent;
  node.rb_red = true;
  node.subtree_last = last;
  (parent.valid() ? child(w, parent, left) : a.rb_root) = id;
  balance_insertion(w, a, id);
  return after;
}

void anon_vma_interval_tree_remove(World& w, AvcId id, AnonVma& a) {
  const bool two_children = w.avc(id).rb_left.valid() && w.avc(id).rb_right.valid();
  const Hole hole = two_children ? replace_by_successor(w, a, id) : replace_by_child(w, a, id);
  if (hole.lacks_black) balance_removal(w, a, hole.id, hole.parent);
}

// Simplified: since 4.14 it also looks at the leftmost start, and since 6.13 subtree_search() goes
// to the right without asking. In a tree whose invariant holds both come to the same element.
AvcId anon_vma_interval_tree_iter_first(World& w, const AnonVma& a, PageNr pgoff, TreeLook look) {
  if (!a.rb_root.valid() || w.avc(a.rb_root).subtree_last < pgoff) return {};
  return subtree_search(w, a.rb_root, pgoff, look);
}

AvcId anon_vma_interval_tree_iter_next(World& w, AvcId id, PageNr pgoff, TreeLook look) {
  AvcId right = w.avc(id).rb_right;
  for (;;) {
    if (right.valid() && pgoff <= w.avc(right).subtree_last)
      return subtree_search(w, right, pgoff, look);
    AvcId came_from;
    do {  // Up, until it is from a left child.
      came_from = id;
      id = w.avc(id).rb_parent;
      if (!id.valid()) return {};
      right = w.avc(id).rb_right;
    } while (right == came_from);
    if (pgoff < avc_start_pgoff(w, id, look)) return {};
    if (pgoff <= avc_last_pgoff(w, id, look)) return id;
  }
}

}  // namespace rmap
