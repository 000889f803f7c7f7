// The names that a client brings: its sites, its classes of objects and its fields.
//
// The scheduler knows none of them. It handles small dense numbers and asks the vocabulary for
// words only when it prints, so that the hot path costs nothing and a trace never contains an
// address.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace sched {

// A fixed 32-bit hash of a name (FNV-1a). Stable across edits, compilers and architectures.
constexpr uint32_t name_hash(std::string_view name) {
  uint32_t h = 2166136261u;
  for (char c : name) h = (h ^ static_cast<uint8_t>(c)) * 16777619u;
  return h;
}

// A named place in a model. Dense: an index into Vocabulary::sites.
struct Site {
  uint16_t index = 0;
  friend constexpr bool operator==(Site, Site) = default;
};

// A class of objects: a kind of lock, or of thing that a trace names.
//
// `rank` is the declared lock order: a task may take a lock only if its rank is above all ranks it
// holds, or equal with a higher nesting (see sync.h). Rank 0 belongs to classes that are no locks.
struct ObjectClass {
  std::string_view name;
  uint8_t rank = 0;
  // Taking it may sleep: not allowed under a spin lock or inside an RCU section.
  bool sleeps = false;
  // Somebody looks at its state without waiting, so a release is a scheduling point.
  bool observed = false;
};

// One object: the n-th of its class. Never an address.
struct Object {
  uint8_t cls = 0;
  uint8_t pad = 0;
  uint16_t ordinal = 0;
  constexpr uint32_t word() const { return static_cast<uint32_t>(cls) << 16 | ordinal; }
  friend constexpr bool operator==(const Object&, const Object&) = default;
};

constexpr Object make_object(unsigned cls, unsigned ordinal) {
  return Object{static_cast<uint8_t>(cls), 0, static_cast<uint16_t>(ordinal)};
}

inline constexpr uint32_t kSitesMax = 256;
inline constexpr uint32_t kFieldsMax = 32;

// Everything a client names. The spans must outlive the scheduler; index 0 of each is "nothing".
struct Vocabulary {
  std::span<const std::string_view> sites;
  std::span<const ObjectClass> objects;
  std::span<const std::string_view> fields;
  // Verbs of the client's own events, from EventKind::note on.
  std::span<const std::string_view> notes;
};

}  // namespace sched
