// Signatures of what is noticed late: they name the moment that broke it, whatever happened to it
// afterwards.
// SPDX-License-Identifier: Apache-2.0
#include "core/run/since.h"

#include <set>

#include "core/run/finding.h"
#include "scheduler/plan.h"
#include "tests/core/vm_fixture.h"

namespace rmap {
namespace {

using namespace fixture;

// The signatures of `rule` over all schedules with at most `preemptions`.
std::set<std::string> signatures(std::string_view kernel, std::string_view lines, Rule rule,
                                 uint32_t preemptions) {
  Executor& e = executor(kernel);
  const Program p = program(lines);
  sched::ExhaustiveDecisions all(preemptions);
  sched::RecordedDecisions record;
  std::set<std::string> found;
  do {
    const Result& r = e.run(p, all, {.record = &record});
    if (!r.finding() || r.outcome.violation.rule != static_cast<uint8_t>(rule)) continue;
    sched::ByteDecisions again({record.begin(), record.end()}, 0);
    found.insert(describe_finding(e, p, again).signature);
  } while (all.next());
  return found;
}

// A stack grows while another thread faults in it. Whoever touches the page later is innocent:
// mprotect sets the entry anew, mremap moves it, a child inherits it.
TEST(Since, what_happens_to_a_page_later_is_not_its_bug) {
  const std::string race = "setup mmap @1 +1 growsdown\ncpu1 read @0 +1\ncpu2 write @0 +1";
  const std::set<std::string> of_race = signatures("v6.0", race, Rule::unreachable, 1);
  EXPECT_EQ(of_race, (std::set<std::string>{"unreachable--wrong_index--any--do_anonymous_page"}));
  for (const char* later :
       {"; mprotect @0 +2 ro", "; mremap @0 +1 @8", "; fork to mm1", "; fork to mm1; exit"})
    EXPECT_EQ(signatures("v6.0", race + later, Rule::unreachable, 1), of_race) << later;
}

// A walk that reads half of a range, one that comes too early, and a page whose index is computed
// from half of a range: vma_adjust() without the lock has a name for each rule, whatever called it.
TEST(Since, a_range_that_changes_without_the_lock_is_named_by_its_function) {
  for (const char* op : {"mprotect @1 +1 ro", "munmap @0 +1", "mremap @0 +1 @8"}) {
    const std::string race =
        std::string("setup mmap @0 +2; write @0 +2\ncpu1 ") + op + "\ncpu2 migrate @1";
    EXPECT_EQ(
        signatures("v2.6.35", race, Rule::missed_pte, 2),
        (std::set<std::string>{"missed_pte--not_covered--migrate--rmap_walk/walk+vma_adjust"}))
        << op;
    EXPECT_EQ(signatures("v2.6.35", race, Rule::unreachable, 2),
              (std::set<std::string>{"unreachable--wrong_index--any--page_add_anon_rmap"}))
        << op;
  }
}

// Who moved an entry to where no vma leads is an operation, and the branch that it took.
TEST(Since, who_moved_an_entry_is_an_operation) {
  EXPECT_EQ(
      signatures("v6.16",
                 "setup mmap @0 +1; write @0 +1; mremap @0 +1 @2; mmap @1 +1\ncpu1 mremap @2 +1 @0",
                 Rule::unreachable, 0),
      (std::set<std::string>{"unreachable--not_linked--mremap--move_vma/move"}));
}

// MREMAP_DONTUNMAP leaves a vma with the pgoff of another address. What splits or copies it is not
// to blame; nor is a vma of another mm, whose range is half written just then.
TEST(Since, a_broken_vma_has_broken_copies) {
  const std::string bug =
      "setup mmap @0 +2; write @0 +1; mremap @0 +2 @2; mmap mm1 @0 +2\n"
      "cpu1 mremap @2 +2 @0 dontunmap";
  for (const char* later : {"", "; mprotect @3 +1 ro", "; munmap @3 +1", "; fork to mm2",
                            "\ncpu2 mprotect mm1 @1 +1 ro"})
    EXPECT_EQ(signatures("v6.16", bug + later, Rule::unfaulted_pgoff, 1),
              (std::set<std::string>{"unfaulted_pgoff--any--any--unlink_anon_vmas"}))
        << later;
}

// exit, munmap and a mapping over the old one all do munmap's work.
TEST(Since, whoever_unmaps_does_munmaps_work) {
  std::set<std::string> found;
  for (const char* op : {"munmap @0 +1", "exit", "mmap @0 +1"}) {
    const std::string lines =
        std::string("setup mmap @0 +1; write @0 +1; fork to mm1\ncpu1 exit mm1\ncpu2 ") + op;
    found.merge(signatures("v3.1", lines, Rule::use_after_free, 2));
  }
  EXPECT_EQ(found,
            (std::set<std::string>{"use_after_free--anon_vma--any--anon_vma_free/is_locked"}));
}

TEST(Since, the_moment_is_the_last_one_after_which_it_stayed_broken) {
  Executor& e = executor("v6.16");
  const Program p =
      program("setup mmap @0 +1; write @0 +1; mremap @0 +1 @2; mmap @1 +1; mremap @2 +1 @0");
  ASSERT_EQ(e.run(p).outcome.violation.rule, static_cast<uint8_t>(Rule::unreachable));
  sched::ByteDecisions again({}, 0);
  const std::optional<Moment> since = since_when(e, p, again);
  ASSERT_TRUE(since.has_value());
  EXPECT_EQ(kSites[since->site.index], "move_ptes/set");
  EXPECT_EQ(since->op, static_cast<uint8_t>(OpKind::mremap) + 1);
  EXPECT_LE(since->step, e.result().outcome.steps);
  EXPECT_EQ(e.result().outcome.violation.rule, static_cast<uint8_t>(Rule::unreachable));
}

// Two vmas of a child reuse one anon_vma, and differ in the next one: they do since the second came
// into the mm. That its page tables are copied afterwards changes nothing.
TEST(Since, a_list_operation_is_named_and_not_the_event_before_or_after_it) {
  Executor& e = executor("v4.0");
  const Program p = program(
      "setup mmap @0 +2; write @0 +2; fork to mm1; fork mm1 to mm2; exit mm1; fork mm2 to mm1\n"
      "setup mprotect mm1 @1 +1 ro; mprotect mm2 @1 +1 ro; fork mm1 to mm3\n"
      "setup mprotect mm3 @1 +1; write mm3 @1 +1; exit mm2\ncpu1 fork mm3 to mm2");
  ASSERT_EQ(e.run(p).outcome.violation.rule, static_cast<uint8_t>(Rule::chain_mismatch));
  sched::ByteDecisions again({}, 0);
  const std::optional<Moment> since = since_when(e, p, again);
  ASSERT_TRUE(since.has_value());
  EXPECT_EQ(kSites[since->site.index], "dup_mmap/insert");
  EXPECT_EQ(since->op, static_cast<uint8_t>(OpKind::fork) + 1);
}

TEST(Since, what_is_noticed_at_once_has_no_such_moment) {
  Executor& e = executor("v2.6.33");
  const Program p = program("setup mmap @0 +1; write @0 +1\ncpu1 mmap @0 +1\ncpu2 migrate @0");
  Program found = p;
  ASSERT_TRUE(use_decisions(found, std::vector<uint8_t>{1, 0, 1}));
  ASSERT_TRUE(e.run(found).finding());
  sched::ByteDecisions again({found.decisions.data(), found.decisions.size()}, 0);
  EXPECT_FALSE(since_when(e, found, again).has_value());
}

}  // namespace
}  // namespace rmap
