// migrate: another frame, everything else as before.
// SPDX-License-Identifier: Apache-2.0
#include "tests/core/vm_fixture.h"

namespace rmap {
namespace {

using namespace fixture;

TEST(Migrate, moves_a_page_to_another_frame) {
  const World& w = expect_steps({{"mmap @0 +2"},
                                 {"write @0 +2", kOk, "[0,2)rw pgoff 0 av0 | 0:p0w 1:p1w"},
                                 {"migrate @1", kOk, "[0,2)rw pgoff 0 av0 | 0:p0w 1:p2w"}});
  EXPECT_EQ(draw_contents(w), "0:1 1:2");
}

TEST(Migrate, leaves_the_counts_right_and_the_old_frame_free) {
  const World& w = after("mmap @4 +1; write @4 +1; migrate @4");
  const Page& page = w.pages[1];
  EXPECT_EQ(page.index, 4u);
  EXPECT_EQ(page.mapping.peek(), 1);
  EXPECT_EQ(page.mapcount.peek(), 1);
  EXPECT_EQ(page.refcount.peek(), 1);
  EXPECT_TRUE(page.lru);
  EXPECT_FALSE(w.pages[0].allocated);
  EXPECT_EQ(w.anon_vmas[0].refcount.peek(), 1);
}

TEST(Migrate, again_and_again_goes_back_and_forth) {
  expect_steps({{"mmap @0 +1"},
                {"write @0 +1"},
                {"migrate @0", kOk, "[0,1)rw pgoff 0 av0 | 0:p1w"},
                {"migrate @0", kOk, "[0,1)rw pgoff 0 av0 | 0:p0w"},
                {"read @0 +1", kOk},
                {"write @0 +1", kOk, "[0,1)rw pgoff 0 av0 | 0:p0w"}});
}

// The page's index is the one it was born with: the vma's pgoff leads to where it is now.
TEST(Migrate, finds_a_page_that_moved) {
  expect_steps({{"mmap @0 +2"},
                {"write @0 +2"},
                {"mremap @1 +1 @8"},
                {"migrate @8", kOk, "[0,1)rw pgoff 0 av0 [8,9)rw pgoff 1 av0 | 0:p0w 8:p2w"},
                {"read @8 +1", kOk}});
}

TEST(Migrate, of_nothing_is_enoent) {
  expect_steps({{"migrate @0", kEnoent, "nothing"},
                {"mmap @0 +1"},
                {"migrate @0", kEnoent, "[0,1)rw pgoff 0 - | 0:-"}});
}

// It belongs to nobody, so it has no reverse map; move_pages() says -ENOENT for it (PageReserved).
TEST(Migrate, the_zero_page_stays) {
  expect_steps(
      {{"mmap @0 +1"}, {"read @0 +1"}, {"migrate @0", kEnoent, "[0,1)rw pgoff 0 - | 0:z"}});
}

TEST(Migrate, without_a_free_frame_is_enomem) {
  const World& w = expect_steps(
      {{"mmap @0 +40"}, {fmt::format("write @0 +{}", kFramesMax)}, {"migrate @3", kEnomem}});
  EXPECT_EQ(pte_at(w, 0, 3).frame.value, 3);
  EXPECT_EQ(w.pages[3].refcount.peek(), 1);
  EXPECT_TRUE(w.pages[3].lru);
}

TEST(Migrate, goes_by_mm) {
  const World& w =
      after("mmap @0 +1; write @0 +1; mmap mm1 @0 +1; write mm1 @0 +1; migrate mm1 @0");
  EXPECT_EQ(draw(w, 0), "[0,1)rw pgoff 0 av0 | 0:p0w");
  EXPECT_EQ(draw(w, 1), "[0,1)rw pgoff 0 av1 | 0:p2w");
}

// The kernels of before 3.7 keep a list of all vmas; the page is in one of them only.
TEST(Migrate, looks_at_every_vma_that_shares_the_anon_vma) {
  expect_steps({{"mmap @0 +3"},
                {"write @0 +3"},
                {"munmap @1 +1"},
                {"migrate @2", kOk, "[0,1)rw pgoff 0 av0 [2,3)rw pgoff 2 av0 | 0:p0w 2:p1w"}});
}

// A fault that meets the entry waits for the page lock, and then finds the new page.
TEST(Migrate, a_write_meanwhile_waits_and_is_not_lost) {
  Executor& e = executor("v3.7");
  const Program p =
      program("setup mmap @0 +1; write @0 +1\ncpu1 migrate @0\ncpu2 write @0 +1; read @0 +1");
  sched::ExhaustiveDecisions all(2);
  uint32_t waited = 0;
  sched::Coverage coverage;
  do {
    const Result& r = e.run(p, all, {.coverage = &coverage});
    ASSERT_EQ(r.outcome.ending, sched::Ending::finished);
    ASSERT_EQ(draw_contents(e.world()), "0:2");
    waited++;
  } while (all.next());
  EXPECT_GT(coverage.hits["migration_entry_wait/wait"_site.index], 0u);
  EXPECT_GT(waited, 100u);
}

}  // namespace
}  // namespace rmap
