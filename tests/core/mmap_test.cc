// mmap: where it puts a vma, what it replaces, and with which neighbours it merges.
// SPDX-License-Identifier: Apache-2.0
#include "tests/core/vm_fixture.h"

namespace rmap {
namespace {

using namespace fixture;

TEST(Mmap, maps_a_range_whose_pgoff_is_its_address) {
  expect_steps({{"mmap @3 +2", kOk, "[3,5)rw pgoff 3 - | 3:- 4:-"},
                {"mmap @8 +1 ro", kOk, "[3,5)rw pgoff 3 - [8,9)ro pgoff 8 - | 3:- 4:- 8:-"}});
}

// get_unmapped_area(): "if (addr > TASK_SIZE - len) return -ENOMEM".
TEST(Mmap, beyond_the_window_is_enomem) {
  expect_steps({{"mmap @62 +2", kOk, "[62,64)rw pgoff 62 - | 62:- 63:-"},
                {"mmap @63 +2", kEnomem, "[62,64)rw pgoff 62 - | 62:- 63:-"}});
}

TEST(Mmap, replaces_what_was_there) {
  expect_steps(
      {{"mmap @0 +4"},
       {"write @0 +4", kOk, "[0,4)rw pgoff 0 av0 | 0:p0w 1:p1w 2:p2w 3:p3w"},
       {"mmap @1 +2 ro", kOk,
        "[0,1)rw pgoff 0 av0 [1,3)ro pgoff 1 - [3,4)rw pgoff 3 av0 | 0:p0w 1:- 2:- 3:p3w"}});
}

// The new range is unfaulted; both parts of the old vma have the one anon_vma and singular chains.
TEST(Mmap, into_the_middle_of_a_faulted_vma_heals_it) {
  expect_steps({{"mmap @0 +4"},
                {"write @0 +4"},
                {"mmap @1 +2", kOk, "[0,4)rw pgoff 0 av0 | 0:p0w 1:- 2:- 3:p3w"}});
}

TEST(Mmap, merges_with_the_vma_before) {
  expect_steps({{"mmap @0 +2"}, {"mmap @2 +2", kOk, "[0,4)rw pgoff 0 - | 0:- 1:- 2:- 3:-"}});
}

TEST(Mmap, merges_with_the_vma_after) {
  expect_steps({{"mmap @4 +2"}, {"mmap @2 +2", kOk, "[2,6)rw pgoff 2 - | 2:- 3:- 4:- 5:-"}});
}

TEST(Mmap, fills_a_hole_between_two) {
  expect_steps(
      {{"mmap @0 +1"}, {"mmap @2 +1"}, {"mmap @1 +1", kOk, "[0,3)rw pgoff 0 - | 0:- 1:- 2:-"}});
  EXPECT_EQ(hits("mmap @0 +1; mmap @2 +1; mmap @1 +1", "vma_merge/both"), 1u);
}

TEST(Mmap, does_not_merge_across_a_gap) {
  expect_steps(
      {{"mmap @0 +1"}, {"mmap @2 +1", kOk, "[0,1)rw pgoff 0 - [2,3)rw pgoff 2 - | 0:- 2:-"}});
}

TEST(Mmap, does_not_merge_with_another_protection) {
  expect_steps({{"mmap @0 +1 ro"},
                {"mmap @2 +1"},
                {"mmap @1 +1", kOk, "[0,1)ro pgoff 0 - [1,3)rw pgoff 1 - | 0:- 1:- 2:-"}});
}

// An unfaulted range and a faulted neighbour whose chain is singular: allowed, the neighbour stays.
TEST(Mmap, unfaulted_merges_into_a_faulted_neighbour) {
  expect_steps(
      {{"mmap @0 +1"}, {"write @0 +1"}, {"mmap @1 +1", kOk, "[0,2)rw pgoff 0 av0 | 0:p0w 1:-"}});
  expect_steps(
      {{"mmap @1 +1"}, {"write @1 +1"}, {"mmap @0 +1", kOk, "[0,2)rw pgoff 0 av0 | 0:- 1:p0w"}});
}

// The one that stays is unfaulted; it takes over the chain of the one that goes (vma_adjust's
// import).
TEST(Mmap, a_hole_before_a_faulted_vma_lets_an_unfaulted_one_import) {
  const std::vector<Step> steps = {
      {"mmap @0 +1"},
      {"mmap @2 +1"},
      {"write @2 +1", kOk, "[0,1)rw pgoff 0 - [2,3)rw pgoff 2 av0 | 0:- 2:p0w"},
      {"mmap @1 +1", kOk, "[0,3)rw pgoff 0 av0 | 0:- 1:- 2:p0w"}};
  expect_steps(steps);
  EXPECT_EQ(hits("mmap @0 +1; mmap @2 +1; write @2 +1; mmap @1 +1", "vma_adjust/imported"), 1u);
}

// Each may merge with the new range, but not with each other: the vma before wins.
TEST(Mmap, between_two_anon_vmas_merges_with_the_one_before) {
  expect_steps({{"mmap @0 +1"},
                {"mmap @2 +1"},
                {"write @0 +1"},
                {"write @2 +1"},
                {"mmap @1 +1", kOk, "[0,2)rw pgoff 0 av0 [2,3)rw pgoff 2 av1 | 0:p0w 1:- 2:p1w"}});
}

// Pages that moved keep their index, so their vma's pgoff no longer is its address.
TEST(Mmap, does_not_merge_where_the_pgoff_does_not_continue) {
  expect_steps({{"mmap @0 +1"},
                {"write @0 +1"},
                {"mremap @0 +1 @8", kOk, "[8,9)rw pgoff 0 av0 | 8:p0w"},
                {"mmap @9 +1", kOk, "[8,9)rw pgoff 0 av0 [9,10)rw pgoff 9 - | 8:p0w 9:-"},
                {"mmap @7 +1", kOk,
                 "[7,8)rw pgoff 7 - [8,9)rw pgoff 0 av0 [9,10)rw pgoff 9 - | 7:- 8:p0w 9:-"}});
}

// do_mmap_pgoff() looks before anything else, and its test is "map_count > sysctl_max_map_count".
TEST(Mmap, one_more_vma_than_the_limit_fits) {
  const std::string full = scattered(kMaxMapCount);
  const World& w = expect_steps({{full}, {fmt::format("mmap @{} +1", 2 * kMaxMapCount)}});
  EXPECT_EQ(w.mms[0].vmas.size(), kMaxMapCount + 1);
}

TEST(Mmap, above_the_limit_fails_and_unmaps_nothing) {
  const std::string full = scattered(kMaxMapCount + 1);
  for (std::string_view kernel : releases()) {
    Executor& e = sequential_executor(kernel);
    const Program before = program("setup " + full);
    e.run(before);
    const std::string picture = draw(e.world());
    const Program p = program(fmt::format("setup {}; mmap @0 +2", full));
    EXPECT_EQ(e.run(p).ops[kMaxMapCount + 1].error, kEnomem);
    EXPECT_EQ(draw(e.world()), picture);
  }
}

}  // namespace
}  // namespace rmap
