// SPDX-License-Identifier: Apache-2.0
#include "scheduler/interleavings.h"

#include <bit>

namespace sched {
uint32_t SitePairs::size() const {
  uint32_t n = 0;
  for (uint64_t word : words_) n += static_cast<uint32_t>(std::popcount(word));
  return n;
}

void Interleavings::begin() {
  if (++epoch_ != 0) return;
  last_ = {};  // The count has wrapped.
  epoch_ = 1;
}

Interleavings::Effect Interleavings::effect_of(EventKind kind, uint64_t a) {
  switch (kind) {
    case EventKind::trylock: return a != 0 ? Effect::modifies : Effect::looks;
    case EventKind::lock:
    case EventKind::unlock:
    case EventKind::write:
    case EventKind::notify: return Effect::modifies;
    case EventKind::add: return Effect::adds;
    case EventKind::lock_shared:
    case EventKind::is_locked:
    case EventKind::read: return Effect::looks;
    default: return Effect::nothing;
  }
}

void Interleavings::note_use(SiteUse& use, EventKind kind, Effect effect, uint32_t cls) {
  const auto bit = static_cast<uint16_t>(1u << (cls & 15));
  if (effect == Effect::looks) use.looks |= bit;
  if (effect == Effect::adds) use.adds |= bit;
  if (effect == Effect::modifies) use.modifies |= bit;
  const bool acquires =
      kind == EventKind::lock || kind == EventKind::lock_shared || kind == EventKind::trylock;
  if (acquires) use.acquires |= bit;
}

void Interleavings::happened(EventKind kind, Site site, Object object, TaskId task, uint64_t a) {
  const Effect effect = effect_of(kind, a);
  if (effect == Effect::nothing || object.cls == 0) return;
  note_use(uses[site.index], kind, effect, object.cls);
  Last& last = last_[(object.cls & 15u) << 8 | (object.ordinal & 255u)];
  const bool ordered = effect != last.effect || effect == Effect::modifies;
  if (last.epoch == epoch_ && last.task != task && ordered) {
    seen.insert(last.site, site);
    if (!marks.empty()) marks[(last.site.index * 37u + site.index) & (marks.size() - 1)] = 1;
  }
  last = {epoch_, site, task, effect};
}

}  // namespace sched
