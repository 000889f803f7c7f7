// read and write: what a fault brings, and when there is none to be had.
// SPDX-License-Identifier: Apache-2.0
#include "tests/core/vm_fixture.h"

namespace rmap {
namespace {

using namespace fixture;

// A read of untouched memory needs no page of its own, and no anon_vma either.
TEST(Access, a_read_maps_the_zero_page) {
  expect_steps({{"mmap @0 +2"}, {"read @0 +1", kOk, "[0,2)rw pgoff 0 - | 0:z 1:-"}});
}

TEST(Access, a_write_brings_a_page_and_an_anon_vma) {
  expect_steps({{"mmap @0 +2"}, {"write @1 +1", kOk, "[0,2)rw pgoff 0 av0 | 0:- 1:p0w"}});
}

TEST(Access, a_write_after_a_read_replaces_the_zero_page) {
  expect_steps(
      {{"mmap @0 +2"}, {"read @0 +2"}, {"write @0 +1", kOk, "[0,2)rw pgoff 0 av0 | 0:p0w 1:z"}});
}

TEST(Access, a_second_write_stays_on_the_same_page) {
  const World& w = expect_steps(
      {{"mmap @0 +1"}, {"write @0 +1"}, {"write @0 +1", kOk, "[0,1)rw pgoff 0 av0 | 0:p0w"}});
  EXPECT_EQ(draw_contents(w), "0:2");
}

TEST(Access, a_new_page_knows_where_it_is_mapped) {
  const World& w = after("mmap @4 +2; write @5 +1");
  const Page& page = w.pages[0];
  EXPECT_EQ(page.index, 5u);
  EXPECT_EQ(page.mapcount.peek(), 1);
  EXPECT_EQ(page.refcount.peek(), 1);
  EXPECT_EQ(page.mapping.peek(), 1);  // anon_vma 0
  EXPECT_TRUE(page.lru);
}

TEST(Access, outside_of_every_vma_is_efault) {
  expect_steps({{"read @0 +1", kEfault, "nothing"},
                {"mmap @2 +1"},
                {"write @1 +1", kEfault, "[2,3)rw pgoff 2 - | 2:-"},
                {"write @3 +1", kEfault, "[2,3)rw pgoff 2 - | 2:-"}});
}

// The pages before the hole have been written; a user's loop stops at the signal.
TEST(Access, stops_where_the_vma_ends) {
  expect_steps({{"mmap @0 +2"}, {"write @0 +4", kEfault, "[0,2)rw pgoff 0 av0 | 0:p0w 1:p1w"}});
  expect_steps(
      {{"mmap @62 +2"}, {"write @62 +4", kEfault, "[62,64)rw pgoff 62 av0 | 62:p0w 63:p1w"}});
}

TEST(Access, crosses_from_one_vma_into_the_next) {
  expect_steps({{"mmap @0 +1 ro"},
                {"mmap @1 +1"},
                {"read @0 +2", kOk, "[0,1)ro pgoff 0 - [1,2)rw pgoff 1 - | 0:z 1:z"}});
}

TEST(Access, a_write_to_read_only_memory_is_efault) {
  expect_steps({{"mmap @0 +1 ro"},
                {"write @0 +1", kEfault, "[0,1)ro pgoff 0 - | 0:-"},
                {"read @0 +1", kOk, "[0,1)ro pgoff 0 - | 0:z"},
                {"write @0 +1", kEfault, "[0,1)ro pgoff 0 - | 0:z"}});
}

// find_mergeable_anon_vma(): what mprotect could merge one day shall have one anon_vma.
TEST(Access, a_first_write_shares_the_anon_vma_of_the_vma_after) {
  const char* ops = "mmap @1 +1; write @1 +1; mprotect @1 +1 ro; mmap @0 +1; write @0 +1";
  expect_steps({{ops, kOk, "[0,1)rw pgoff 0 av0 [1,2)ro pgoff 1 av0 | 0:p1w 1:p0"}});
  EXPECT_EQ(hits(ops, "anon_vma_prepare/shared"), 1u);
}

TEST(Access, a_first_write_shares_the_anon_vma_of_the_vma_before) {
  const char* ops = "mmap @0 +1; write @0 +1; mprotect @0 +1 ro; mmap @1 +1; write @1 +1";
  expect_steps({{ops, kOk, "[0,1)ro pgoff 0 av0 [1,2)rw pgoff 1 av0 | 0:p0 1:p1w"}});
  EXPECT_EQ(hits(ops, "anon_vma_prepare/shared"), 1u);
}

TEST(Access, the_anon_vma_of_the_vma_after_is_preferred) {
  expect_steps(
      {{"mmap @0 +1; write @0 +1; mprotect @0 +1 ro; mmap @2 +1; write @2 +1; mprotect @2 +1 ro"},
       {"mmap @1 +1", kOk,
        "[0,1)ro pgoff 0 av0 [1,2)rw pgoff 1 - [2,3)ro pgoff 2 av1 | 0:p0 1:- 2:p1"},
       {"write @1 +1", kOk,
        "[0,1)ro pgoff 0 av0 [1,2)rw pgoff 1 av1 [2,3)ro pgoff 2 av1 | 0:p0 1:p2w 2:p1"}});
}

// A stack and its neighbour could never merge.
TEST(Access, a_stack_shares_nobodys_anon_vma) {
  expect_steps({{"mmap @0 +1; write @0 +1; mmap @1 +1 growsdown; write @1 +1", kOk,
                 "[0,1)rw pgoff 0 av0 [1,2)rwd pgoff 1 av1 | 0:p0w 1:p1w"}});
}

// reusable_anon_vma(): not one that the neighbour inherited (d0e9fe1758f2), or the last element of
// the chain would not be its root.
TEST(Access, a_first_write_does_not_share_an_inherited_anon_vma) {
  const std::string ops =
      "mmap @1 +1; write @1 +1; mprotect @1 +1 ro; fork to mm1; exit; mmap mm1 @0 +1; "
      "write mm1 @0 +1";
  expect_steps(
      {{ops, kOk, "nothing || mm1 [0,1)rw pgoff 0 av2 [1,2)ro pgoff 1 av1<av0 | 0:p1w 1:p0"}},
      since("v2.6.34"));
  expect_steps({{ops, kOk, "nothing || mm1 [0,1)rw pgoff 0 av0 [1,2)ro pgoff 1 av0 | 0:p1w 1:p0"}},
               "v2.6.33");
  EXPECT_EQ(hits(ops, "anon_vma_prepare/shared", "v2.6.34-d0e9fe1758f2"), 1u);
}

TEST(Access, a_first_write_does_not_share_where_the_pgoff_does_not_continue) {
  expect_steps({{"mmap @0 +1; write @0 +1; mremap @0 +1 @8; mmap @9 +1; write @9 +1", kOk,
                 "[8,9)rw pgoff 0 av0 [9,10)rw pgoff 9 av1 | 8:p0w 9:p1w"}});
}

// Every frame is in use: the fault fails, what was mapped stays, and a page given back can be used
// again.
TEST(Access, runs_out_of_frames) {
  const World& w = expect_steps({{"mmap @0 +40"},
                                 {fmt::format("write @0 +{}", kFramesMax)},
                                 {fmt::format("write @{} +1", kFramesMax), kEnomem},
                                 {fmt::format("read @{} +1", kFramesMax), kOk},
                                 {"munmap @5 +1", kOk},
                                 {fmt::format("write @{} +1", kFramesMax), kOk}});
  EXPECT_EQ(pte_at(w, 0, kFramesMax).frame.value, 5);
}

TEST(Access, every_mm_has_its_own_memory) {
  const World& w =
      after("mmap @0 +1; mmap mm1 @0 +1; write @0 +1; write mm1 @0 +1; write mm1 @0 +1");
  EXPECT_EQ(draw(w, 0), "[0,1)rw pgoff 0 av0 | 0:p0w");
  EXPECT_EQ(draw(w, 1), "[0,1)rw pgoff 0 av1 | 0:p1w");
  EXPECT_EQ(draw_contents(w, 0) + " " + draw_contents(w, 1), "0:1 0:3");
}

// Each allocation of a first write in turn: chain element, anon_vma, page table, page.
TEST(Access, an_allocation_that_fails_is_enomem_and_harms_nothing) {
  for (int k = 0; k < 6; k++) {
    std::string decisions = "decisions";
    for (int i = 0; i < k; i++) decisions += " 00";
    const Program p =
        program("setup mmap @0 +1; write @0 +1; write @0 +1\nfailures 1\n" + decisions + " 01");
    Executor& e = sequential_executor(kNewest);
    const Result& r = e.run(p);
    SCOPED_TRACE(k);
    ASSERT_EQ(r.outcome.ending, sched::Ending::finished);
    if (k == 0) {
      EXPECT_EQ(r.ops[0].error, kEnomem);
      EXPECT_EQ(draw(e.world()), "nothing");
      continue;
    }
    EXPECT_EQ(r.ops[1].error, k <= 4 ? kEnomem : kOk);
    EXPECT_EQ(r.ops[2].error, kOk);
    EXPECT_EQ(draw(e.world()), "[0,1)rw pgoff 0 av0 | 0:p0w");
  }
}

}  // namespace
}  // namespace rmap
