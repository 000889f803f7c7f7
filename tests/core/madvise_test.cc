// madvise(MADV_DONTNEED): pages go, vmas stay.
// SPDX-License-Identifier: Apache-2.0
#include "tests/core/vm_fixture.h"

namespace rmap {
namespace {

using namespace fixture;

TEST(Madvise, throws_pages_away_and_keeps_the_vma) {
  const World& w =
      expect_steps({{"mmap @0 +4; write @0 +3; read @3 +1"},
                    {"madvise @1 +3", kOk, "[0,4)rw pgoff 0 av0 | 0:p0w 1:- 2:- 3:-"},
                    {"read @1 +1; write @2 +1", kOk, "[0,4)rw pgoff 0 av0 | 0:p0w 1:z 2:p1w 3:-"}});
  EXPECT_EQ(draw_contents(w), "0:1 2:4");
}

// The page tables stay, too.
TEST(Madvise, of_everything_leaves_tables_and_anon_vma) {
  const World& w = expect_steps({{"mmap @0 +5; write @0 +5; madvise @0 +5"}});
  EXPECT_EQ(draw_used(w), "0 pages, 2 tables, 1 vmas, 1 links, 1 anon_vmas");
}

TEST(Madvise, of_untouched_memory_does_nothing) {
  expect_steps({{"mmap @0 +2; madvise @0 +2", kOk, "[0,2)rw pgoff 0 - | 0:- 1:-"}});
}

TEST(Madvise, throws_away_what_is_read_only_too) {
  expect_steps({{"mmap @0 +2; write @0 +2; mprotect @0 +2 ro"},
                {"madvise @0 +1", kOk, "[0,2)ro pgoff 0 av0 | 0:- 1:p1"}});
}

// "ENOMEM - addresses in the specified range are not currently mapped": said at the end, when all
// that is mapped is done.
TEST(Madvise, passes_over_holes_and_reports_them) {
  expect_steps({{"mmap @0 +1; mmap @2 +1; write @0 +1; write @2 +1"},
                {"madvise @0 +3", kEnomem, "[0,1)rw pgoff 0 av0 [2,3)rw pgoff 2 av1 | 0:- 2:-"}});
}

TEST(Madvise, of_nothing_is_enomem) {
  expect_steps({{"madvise @0 +1", kEnomem, "nothing"},
                {"mmap @62 +2; write @62 +2"},
                {"madvise @62 +3", kEnomem, "[62,64)rw pgoff 62 av0 | 62:- 63:-"}});
}

// A stack is not grown by advice.
TEST(Madvise, below_a_stack_is_a_hole) {
  expect_steps({{"mmap @8 +1 growsdown; madvise @7 +1", kEnomem, "[8,9)rwd pgoff 8 - | 8:-"}});
}

TEST(Madvise, of_a_child_leaves_the_parents_page) {
  const World& w = expect_steps(
      {{"mmap @0 +1; write @0 +1; fork to mm1; madvise mm1 @0 +1", kOk,
        "[0,1)rw pgoff 0 av0 | 0:p0 || mm1 [0,1)rw pgoff 0 av1<av0 | 0:-"},
       {"read mm1 @0 +1", kOk, "[0,1)rw pgoff 0 av0 | 0:p0 || mm1 [0,1)rw pgoff 0 av1<av0 | 0:z"},
       {"read @0 +1; write @0 +1", kOk,
        "[0,1)rw pgoff 0 av0 | 0:p0w || mm1 [0,1)rw pgoff 0 av1<av0 | 0:z"}},
      since("v2.6.34"));
  EXPECT_EQ(draw_contents(w), "0:2");
}

}  // namespace
}  // namespace rmap
