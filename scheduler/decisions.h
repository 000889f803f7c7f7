// Where choices come from: the only source of nondeterminism in an execution.
//
// Every choice (which task runs next, whether an allocation fails, a strategy's random number) is
// drawn from one Decisions object, so that recording the draws as bytes is the one and only replay
// mechanism. Choice 0 is always the simplest one (keep running, succeed), so that shorter and
// smaller inputs are simpler schedules.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "scheduler/bounded.h"

namespace sched {

// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA
// 2014).
class SplitMix {
 public:
  explicit SplitMix(uint64_t seed = 0) : state_(seed) {}
  uint64_t next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  // A number below n. The bias is below n / 2^32 and does not matter here.
  uint32_t below(uint32_t n) { return static_cast<uint32_t>((next() >> 32) * n >> 32); }

 private:
  uint64_t state_;
};

// What a choice other than 0 costs: a bounded exploration counts preemptions; a random tail makes
// rare ones seldom, so that what few there may be are not all spent at the beginning.
enum class Cost : uint8_t { free, preemption, rare };
inline constexpr uint32_t kRarely = 8;  // One in so many.

// The draws of one execution as bytes; replaying them through ByteDecisions repeats it.
using RecordedDecisions = BoundedVector<uint8_t, 32768>;

// A source of choices.
//
// One byte per choice: a byte b means choice b mod n. Drawing from stored bytes is inline; what
// happens after them is the subclass's business, one virtual call.
class Decisions {
 public:
  virtual ~Decisions() = default;

  // A choice in [0, n). Requires: 1 <= n <= 256. Draws nothing when n is 1.
  uint32_t choose(uint32_t n, Cost cost = Cost::free) {
    if (n < 2) return 0;
    uint32_t c;
    if (next_ != end_) {
      c = *next_++;
      if (c >= n) c %= n;
    } else {
      c = draw(n, cost);
    }
    if (record_ != nullptr) [[unlikely]]
      note(c);
    return c;
  }

  // From now on appends each choice to `record`, which must outlive the recording; nullptr stops
  // it.
  void record_to(RecordedDecisions* record) {
    if (record != nullptr) overflowed_ = false;
    record_ = record;
  }
  // True when the record was too small for the execution, so that it must not be replayed.
  bool overflowed() const { return overflowed_; }

 protected:
  virtual uint32_t draw(uint32_t n, Cost cost) = 0;
  static uint32_t draw_at_random(SplitMix& random, uint32_t n, Cost cost) {
    if (cost == Cost::rare && random.below(kRarely) != 0) return 0;
    return random.below(n);
  }
  void set_bytes(std::span<const uint8_t> bytes) {
    next_ = bytes.data();
    end_ = bytes.data() + bytes.size();
  }

 private:
  void note(uint32_t choice);

  const uint8_t* next_ = nullptr;
  const uint8_t* end_ = nullptr;
  RecordedDecisions* record_ = nullptr;
  bool overflowed_ = false;
};

// Stored bytes, then a tail: 0 keeps running for ever (the canonical form); another value seeds a
// generator that draws the rest. Measured in other projects: as an *exploring* default, "keep
// running" is about 60 times worse.
class ByteDecisions final : public Decisions {
 public:
  ByteDecisions(std::span<const uint8_t> bytes, uint64_t tail) : random_(tail), tail_(tail) {
    set_bytes(bytes);
  }

 private:
  uint32_t draw(uint32_t n, Cost cost) override {
    return tail_ == 0 ? 0 : draw_at_random(random_, n, cost);
  }

  SplitMix random_;
  uint64_t tail_;
};

// Every choice from a seeded generator.
class SeededDecisions final : public Decisions {
 public:
  explicit SeededDecisions(uint64_t seed) : random_(seed) {}

 private:
  uint32_t draw(uint32_t n, Cost cost) override { return draw_at_random(random_, n, cost); }
  SplitMix random_;
};

// Enumerates all sequences of choices with at most `preemptions_max` costly ones, in depth-first
// order.
//
//   ExhaustiveDecisions all(2);
//   do run_one_execution(all); while (all.next());
//
// Requires: an execution is a function of its choices (stateless search).
class ExhaustiveDecisions final : public Decisions {
 public:
  static constexpr uint32_t kUnbounded = ~0u;
  explicit ExhaustiveDecisions(uint32_t preemptions_max = kUnbounded)
      : preemptions_max_(preemptions_max) {
    path_.reserve(4096);
  }

  // Moves on to the next sequence. False when all have been tried.
  bool next();
  // Costly choices of the current sequence.
  uint32_t preemptions() const { return preemptions_; }

 private:
  struct Step {
    uint16_t choice;
    uint16_t n;
    Cost cost;
  };
  uint32_t draw(uint32_t n, Cost cost) override;

  std::vector<Step> path_;
  uint32_t prefix_ = 0;  // How many choices the current sequence was given; the rest is new.
  uint32_t position_ = 0;
  uint32_t preemptions_ = 0;
  uint32_t preemptions_max_;
};

}  // namespace sched
