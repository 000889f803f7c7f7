// Copy on write: after a fork nobody sees what another one writes, and the last user of a page
// keeps it. do_wp_page() in mm/memory.c.
// SPDX-License-Identifier: Apache-2.0
#include "core/program/generate.h"
#include "tests/core/vm_fixture.h"

namespace rmap {
namespace {

using namespace fixture;

// What each mm reads in page 0: "1 3 -".
std::string contents_of_page_0(const World& w) {
  std::string text;
  for (unsigned mm = 0; mm < kMmsMax; mm++) {
    const Pte pte = pte_at(w, mm, 0);
    text += pte.kind == PteKind::present
                ? fmt::format("{} ", w.pages[pte.frame.value].contents.peek())
                : "- ";
  }
  return text;
}

TEST(Cow, the_first_to_write_gets_a_copy_and_the_other_keeps_the_page) {
  const World& w =
      expect_steps({{"mmap @0 +1; write @0 +1; fork to mm1; write @0 +1", kOk,
                     "[0,1)rw pgoff 0 av0 | 0:p1w || mm1 [0,1)rw pgoff 0 av1<av0 | 0:p0"},
                    {"write mm1 @0 +1", kOk,
                     "[0,1)rw pgoff 0 av0 | 0:p1w || mm1 [0,1)rw pgoff 0 av1<av0 | 0:p0w"}},
                   since("v2.6.34"));
  EXPECT_EQ(contents_of_page_0(w), "2 3 - - ");
}

TEST(Cow, a_child_does_not_see_what_its_parent_writes) {
  const World& w = expect_steps(
      {{"mmap @0 +1; write @0 +1; fork to mm1; write @0 +1; read mm1 @0 +1; read @0 +1"}});
  EXPECT_EQ(contents_of_page_0(w), "2 1 - - ");
}

TEST(Cow, a_parent_does_not_see_what_its_child_writes) {
  const World& w = expect_steps(
      {{"mmap @0 +1; write @0 +1; fork to mm1; write mm1 @0 +1; read @0 +1; read mm1 @0 +1"}});
  EXPECT_EQ(contents_of_page_0(w), "1 2 - - ");
}

TEST(Cow, grandchildren_see_what_was_there_when_they_were_born) {
  const World& w =
      expect_steps({{"mmap @0 +1; write @0 +1; fork to mm1; write mm1 @0 +1; fork mm1 to mm2; "
                     "write mm1 @0 +1; fork mm2 to mm3; write mm3 @0 +1; write @0 +1; "
                     "read @0 +1; read mm1 @0 +1; read mm2 @0 +1; read mm3 @0 +1"}});
  EXPECT_EQ(contents_of_page_0(w), "5 3 2 4 ");
}

TEST(Cow, a_fork_after_a_fork_shares_what_was_written_between) {
  const World& w =
      expect_steps({{"mmap @0 +1; write @0 +1; fork to mm1; write @0 +1; fork to mm2; "
                     "write @0 +1; read mm1 @0 +1; read mm2 @0 +1"}});
  EXPECT_EQ(contents_of_page_0(w), "3 1 2 - ");
}

TEST(Cow, a_page_stays_readable_by_all_until_somebody_writes) {
  expect_steps({{"mmap @0 +1; write @0 +1; fork to mm1; fork to mm2; read @0 +1; read mm1 @0 +1; "
                 "read mm2 @0 +1",
                 kOk,
                 "[0,1)rw pgoff 0 av0 | 0:p0x3 || mm1 [0,1)rw pgoff 0 av1<av0 | 0:p0x3 || mm2 "
                 "[0,1)rw pgoff 0 av2<av0 | 0:p0x3"}},
               since("v2.6.34"));
}

TEST(Cow, the_zero_page_is_nobodys_to_reuse) {
  expect_steps({{"mmap @0 +2; read @0 +1; write @1 +1; fork to mm1; write mm1 @0 +1", kOk,
                 "[0,2)rw pgoff 0 av0 | 0:z 1:p0x2 || mm1 [0,2)rw pgoff 0 av1<av0 | 0:p1w 1:p0x2"},
                {"read @0 +1", kOk}},
               since("v2.6.34"));
}

// --- Reuse ---------------------------------------------------------------------------------------

TEST(Cow, the_last_user_writes_in_place) {
  const char* exits = "mmap @0 +1; write @0 +1; fork to mm1; exit mm1; write @0 +1";
  const char* unmaps = "mmap @0 +1; write @0 +1; fork to mm1; munmap mm1 @0 +1; write @0 +1";
  const char* advises = "mmap @0 +1; write @0 +1; fork to mm1; madvise @0 +1; write mm1 @0 +1";
  const char* protects = "mmap @0 +1; write @0 +1; mprotect @0 +1 ro; mprotect @0 +1; write @0 +1";
  for (const char* ops : {exits, unmaps, advises, protects}) {
    for (std::string_view kernel : releases()) {
      expect_steps({{ops}}, kernel);
      // mprotect() makes the entry of a page that was never shared writable itself.
      const bool faults = ops != protects || is_until("v5.7", kernel);
      EXPECT_EQ(hits(ops, "do_wp_page/reuse", kernel), faults ? 1u : 0u) << kernel << ": " << ops;
      EXPECT_EQ(hits(ops, "do_wp_page/cow", kernel), 0u) << kernel << ": " << ops;
    }
  }
}

// c44b674323f4: a page that a child reuses moves to the child's own anon_vma, so that walks need
// not visit the parent's vmas any more.
TEST(Cow, a_page_that_is_reused_moves_to_the_writers_anon_vma) {
  const char* ops = "mmap @0 +1; write @0 +1; fork to mm1; exit; write mm1 @0 +1";
  for (std::string_view kernel : since("v2.6.34")) {
    const World& w =
        expect_steps({{ops, kOk, "nothing || mm1 [0,1)rw pgoff 0 av1<av0 | 0:p0w"}}, kernel);
    EXPECT_EQ(AnonVmaRef::of(w.pages[0].mapping.peek()).id.value, 1) << kernel;
    const World& migrated = expect_steps({{ops}, {"migrate mm1 @0", kOk}}, kernel);
    // Until 288468c334e9 (2.6.36) migration makes it the oldest anon_vma's again.
    const int owner = is_until("v2.6.35", kernel) ? 0 : 1;
    EXPECT_EQ(AnonVmaRef::of(migrated.pages[1].mapping.peek()).id.value, owner) << kernel;
  }
  for (std::string_view kernel : {"v2.6.33", "v2.6.34-c44b674323f4"}) {
    const World& w = expect_steps({{ops}}, kernel);
    EXPECT_EQ(AnonVmaRef::of(w.pages[0].mapping.peek()).id.value, 0) << kernel;
  }
}

// A copy belongs to the writer from the beginning, with the index of its place.
TEST(Cow, a_copy_is_the_writers_own) {
  const World& w =
      expect_steps({{"mmap @4 +2; write @5 +1; fork to mm1; write mm1 @5 +1"}}, since("v2.6.34"));
  EXPECT_EQ(AnonVmaRef::of(w.pages[0].mapping.peek()).id.value, 0);
  EXPECT_EQ(AnonVmaRef::of(w.pages[1].mapping.peek()).id.value, 1);
  EXPECT_EQ(w.pages[1].index, 5u);
  EXPECT_EQ(w.pages[0].mapcount.peek(), 1);
  EXPECT_EQ(w.pages[1].refcount.peek(), 1);
}

// 09854ba94c6a (5.9): a reference is enough to make it a copy, as a migration has one that isolated
// the page and lost it again. Until 6c287605fd56 (5.19), which knows that it was never shared.
TEST(Cow, a_page_that_somebody_looks_at_is_copied_from_5_9_to_5_18) {
  const Program p = program(
      "setup mmap @0 +1; write @0 +1; mprotect @0 +1 ro; mprotect @0 +1\ncpu1 write @0 +1\ncpu2 "
      "migrate @0");
  const auto copies = [&](std::string_view kernel) {
    sched::ExhaustiveDecisions all(2);
    sched::Coverage coverage;
    do {
      const Result& r = executor(kernel).run(p, all, {.coverage = &coverage});
      EXPECT_EQ(r.outcome.ending, sched::Ending::finished);
      EXPECT_EQ(draw_contents(executor(kernel).world()), "0:2");
    } while (all.next());
    return coverage.hits["do_wp_page/cow"_site.index];
  };
  EXPECT_EQ(copies("v5.7"), 0u);
  EXPECT_GT(copies("v6.0-64fe24a3e05e-6c287605fd56"), 0u);
  EXPECT_EQ(copies("v6.0-64fe24a3e05e"), 0u);
  EXPECT_EQ(copies("v6.0"), 0u);
}

// --- Isolation -----------------------------------------------------------------------------------

// A family that only forks, exits, reads, writes, throws away, migrates and protects. The oracle
// compares each read with what that process, and nobody else, wrote last. 200 sequences.
TEST(Cow, nobody_ever_reads_what_another_one_wrote) {
  for (std::string_view kernel : releases()) {
    Executor& e = sequential_executor(kernel);
    sched::SplitMix random(21);
    uint64_t reused = 0;
    uint64_t copied = 0;
    for (int i = 0; i < 200; i++) {
      Program p = program("setup mmap @0 +6; write @0 +6");
      while (!p.ops.full()) {
        Op op = generate_op(random, p, 0);
        if (op.kind == OpKind::mmap || op.kind == OpKind::munmap || op.kind == OpKind::mremap ||
            op.kind == OpKind::brk)
          continue;
        op.mm = static_cast<uint8_t>(random.below(kMmsMax));
        p.ops.push_back(op);
      }
      canonicalize(p);
      sched::Coverage coverage;
      const Result& r = e.run(p, {.coverage = &coverage});
      const bool known = r.outcome.violation.rule == static_cast<uint8_t>(Rule::chain_mismatch) &&
                         kernel_named(kernel).kernel.reuse == Reuse::degree;
      ASSERT_TRUE(r.outcome.ending == sched::Ending::finished || known)
          << kernel << ": " << print_litmus({"x", p, {}, {}, {}});
      reused += coverage.hits["do_wp_page/reuse"_site.index];
      copied += coverage.hits["do_wp_page/cow"_site.index];
    }
    EXPECT_GE(reused, 25u) << kernel;
    EXPECT_GE(copied, 25u) << kernel;
  }
}

// --- Failing -------------------------------------------------------------------------------------

// The page that was to be copied stays shared, and the write may be tried again.
TEST(Cow, a_copy_that_cannot_be_had_is_enomem) {
  for (std::string_view kernel : releases()) {
    const Failed f =
        fail_each_allocation("mmap @0 +1; write @0 +1; fork to mm1", "write @0 +1", kernel);
    EXPECT_EQ(f.with_enomem, 1u) << kernel;
  }
}

}  // namespace
}  // namespace rmap
