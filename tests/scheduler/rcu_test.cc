// Tests of RCU: a grace period waits for the sections under way, and for no others.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/scheduler/fixture.h"

namespace sched {
namespace {

using namespace fixture;

// A thing is unlinked, and freed after a grace period; a reader that found it must not see it
// freed.
struct World {
  Rcu rcu{make_object(kRcu, 0)};
  Shared<uint32_t> linked{kX, make_object(kWord, 0), 1};
  Shared<uint32_t> freed{kY, make_object(kWord, 1)};
  bool used_after_free = false;
  uint32_t reads = 0;
};

void read(World& w) {
  RcuGuard g(w.rcu, kHere);
  if (w.linked.load(kHere) == 0) return;
  w.reads++;
  w.used_after_free |= w.freed.load(kHere) != 0;
}

template <bool wait>
void free(World& w) {
  w.linked.store(0, kThere);
  if (wait) w.rcu.synchronize(kThere);
  w.freed.store(1, kThere);
}

bool used_after_free(const World& w) { return w.used_after_free; }

TEST(Rcu, a_grace_period_waits_for_the_sections_under_way) {
  Program<World> p({read, read, free<true>});
  const Tally all = explore(p, used_after_free, 3);
  EXPECT_TRUE(all.always(Ending::finished));
  EXPECT_FALSE(all.saw(true));
}

TEST(Rcu, without_a_grace_period_the_reader_sees_it_freed) {
  Program<World> p({read, free<false>});
  EXPECT_TRUE(explore(p, used_after_free).saw(true));
}

// Bit 0 of `seen`: the second section was under way when the grace period ended; bit 1: the first
// one was.
struct Late {
  Rcu rcu{make_object(kRcu, 0)};
  Shared<uint32_t> word{kX, make_object(kWord, 0)};
  bool in_second = false;
  bool in_first = false;
  uint32_t seen = 0;
};

void two_sections(Late& w) {
  {
    RcuGuard g(w.rcu, kFirst);
    w.in_first = true;
    w.word.load(kFirst);
    w.in_first = false;
  }
  RcuGuard g(w.rcu, kSecond);
  w.in_second = true;
  w.word.load(kSecond);
  w.in_second = false;
}

TEST(Rcu, a_grace_period_does_not_wait_for_later_sections) {
  Program<Late> p({two_sections, [](Late& w) {
                     const bool began_in_first = w.in_first;
                     w.rcu.synchronize(kThird);
                     if (began_in_first) w.seen = (w.in_second ? 1 : 0) | (w.in_first ? 2 : 0);
                   }});
  const Tally all = explore(p, [](const Late& w) { return w.seen; });
  EXPECT_TRUE(all.always(Ending::finished));
  EXPECT_TRUE(all.saw(1));
  EXPECT_FALSE(all.saw(2));
}

TEST(Rcu, sections_nest) {
  struct W : World {};
  Program<W> p({[](W& w) {
                  RcuGuard outer(w.rcu, kFirst);
                  if (w.linked.load(kFirst) == 0) return;
                  { RcuGuard inner(w.rcu, kSecond); }
                  w.used_after_free |= w.freed.load(kFirst) != 0;
                },
                [](W& w) { free<true>(w); }});
  const Tally all = explore(p, [](const W& w) { return w.used_after_free; });
  EXPECT_TRUE(all.always(Ending::finished));
  EXPECT_FALSE(all.saw(true));
}

TEST(Rcu, a_grace_period_inside_a_section_is_a_finding) {
  Program<World> p({[](World& w) {
    RcuGuard g(w.rcu, kHere);
    w.rcu.synchronize(kThere);
  }});
  const Outcome& o = p.replay({});
  EXPECT_EQ(o.ending, Ending::violation);
  EXPECT_EQ(o.violation.rule, kSleepInAtomic);
  EXPECT_EQ(o.violation.site, kThere);
}

TEST(RcuDeathTest, ending_a_section_that_was_not_begun_is_our_bug) {
  Program<World> p({[](World& w) { w.rcu.read_unlock(kHere); }});
  EXPECT_DEATH(p.replay({}), "CHECK failed: depth_");
}

}  // namespace
}  // namespace sched
