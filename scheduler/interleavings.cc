// SPDX-License-Identifier: Apache-2.0
#include "scheduler/interleavings.h"

#include <bit>

namespace sched {
namespace {

enum class Effect : uint8_t { nothing, looks, modifies };

Effect effect_of(EventKind kind) {
  switch (kind) {
    case EventKind::lock:
    case EventKind::unlock:
    case EventKind::trylock:
    case EventKind::write:
    case EventKind::add:
    case EventKind::notify: return Effect::modifies;
    case EventKind::lock_shared:
    case EventKind::is_locked:
    case EventKind::read: return Effect::looks;
    default: return Effect::nothing;
  }
}

}  // namespace

uint32_t SitePairs::size() const {
  uint32_t n = 0;
  for (uint64_t word : words_) n += static_cast<uint32_t>(std::popcount(word));
  return n;
}

void Interleavings::happened(EventKind kind, Site site, Object object, TaskId task) {
  const Effect effect = effect_of(kind);
  if (effect == Effect::nothing || object.cls == 0) return;
  Last& last = last_[(object.cls & 15u) << 8 | (object.ordinal & 255u)];
  const bool modifies = effect == Effect::modifies;
  SiteUse& use = uses[site.index];
  (modifies ? use.modifies : use.looks) |= static_cast<uint16_t>(1u << (object.cls & 15));
  if (last.execution == execution_ && last.task != task && (modifies || last.modifies)) {
    seen.insert(last.site, site);
    if (!marks.empty()) marks[(last.site.index * 37u + site.index) & (marks.size() - 1)] = 1;
  }
  last = {execution_, site, task, modifies};
}

}  // namespace sched
