// munmap: whole vmas, parts of them, several at once, and the page tables that go with them.
// SPDX-License-Identifier: Apache-2.0
#include "tests/core/vm_fixture.h"

namespace rmap {
namespace {

using namespace fixture;

TEST(Munmap, of_a_whole_vma_leaves_nothing_behind) {
  const World& w =
      expect_steps({{"mmap @0 +2"}, {"write @0 +2"}, {"munmap @0 +2", kOk, "nothing"}});
  EXPECT_EQ(draw_tables(w), "");
  for (const Page& page : w.pages) EXPECT_FALSE(page.allocated);
  for (const AnonVma& a : w.anon_vmas) EXPECT_FALSE(a.allocated);
  for (const AnonVmaChain& avc : w.avcs) EXPECT_FALSE(avc.allocated);
}

TEST(Munmap, of_the_start_moves_start_and_pgoff) {
  expect_steps({{"mmap @0 +3"},
                {"write @0 +3"},
                {"munmap @0 +1", kOk, "[1,3)rw pgoff 1 av0 | 1:p1w 2:p2w"}});
}

TEST(Munmap, of_the_end_leaves_the_pgoff) {
  expect_steps({{"mmap @0 +3"},
                {"write @0 +3"},
                {"munmap @2 +1", kOk, "[0,2)rw pgoff 0 av0 | 0:p0w 1:p1w"}});
}

TEST(Munmap, of_the_middle_splits) {
  expect_steps({{"mmap @0 +4"},
                {"write @0 +4"},
                {"munmap @1 +2", kOk, "[0,1)rw pgoff 0 av0 [3,4)rw pgoff 3 av0 | 0:p0w 3:p3w"}});
}

// A vma that was moved has a pgoff of its own; both parts continue it.
TEST(Munmap, of_the_middle_of_a_moved_vma_continues_its_pgoff) {
  expect_steps(
      {{"mmap @0 +4"},
       {"write @0 +4"},
       {"mremap @0 +4 @20", kOk, "[20,24)rw pgoff 0 av0 | 20:p0w 21:p1w 22:p2w 23:p3w"},
       {"munmap @21 +2", kOk, "[20,21)rw pgoff 0 av0 [23,24)rw pgoff 3 av0 | 20:p0w 23:p3w"}});
}

TEST(Munmap, over_several_vmas_cuts_the_outer_ones) {
  expect_steps({{"mmap @0 +2"},
                {"mmap @2 +1 ro"},
                {"mmap @3 +2"},
                {"munmap @1 +3", kOk, "[0,1)rw pgoff 0 - [4,5)rw pgoff 4 - | 0:- 4:-"}});
}

TEST(Munmap, over_holes_is_no_error) {
  expect_steps({{"munmap @0 +64", kOk, "nothing"},
                {"mmap @4 +1"},
                {"munmap @0 +4", kOk, "[4,5)rw pgoff 4 - | 4:-"},
                {"munmap @5 +4", kOk, "[4,5)rw pgoff 4 - | 4:-"},
                {"munmap @0 +64", kOk, "nothing"}});
}

TEST(Munmap, beyond_the_window_is_einval) {
  expect_steps({{"mmap @62 +2"}, {"munmap @62 +3", kEinval, "[62,64)rw pgoff 62 - | 62:- 63:-"}});
}

TEST(Munmap, forgets_the_zero_page) {
  expect_steps({{"mmap @0 +2"}, {"read @0 +2"}, {"munmap @0 +1", kOk, "[1,2)rw pgoff 1 - | 1:z"}});
}

// free_pgtables(): a table goes when no vma is left that it could serve, not when it is empty.
TEST(Munmap, frees_a_page_table_with_the_last_vma_in_it) {
  EXPECT_EQ(draw_tables(after("mmap @2 +4; write @2 +4")), "0 1");
  EXPECT_EQ(draw_tables(after("mmap @2 +4; write @2 +4; munmap @2 +2")), "1");
  EXPECT_EQ(draw_tables(after("mmap @2 +4; write @2 +4; munmap @3 +3")), "0");
  EXPECT_EQ(draw_tables(after("mmap @2 +4; write @2 +4; munmap @2 +3")), "1");
  EXPECT_EQ(draw_tables(after("mmap @0 +1; mmap @2 +1; write @0 +1; write @2 +1; munmap @2 +1")),
            "0");
  EXPECT_EQ(draw_tables(after("mmap @0 +1; mmap @2 +1; write @0 +1; write @2 +1; munmap @0 +4")),
            "");
}

TEST(Munmap, fresh_memory_reads_as_zero_again) {
  // The oracle would report wrong_data if the old page came back.
  expect_steps({{"mmap @0 +1"},
                {"write @0 +1"},
                {"munmap @0 +1"},
                {"mmap @0 +1"},
                {"read @0 +1", kOk, "[0,1)rw pgoff 0 - | 0:z"}});
}

std::string one_vma_of_three_pages_more() { return scattered(kMaxMapCount - 1) + "; mmap @40 +3"; }

// do_munmap(): only a split that adds a vma for good is refused.
TEST(Munmap, at_the_limit_the_middle_of_a_vma_cannot_be_cut_out) {
  const std::string full = one_vma_of_three_pages_more();
  const World& w = expect_steps({{full + "; munmap @41 +1", kEnomem}});
  EXPECT_EQ(w.mms[0].vmas.size(), kMaxMapCount);
  EXPECT_NE(draw_vmas(w).find("[40,43)rw"), std::string::npos);
}

TEST(Munmap, at_the_limit_an_end_of_a_vma_can_be_cut_off) {
  EXPECT_NE(draw_vmas(after(one_vma_of_three_pages_more() + "; munmap @40 +1")).find("[41,43)rw"),
            std::string::npos);
  EXPECT_NE(draw_vmas(after(one_vma_of_three_pages_more() + "; munmap @42 +1")).find("[40,42)rw"),
            std::string::npos);
}

}  // namespace
}  // namespace rmap
