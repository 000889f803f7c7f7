// SPDX-License-Identifier: Apache-2.0
#include "core/run/shape.h"

#include <algorithm>

namespace rmap {
namespace {

// The marks of each kind begin where those of the last end.
constexpr uint32_t kChains = 0;                     // length 1 to 8, where the active one stands
constexpr uint32_t kAnonVmas = kChains + 8 * 4;     // vmas linked, vmas active, degree or children
constexpr uint32_t kPairs = kAnonVmas + 3 * 3 * 4;  // how two vmas are related
static_assert(kPairs + 2 * 2 * 2 * 4 <= kShapes);

struct Chain {
  uint32_t length = 0;
  uint32_t active_at = 3;  // 0 for the newest, 1, 2; 3 for further on or nowhere.
  uint32_t ids = 0;        // Which anon_vmas, and in which order, hashed.
};

Chain chain_of(const World& w, const Vma& vma) {
  Chain chain;
  for (AvcId id = vma.chain_head; id.valid(); id = w.avcs[id.value].next_in_vma) {
    const AnonVmaId a = w.avcs[id.value].anon_vma.id;
    if (a == vma.anon()) chain.active_at = std::min(chain.length, 3u);
    chain.ids = chain.ids * 67 + a.value + 1;
    chain.length++;
  }
  return chain;
}

void mark_pair(const Vma& a, const Chain& x, const Vma& b, const Chain& y,
               std::span<uint8_t> marks) {
  const uint32_t same_mm = a.mm == b.mm;
  const uint32_t same_active = a.anon() == b.anon();
  const uint32_t same_chain = x.ids == y.ids;
  const uint32_t longer = std::min(std::max(x.length, y.length), 4u) - 1;
  marks[kPairs + ((same_mm * 2 + same_active) * 2 + same_chain) * 4 + longer] = 1;
}

}  // namespace

void mark_shapes(const World& w, std::span<uint8_t> marks) {
  uint32_t linked[kAnonVmasMax] = {};
  uint32_t active[kAnonVmasMax] = {};
  BoundedVector<VmaId, kVmasMax> vmas;
  Chain chains[kVmasMax];
  for (const Mm& mm : w.mms) {
    for (VmaId id : mm.vmas) {
      const Vma& vma = w.vmas[id.value];
      if (!vma.anon().valid()) continue;
      const Chain chain = chain_of(w, vma);
      if (chain.length == 0) continue;
      for (AvcId c = vma.chain_head; c.valid(); c = w.avcs[c.value].next_in_vma)
        linked[w.avcs[c.value].anon_vma.id.value]++;
      active[vma.anon().value]++;
      marks[kChains + (std::min(chain.length, 8u) - 1) * 4 + chain.active_at] = 1;
      for (uint32_t i = 0; i < vmas.size(); i++)
        mark_pair(w.vmas[vmas[i].value], chains[i], vma, chain, marks);
      chains[vmas.size()] = chain;
      vmas.push_back(id);
    }
  }
  for (uint32_t i = 0; i < kAnonVmasMax; i++) {
    if (linked[i] == 0) continue;
    const AnonVma& a = w.anon_vmas[i];
    const uint32_t users = counts_children(w.kernel.reuse) ? a.num_children : a.degree;
    const uint32_t at = (std::min(linked[i], 3u) - 1) * 3 + std::min(active[i], 2u);
    marks[kAnonVmas + at * 4 + std::min(users, 3u)] = 1;
  }
}

}  // namespace rmap
