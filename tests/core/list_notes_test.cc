// The trace says which vma is in which list: whoever follows the notes knows what the world holds.
// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "core/run/behaviour.h"
#include "tests/core/vm_fixture.h"

namespace rmap {
namespace {

using namespace fixture;

// Pairs of a vma and the anon_vma, or mm, whose list it is in.
using Members = std::multiset<std::pair<uint32_t, uint32_t>>;

struct Lists {
  Members linked;
  Members mapped;
  friend bool operator==(const Lists&, const Lists&) = default;
};

Lists told_by(const sched::Trace& trace) {
  Lists lists;
  for (const sched::Event& e : trace.events()) {
    const std::pair<uint32_t, uint32_t> member{e.object.ordinal, static_cast<uint32_t>(e.a)};
    const auto forget = [&](Members& members) {
      const auto at = members.find(member);
      EXPECT_NE(at, members.end()) << "vma " << member.first << " was not in " << member.second;
      if (at != members.end()) members.erase(at);
    };
    switch (static_cast<Note>(e.kind)) {
      case Note::link: lists.linked.insert(member); break;
      case Note::unlink: forget(lists.linked); break;
      case Note::detach: forget(lists.linked); break;
      case Note::attach: lists.linked.insert(member); break;
      case Note::requeue: EXPECT_TRUE(lists.linked.contains(member)); break;
      case Note::insert: lists.mapped.insert(member); break;
      case Note::remove: forget(lists.mapped); break;
      default: break;
    }
  }
  return lists;
}

Lists held_by(World& w) {
  Lists lists;
  for (const AnonVma& a : w.anon_vmas) {
    for (AvcId id = a.head; id.valid(); id = w.avc(id).next)
      lists.linked.insert({w.avc(id).vma.value, w.id(a).value});
  }
  for (const Mm& mm : w.mms) {
    for (VmaId id : mm.vmas) lists.mapped.insert({id.value, w.id(mm).value});
  }
  return lists;
}

// Random programs under every release, failing allocations included, however they end.
TEST(ListNotes, whoever_follows_them_knows_every_list) {
  const std::vector<Program> programs = sample_programs(200);
  sched::Trace trace;
  std::set<sched::EventKind> seen;
  for (std::string_view release : releases()) {
    Executor& e = executor(release);
    for (const Program& p : programs) {
      e.run(p, {.trace = &trace});
      for (const sched::Event& event : trace.events()) seen.insert(event.kind);
      ASSERT_TRUE(told_by(trace) == held_by(e.world())) << release;
    }
  }
  for (Note note : {Note::link, Note::unlink, Note::requeue, Note::insert, Note::remove,
                    Note::detach, Note::attach})
    EXPECT_TRUE(seen.contains(static_cast<sched::EventKind>(note)));
}

// The function that made the change is the one to blame, so it is the one that is named.
TEST(ListNotes, they_name_the_function_that_made_the_change) {
  Executor& e = executor("v3.0");
  sched::Trace trace;
  e.run(program("setup mmap @0 +2; write @0 +1; fork to mm1"), {.trace = &trace});
  const auto site_of = [&](Note note) {
    std::string sites;
    for (const sched::Event& event : trace.events()) {
      if (event.kind == static_cast<sched::EventKind>(note))
        sites += (sites.empty() ? "" : " ") + std::string(kSites[event.site]);
    }
    return sites;
  };
  EXPECT_EQ(site_of(Note::insert), "vma_link/insert dup_mmap/insert");
  EXPECT_EQ(site_of(Note::link), "anon_vma_prepare/link anon_vma_clone/link anon_vma_fork/link");
}

}  // namespace
}  // namespace rmap
