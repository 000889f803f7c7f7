// brk: a heap that grows and shrinks at one end.
// SPDX-License-Identifier: Apache-2.0
#include "tests/core/vm_fixture.h"

namespace rmap {
namespace {

using namespace fixture;

TEST(Brk, maps_the_heap) {
  const World& w = expect_steps({{"brk @18", kOk, "[16,18)rw pgoff 16 - | 16:- 17:-"}});
  EXPECT_EQ(w.mms[0].brk, 18u);
}

TEST(Brk, grows_the_vma_that_is_there) {
  expect_steps({{"brk @18; write @16 +2"},
                {"brk @20", kOk, "[16,20)rw pgoff 16 av0 | 16:p0w 17:p1w 18:- 19:-"}});
}

TEST(Brk, shrinks) {
  const World& w = expect_steps(
      {{"brk @20; write @16 +4"}, {"brk @17", kOk, "[16,17)rw pgoff 16 av0 | 16:p0w"}});
  EXPECT_EQ(draw_used(w), "1 pages, 1 tables, 1 vmas, 1 links, 1 anon_vmas");
}

TEST(Brk, to_the_beginning_leaves_no_heap) {
  expect_steps({{"brk @20; brk @16", kOk, "nothing"}, {"brk @16", kOk, "nothing"}});
}

TEST(Brk, below_the_beginning_is_enomem) {
  expect_steps({{"brk @15", kEnomem, "nothing"},
                {"brk @17; brk @0", kEnomem, "[16,17)rw pgoff 16 - | 16:-"}});
}

TEST(Brk, what_was_given_back_reads_as_zero) {
  expect_steps({{"brk @18; write @17 +1; brk @17; brk @18"},
                {"read @17 +1", kOk, "[16,18)rw pgoff 16 av0 | 16:- 17:z"}});
}

// "Check against existing mmap mappings": up to one page above the new end, or the heap would touch
// what is there.
TEST(Brk, keeps_a_page_between_the_heap_and_what_is_above) {
  const World& w = expect_steps(
      {{"mmap @20 +1; brk @19", kOk,
        "[16,19)rw pgoff 16 - [20,21)rw pgoff 20 - | 16:- 17:- 18:- 20:-"},
       {"brk @20", kEnomem, "[16,19)rw pgoff 16 - [20,21)rw pgoff 20 - | 16:- 17:- 18:- 20:-"}});
  EXPECT_EQ(w.mms[0].brk, 19u);
}

TEST(Brk, does_not_grow_over_what_lies_across_its_end) {
  expect_steps({{"brk @18; mmap @17 +2 ro"},
                {"brk @20", kEnomem, "[16,17)rw pgoff 16 - [17,19)ro pgoff 17 - | 16:- 17:- 18:-"},
                {"brk @18", kOk, "[16,17)rw pgoff 16 - [17,19)ro pgoff 17 - | 16:- 17:- 18:-"},
                {"brk @16", kOk, "[18,19)ro pgoff 18 - | 18:-"}});
}

// mm->brk is a number; what is mapped below it is the user's business.
TEST(Brk, goes_on_where_it_ended_though_the_heap_is_unmapped) {
  expect_steps({{"brk @18; munmap @16 +2"},
                {"brk @20", kOk, "[18,20)rw pgoff 18 - | 18:- 19:-"},
                {"brk @16", kOk, "nothing"}});
}

TEST(Brk, merges_with_the_vma_before) {
  expect_steps(
      {{"mmap @14 +2; write @14 +1; brk @17", kOk, "[14,17)rw pgoff 14 av0 | 14:p0w 15:- 16:-"}});
}

TEST(Brk, is_each_processs_own) {
  expect_steps({{"brk @17; brk mm1 @18", kOk,
                 "[16,17)rw pgoff 16 - | 16:- || mm1 [16,18)rw pgoff 16 - | 16:- 17:-"},
                {"exit; brk @18", kOk,
                 "[16,18)rw pgoff 16 - | 16:- 17:- || mm1 [16,18)rw pgoff 16 - | 16:- 17:-"}});
}

TEST(Brk, one_more_vma_than_the_limit_fits) {
  expect_steps({{scattered(kMaxMapCount, 20) + "; brk @17", kOk}});
  const World& w = expect_steps({{scattered(kMaxMapCount + 1, 20) + "; brk @17", kEnomem}});
  EXPECT_EQ(w.mms[0].brk, kBrkStart);
}

TEST(Brk, that_fails_leaves_everything_as_it_was) {
  for (std::string_view kernel : releases()) {
    const Failed fresh = fail_each_allocation("mmap @0 +1", "brk @18", kernel);
    EXPECT_EQ(fresh.with_enomem, 1u) << kernel;
    EXPECT_EQ(fail_each_allocation("brk @17; write @16 +1", "brk @18", kernel).with_enomem, 0u)
        << kernel;
    // The vma that split_vma() cuts off, and its chain element.
    const Failed cut = fail_each_allocation("brk @20; write @16 +4", "brk @18", kernel);
    EXPECT_EQ(cut.with_enomem, kernel == "v2.6.33" ? 1u : 2u) << kernel;
  }
}

}  // namespace
}  // namespace rmap
