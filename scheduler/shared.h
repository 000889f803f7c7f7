// Shared<T>: a field that tasks reach without a lock. Guarded<T>: a field that names the lock that
// should protect it.
//
// Both are faces of the one access path, Scheduler::before_access(). Neither ever fails because a
// lock is missing: an access to a Guarded<T> without its lock simply tells the AccessTable that the
// field is racy.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <type_traits>

#include "scheduler/guards.h"

namespace sched {

// Each load and store is a scheduling point, or would be one if the table knows of a writer.
template <typename T>
class Shared {
  static_assert(std::is_integral_v<T> || std::is_enum_v<T>);

 public:
  Shared() = default;
  Shared(Field field, Object object, T value = {})
      : object_(object), field_(field), value_(value) {}

  T load(Site site) const {
    begin(AccessMode::read, site);
    done(AccessMode::read, site);
    return value_;
  }
  void store(T value, Site site) {
    begin(AccessMode::write, site);
    value_ = value;
    done(AccessMode::write, site);
  }
  // Atomic; returns the old value.
  T fetch_add(T delta, Site site) {
    begin(AccessMode::write, site);
    const T old = value_;
    value_ = static_cast<T>(value_ + delta);
    done(AccessMode::write, site);
    return old;
  }
  // Atomic; true when `expected` was found and replaced.
  bool compare_exchange(T expected, T desired, Site site) {
    begin(AccessMode::write, site);
    const bool same = value_ == expected;
    if (same) value_ = desired;
    done(AccessMode::write, site);
    return same;
  }
  // For oracles; no access.
  T peek() const { return value_; }

 private:
  void begin(AccessMode mode, Site site) const {
    Scheduler::running().before_access(field_, mode, 0, site);
  }
  void done(AccessMode mode, Site site) const {
    Scheduler::running().access_done(field_, mode, site, object_, static_cast<uint64_t>(value_));
  }
  Object object_;
  Field field_;
  T value_ = {};
};

template <typename T>
using Atomic = Shared<T>;

// Bit 0 of its lock mask: the lock that it names is held by the current task.
template <typename T>
class Guarded {
  static_assert(std::is_integral_v<T> || std::is_enum_v<T>);

 public:
  Guarded() = default;
  Guarded(Field field, Object object, T value = {})
      : object_(object), field_(field), value_(value) {}

  T load(const ExclusiveLock& lock, Site site) const {
    Scheduler::running().before_access(field_, AccessMode::read, lock.held(), site);
    done(AccessMode::read, site);
    return value_;
  }
  void store(const ExclusiveLock& lock, T value, Site site) {
    Scheduler::running().before_access(field_, AccessMode::write, lock.held(), site);
    value_ = value;
    done(AccessMode::write, site);
  }
  T peek() const { return value_; }

 private:
  void done(AccessMode mode, Site site) const {
    Scheduler::running().access_done(field_, mode, site, object_, static_cast<uint64_t>(value_));
  }
  Object object_;
  Field field_;
  T value_ = {};
};

}  // namespace sched
