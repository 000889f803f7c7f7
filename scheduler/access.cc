// SPDX-License-Identifier: Apache-2.0
#include "scheduler/access.h"

namespace sched {
namespace {

bool commute(AccessMode a, AccessMode b) { return a == b && a != AccessMode::write; }

}  // namespace

bool AccessTable::excluded(LockMask a, LockMask b) const {
  for (uint32_t bit = 0; bit < kLockBits; bit++) {
    if ((a >> bit & 1) != 0 && (excludes_[bit] & b) != 0) return true;
  }
  return false;
}

bool AccessTable::races(Field f, AccessMode m, LockMask held) const {
  for (uint32_t other = 0; other < kAccessModes; other++) {
    const auto other_mode = static_cast<AccessMode>(other);
    if (commute(m, other_mode)) continue;
    for (uint32_t mask = 0; mask < kLockMasks; mask++) {
      const auto other_held = static_cast<LockMask>(mask);
      if (seen_[slot(f, other_mode, other_held)] && !excluded(held, other_held)) return true;
    }
  }
  return false;
}

bool AccessTable::settle() {
  if (!changed_) return false;
  changed_ = false;
  for (uint32_t f = 0; f < kFieldsMax; f++) {
    for (uint32_t m = 0; m < kAccessModes; m++) {
      for (uint32_t mask = 0; mask < kLockMasks; mask++) {
        const Field field{static_cast<uint8_t>(f)};
        const auto mode = static_cast<AccessMode>(m);
        const auto held = static_cast<LockMask>(mask);
        if (!seen_[slot(field, mode, held)]) continue;
        classes_[slot(field, mode, held)] = races(field, mode, held) ? Class::racy : Class::guarded;
      }
    }
  }
  return true;
}

}  // namespace sched
