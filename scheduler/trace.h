// Trace: what happened in one execution, one 32-byte event per visible operation. Off unless asked
// for.
//
// The hash covers every field of every event in a fixed little-endian layout, so that two machines
// that print the same hash ran the same execution, step for step.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "scheduler/outcome.h"
#include "scheduler/vocabulary.h"

namespace sched {

enum class EventKind : uint8_t {
  start,
  finish,
  lock,
  lock_shared,
  unlock,
  wait,
  trylock,    // operand a: 1 when it was taken
  is_locked,  // operand a: 1 when it was held
  read,       // object, operand a: the value; operand b: the field
  write,      // the same
  add,        // the same, a the new value
  rcu_lock,
  rcu_unlock,
  rcu_wait,
  notify,
  relax,
  choice,     // operand a: a data choice (an allocation that fails)
  stop,       // operand a: the ending
  note = 32,  // The client's own kinds start here.
};

// The verb that printers use for a library kind.
std::string_view event_verb(EventKind kind);

struct Event {
  uint32_t step;
  TaskId task;
  EventKind kind;
  uint16_t site;  // Index into the vocabulary; hashed by its name, so that the hash survives
                  // renumbering.
  Object object;
  uint32_t site_id;  // name_hash of the site.
  uint64_t a;
  uint64_t b;
};
static_assert(sizeof(Event) == 32);

// Looks at each event right after it happened, in the middle of the execution. Must not reach a
// scheduling point.
class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void event(const Event& e) = 0;
};

class Trace {
 public:
  static constexpr uint32_t kEventsMax = 1u << 16;
  // Keeps at most `events_max` events; later ones still enter the hash.
  explicit Trace(uint32_t events_max = kEventsMax) { events_.reserve(events_max); }

  // From now on, over all executions; nullptr stops it.
  void watch(Watcher* watcher) { watcher_ = watcher; }
  void clear();
  void record(const Event& event);
  std::span<const Event> events() const { return events_; }
  uint64_t hash() const { return hash_; }
  uint64_t recorded() const { return recorded_; }
  // True when events were dropped because the buffer was full.
  bool truncated() const { return recorded_ != events_.size(); }

 private:
  std::vector<Event> events_;
  uint64_t hash_ = kHashSeed;
  uint64_t recorded_ = 0;
  Watcher* watcher_ = nullptr;

  static constexpr uint64_t kHashSeed = 0xcbf29ce484222325u;
};

// Mixes one 64-bit word into a hash; fixed for ever. Used for trace hashes and behaviour
// signatures.
constexpr uint64_t mix_hash(uint64_t hash, uint64_t word) {
  hash ^= word;
  hash *= 0xff51afd7ed558ccdu;
  hash ^= hash >> 32;
  return hash * 0xc4ceb9fe1a85ec53u;
}

}  // namespace sched
