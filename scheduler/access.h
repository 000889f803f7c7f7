// AccessTable: which accesses to shared fields need a scheduling point.
//
// An access is described by its field, its mode, and the locks of the *subject* that the task
// holds, as a small bit mask that the client computes. Two accesses of a field race when at least
// one of them changes it and no lock held by one keeps the other out. An access that races with
// none that anybody was ever seen to make is guarded: no other task can run between two points and
// notice, so it is no point. All others are racy: a point stands before each, also inside the
// critical sections of their writers.
//
// The table is learned by running a fixed set of programs until nothing new is seen (a fixpoint:
// points that are added let tasks reach more), and is constant afterwards. An access that was never
// seen while learning is treated as racy and reported (Outcome::unknown_access).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "scheduler/vocabulary.h"

namespace sched {

using LockMask = uint8_t;
inline constexpr uint32_t kLockBits = 6;
inline constexpr uint32_t kLockMasks = 1u << kLockBits;

// `add` changes the field and does not look at it (a reference taken or dropped): adds commute.
enum class AccessMode : uint8_t { read, write, add };
inline constexpr uint32_t kAccessModes = 3;

struct Field {
  uint8_t index = 0;
};

class AccessTable {
 public:
  enum class Class : uint8_t { unknown, guarded, racy };

  // excludes[b]: the mask bits of the other access that lock bit b keeps out.
  explicit AccessTable(std::array<LockMask, kLockBits> excludes) : excludes_(excludes) {}

  Class classify(Field f, AccessMode m, LockMask held) const { return classes_[slot(f, m, held)]; }

  // Learning. observe() notes an access; settle() computes the classes; both return whether
  // anything changed.
  void observe(Field f, AccessMode m, LockMask held) {
    bool& seen = seen_[slot(f, m, held)];
    changed_ |= !seen;
    seen = true;
  }
  bool settle();

  // Overrides what was learned, for experiments that show what the points are good for.
  void force(Field f, AccessMode m, LockMask held, Class c) { classes_[slot(f, m, held)] = c; }

 private:
  static uint32_t slot(Field f, AccessMode m, LockMask held) {
    return (uint32_t{f.index} * kAccessModes + static_cast<uint32_t>(m)) * kLockMasks + held;
  }
  bool excluded(LockMask a, LockMask b) const;
  bool races(Field f, AccessMode m, LockMask held) const;

  std::array<LockMask, kLockBits> excludes_;
  std::array<Class, kFieldsMax* kAccessModes* kLockMasks> classes_ = {};
  std::array<bool, kFieldsMax* kAccessModes* kLockMasks> seen_ = {};
  bool changed_ = false;
};

}  // namespace sched
