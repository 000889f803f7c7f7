// mremap: growing, shrinking and moving, as one task sees it; and what is left when an allocation
// fails half-way.
// SPDX-License-Identifier: Apache-2.0
#include "tests/core/vm_fixture.h"

namespace rmap {
namespace {

using namespace fixture;

// --- In place ------------------------------------------------------------------------------------

TEST(Mremap, shrinks) {
  expect_steps({{"mmap @0 +4"},
                {"write @0 +4"},
                {"mremap @0 +4 +1 inplace", kOk, "[0,1)rw pgoff 0 av0 | 0:p0w"}});
}

// Only do_munmap() of the tail happens, and nobody looks at what is before it.
TEST(Mremap, shrinks_from_the_middle_of_a_vma) {
  expect_steps(
      {{"mmap @0 +5"},
       {"mremap @1 +3 +1 inplace", kOk, "[0,2)rw pgoff 0 - [4,5)rw pgoff 4 - | 0:- 1:- 4:-"}});
}

TEST(Mremap, to_the_same_length_does_nothing_even_to_nothing) {
  expect_steps(
      {{"mremap @0 +2 +2 inplace", kOk, "nothing"}, {"mremap @0 +2 +1 inplace", kOk, "nothing"}});
}

TEST(Mremap, grows_where_there_is_room) {
  expect_steps({{"mmap @0 +1"},
                {"write @0 +1"},
                {"mremap @0 +1 +3 inplace", kOk, "[0,3)rw pgoff 0 av0 | 0:p0w 1:- 2:-"}});
}

// vma_adjust() only moves the end: neighbours that touch afterwards stay two. ca3d76b0aa80 (6.1)
// merges them.
TEST(Mremap, grows_up_to_the_next_vma_and_merges_with_it_since_6_1) {
  const char* ops = "mmap @0 +1; mmap @2 +1; mremap @0 +1 +2 inplace";
  expect_steps({{ops, kOk, "[0,2)rw pgoff 0 - [2,3)rw pgoff 2 - | 0:- 1:- 2:-"}}, until("v6.0"));
  expect_steps({{ops, kOk, "[0,3)rw pgoff 0 - | 0:- 1:- 2:-"}}, since("v6.16"));
}

TEST(Mremap, does_not_grow_over_the_next_vma) {
  expect_steps(
      {{"mmap @0 +1"},
       {"mmap @2 +1"},
       {"mremap @0 +1 +3 inplace", kEnomem, "[0,1)rw pgoff 0 - [2,3)rw pgoff 2 - | 0:- 2:-"}});
}

TEST(Mremap, does_not_grow_out_of_the_window) {
  expect_steps(
      {{"mmap @63 +1"}, {"mremap @63 +1 +2 inplace", kEnomem, "[63,64)rw pgoff 63 - | 63:-"}});
}

// "old_len exactly to the end of the area": a part that ends earlier would have to move.
TEST(Mremap, does_not_grow_in_the_middle_of_a_vma) {
  expect_steps(
      {{"mmap @0 +3"}, {"mremap @0 +1 +2 inplace", kEnomem, "[0,3)rw pgoff 0 - | 0:- 1:- 2:-"}});
}

TEST(Mremap, across_vmas_is_efault) {
  expect_steps({{"mmap @0 +1"},
                {"mmap @1 +1 ro"},
                {"mremap @0 +2 +3 inplace", kEfault},
                {"mremap @8 +1 +2 inplace", kEfault},
                {"mremap @8 +1 @16", kEfault}});
}

// A move of the same length may since 6.17 (d23cb648e365), and keeps the gaps.
TEST(Mremap, moves_many_vmas_since_6_17) {
  const char* ops = "mmap @0 +1; write @0 +1; mmap @1 +1 ro; mmap @3 +1; mremap @0 +4 @8";
  expect_steps(
      {{ops, kEfault, "[0,1)rw pgoff 0 av0 [1,2)ro pgoff 1 - [3,4)rw pgoff 3 - | 0:p0w 1:- 3:-"}},
      until("v6.16"));
  expect_steps(
      {{ops, kOk, "[8,9)rw pgoff 0 av0 [9,10)ro pgoff 9 - [11,12)rw pgoff 11 - | 8:p0w 9:- 11:-"}},
      since("v6.19"));
  expect_steps({{"mmap @1 +1; mremap @0 +2 @8", kEfault, "[1,2)rw pgoff 1 - | 1:-"}});
}

// try_realign_addr() of 6.7: the first table goes as a whole where it holds nothing else.
TEST(Mremap, moves_a_table_that_only_its_range_is_in_since_6_7) {
  const char* alone = "mmap @1 +3; write @1 +3; mremap @1 +3 @9";
  const char* shared = "mmap @0 +1 ro; mmap @1 +3; write @1 +3; mremap @1 +3 @9";
  for (const char* ops : {alone, shared}) {
    for (std::string_view kernel : releases()) {
      expect_steps({{ops}, {"read @9 +3; migrate @9; migrate @11"}}, kernel);
      const bool whole = ops == alone && !is_until("v6.0", kernel);
      EXPECT_EQ(hits(ops, "move_normal_pmd/move", kernel), whole ? 1u : 0u) << kernel;
    }
  }
}

// --- Where the kernel chooses --------------------------------------------------------------------

TEST(Mremap, that_may_move_grows_in_place_if_it_can) {
  expect_steps({{"mmap @0 +1"}, {"mremap @0 +1 +2 maymove", kOk, "[0,2)rw pgoff 0 - | 0:- 1:-"}});
}

TEST(Mremap, that_may_move_goes_to_the_lowest_hole) {
  expect_steps({{"mmap @0 +1"},
                {"write @0 +1"},
                {"mmap @1 +1 ro"},
                {"mremap @0 +1 +3 maymove", kOk,
                 "[1,2)ro pgoff 1 - [2,5)rw pgoff 0 av0 | 1:- 2:p0w 3:- 4:-"},
                {"read @2 +1"}});
}

TEST(Mremap, that_may_move_needs_room_somewhere) {
  expect_steps(
      {{"mmap @0 +1"},
       {"mmap @1 +1 ro"},
       {"mremap @0 +1 +63 maymove", kEnomem, "[0,1)rw pgoff 0 - [1,2)ro pgoff 1 - | 0:- 1:-"}});
}

// --- To a fixed address --------------------------------------------------------------------------

// The page's index stays what it was born with, so the new vma's pgoff has to lead from it to the
// new address.
TEST(Mremap, a_fresh_destination_keeps_the_pgoff_of_its_pages) {
  expect_steps(
      {{"mmap @0 +4"},
       {"write @0 +4"},
       {"mremap @1 +2 @8", kOk,
        "[0,1)rw pgoff 0 av0 [3,4)rw pgoff 3 av0 [8,10)rw pgoff 1 av0 | 0:p0w 3:p3w 8:p1w 9:p2w"}});
}

TEST(Mremap, of_never_faulted_memory_takes_the_pgoff_of_its_destination) {
  expect_steps({{"mmap @0 +4"},
                {"mremap @1 +2 @8", kOk,
                 "[0,1)rw pgoff 0 - [3,4)rw pgoff 3 - [8,10)rw pgoff 8 - | 0:- 3:- 8:- 9:-"}});
}

TEST(Mremap, takes_the_zero_page_along) {
  expect_steps(
      {{"mmap @0 +2"}, {"read @0 +1"}, {"mremap @0 +2 @9", kOk, "[9,11)rw pgoff 9 - | 9:z 10:-"}});
}

TEST(Mremap, overlapping_itself_is_einval) {
  const std::string before = "[4,8)rw pgoff 4 - | 4:- 5:- 6:- 7:-";
  expect_steps({{"mmap @4 +4"},
                {"mremap @4 +4 @4", kEinval, before},
                {"mremap @4 +4 @7", kEinval, before},
                {"mremap @4 +4 @1", kEinval, before},
                {"mremap @4 +2 @3 +1", kOk},
                {"mremap @4 +1 @2 +4", kEinval}});
}

TEST(Mremap, beyond_the_window_is_einval) {
  expect_steps({{"mmap @0 +2"}, {"mremap @0 +2 @63", kEinval, "[0,2)rw pgoff 0 - | 0:- 1:-"}});
}

TEST(Mremap, unmaps_what_was_at_the_destination) {
  expect_steps({{"mmap @0 +1"},
                {"write @0 +1"},
                {"mmap @8 +3 ro"},
                {"read @8 +3"},
                {"mremap @0 +1 @9", kOk,
                 "[8,9)ro pgoff 8 - [9,10)rw pgoff 0 av0 [10,11)ro pgoff 10 - | 8:z 9:p0w 10:z"}});
}

// MREMAP_FIXED unmaps first and looks at the source afterwards; since 6.17 vma by vma.
TEST(Mremap, unmaps_the_destination_even_when_there_is_no_source) {
  const char* ops = "mmap @8 +1; mremap @0 +1 @8";
  expect_steps({{ops, kEfault, "nothing"}}, until("v6.16"));
  expect_steps({{ops, kEfault, "[8,9)rw pgoff 8 - | 8:-"}}, since("v6.19"));
}

TEST(Mremap, moves_and_shrinks) {
  expect_steps({{"mmap @0 +3"},
                {"write @0 +3"},
                {"mremap @0 +3 @8 +1", kOk, "[8,9)rw pgoff 0 av0 | 8:p0w"}});
}

TEST(Mremap, moves_and_grows) {
  expect_steps({{"mmap @0 +1"},
                {"write @0 +1"},
                {"mremap @0 +1 @8 +3", kOk, "[8,11)rw pgoff 0 av0 | 8:p0w 9:- 10:-"}});
}

// Sources and destinations that straddle tables differently: chunks end at each border of either.
TEST(Mremap, moves_chunk_by_chunk_over_the_borders_of_tables) {
  const std::string ops = "mmap @2 +8; write @2 +8; mremap @2 +8 @21";
  const World& w = expect_steps(
      {{ops, kOk,
        "[21,29)rw pgoff 2 av0 | 21:p0w 22:p1w 23:p2w 24:p3w 25:p4w 26:p5w 27:p6w 28:p7w"},
       {"read @21 +8"}});
  EXPECT_EQ(draw_contents(w), "21:1 22:2 23:3 24:4 25:5 26:6 27:7 28:8");
  EXPECT_EQ(draw_tables(w), "5 6 7");
  // The source's tables end behind 3 and 7, the destination's behind 23 and 27: at 3, 4, 7 and 8 of
  // the source. Until 5.7 a chunk had two entries at most, so that 5 and 6 went before 7. Each
  // chunk locks and unlocks.
  EXPECT_EQ(hits(ops, "move_ptes/old_ptl", "v4.0"), 2 * 6u);
  EXPECT_EQ(hits(ops, "move_ptes/old_ptl"), 2 * 5u);
}

TEST(Mremap, skips_tables_that_are_not_there) {
  const World& w =
      expect_steps({{"mmap @0 +12"}, {"write @0 +1; write @11 +1"}, {"mremap @0 +12 @20"}});
  EXPECT_EQ(draw_tables(w), "5 7");
}

TEST(Mremap, contents_travel_and_can_be_written_on) {
  const World& w = expect_steps({{"mmap @0 +3; write @0 +3; mremap @0 +3 @30"},
                                 {"read @30 +3", kOk},
                                 {"write @31 +1", kOk},
                                 {"mremap @30 +3 @4", kOk},
                                 {"read @4 +3", kOk}});
  EXPECT_EQ(draw_contents(w), "4:1 5:4 6:3");
}

TEST(Mremap, frees_the_page_tables_that_it_emptied) {
  EXPECT_EQ(draw_tables(after("mmap @0 +4; write @0 +4; mremap @0 +4 @8")), "2");
  EXPECT_EQ(draw_tables(after("mmap @0 +4; write @0 +4; mremap @0 +3 @8")), "0 2");
}

// --- Merging -------------------------------------------------------------------------------------

// move_normal_pmd(): since 5.4, a table that is moved as a whole needs no other, so that nothing
// can fail, and no entry is touched.
TEST(Mremap, moves_a_whole_page_table_since_5_7) {
  const std::string ops = "mmap @4 +4; write @4 +4; mremap @4 +4 @20";
  const char* moved = "[20,24)rw pgoff 4 av0 | 20:p0w 21:p1w 22:p2w 23:p3w";
  expect_steps({{ops, kOk, moved}, {"read @20 +4"}, {"migrate @21", kOk}});
  for (std::string_view kernel : releases()) {
    const bool whole = kernel_named(kernel).kernel.table_move != TableMove::never;
    EXPECT_EQ(hits(ops, "move_normal_pmd/move", kernel), whole ? 1u : 0u) << kernel;
    EXPECT_EQ(hits(ops, "move_ptes/set", kernel), whole ? 0u : 4u) << kernel;
    EXPECT_EQ(fail_each_allocation("mmap @4 +4; write @4 +4", "mremap @4 +4 @20", kernel)
                  .coverage.hits["move_vma/rollback"_site.index],
              whole ? 0u : 1u)
        << kernel;
  }
}

// Not where the source's part of a table, or the destination's place, is not the whole of one.
TEST(Mremap, moves_entry_by_entry_where_tables_do_not_fit) {
  for (const char* ops :
       {"mmap @4 +4; write @4 +4; mremap @4 +3 @20", "mmap @4 +4; write @4 +4; mremap @4 +4 @21",
        "mmap @5 +4; write @5 +4; mremap @5 +4 @20"}) {
    EXPECT_EQ(hits(ops, "move_normal_pmd/move"), 0u) << ops;
    EXPECT_GT(hits(ops, "move_ptes/set"), 0u) << ops;
  }
}

// The mail's case: away and back. The destination is merged, and in front of the source in the
// list.
TEST(Mremap, away_and_back_merges) {
  const char* ops = "mmap @0 +2; write @0 +2; mremap @1 +1 @8; mremap @8 +1 @1";
  expect_steps({{ops, kOk, "[0,2)rw pgoff 0 av0 | 0:p0w 1:p1w"}});
  for (std::string_view kernel : releases()) EXPECT_EQ(hits(ops, "copy_vma/merged", kernel), 1u);
  EXPECT_EQ(hits(ops, "copy_vma/fresh"), 1u);
}

TEST(Mremap, back_into_the_middle_merges_with_both_sides) {
  const char* ops = "mmap @0 +3; write @0 +3; mremap @1 +1 @8; mremap @8 +1 @1";
  expect_steps({{ops, kOk, "[0,3)rw pgoff 0 av0 | 0:p0w 1:p1w 2:p2w"}, {"read @0 +3"}});
  EXPECT_EQ(hits(ops, "vma_merge/both"), 1u);
}

TEST(Mremap, back_before_a_neighbour_merges_downwards) {
  const char* ops = "mmap @1 +2; write @1 +2; mremap @1 +1 @8; mremap @8 +1 @1";
  expect_steps({{ops, kOk, "[1,3)rw pgoff 1 av0 | 1:p0w 2:p1w"}, {"read @1 +2"}});
  EXPECT_EQ(hits(ops, "vma_merge/before_next"), 1u);
}

TEST(Mremap, to_elsewhere_does_not_merge_although_it_touches) {
  expect_steps({{"mmap @0 +2; write @0 +2; mmap @8 +1; mremap @1 +1 @9", kOk,
                 "[0,1)rw pgoff 0 av0 [8,9)rw pgoff 8 - [9,10)rw pgoff 1 av0 | 0:p0w 8:- 9:p1w"}});
}

// Away, and back next to memory that was never touched. 965f55dea0e3: the chain of the one that
// stays must be singular, and an empty chain is not.
constexpr const char* kBackToUnfaulted =
    "mmap @0 +2; write @1 +1; mremap @1 +1 @8; munmap @0 +1; mmap @0 +1; mremap @8 +1 @1";

TEST(Mremap, faulted_pages_do_not_merge_into_an_unfaulted_vma) {
  expect_steps({{kBackToUnfaulted, kOk, "[0,1)rw pgoff 0 - [1,2)rw pgoff 1 av0 | 0:- 1:p0w"}},
               between("v3.0", "v6.0"));
}

// 61f67c230a5e: or the vma that it merges into is linked to the anon_vmas of what comes.
TEST(Mremap, faulted_pages_bring_their_anon_vmas_along_into_an_unfaulted_vma) {
  expect_steps({{kBackToUnfaulted, kOk, "[0,2)rw pgoff 0 av0 | 0:- 1:p0w"},
                {"migrate @1", kOk, "[0,2)rw pgoff 0 av0 | 0:- 1:p1w"}},
               since("v6.19"));
  EXPECT_EQ(hits(kBackToUnfaulted, "vma_merge/imported"), 1u);
}

// Until 2.6.39, and again in 6.16 to 6.18, the two merge and nobody links: the page is in a vma
// without anon_vma, and the one that it knows is freed with the source.
TEST(Mremap, faulted_pages_that_merged_into_an_unfaulted_vma_were_lost) {
  Kernels kernels = until("v2.6.36");
  kernels.push_back("v6.16");
  kernels.push_back("v6.19-3b617fd3d317-61f67c230a5e");
  for (std::string_view kernel : kernels) {
    Executor& e = sequential_executor(kernel);
    const Result& r = e.run(program(fmt::format("setup {}", kBackToUnfaulted)));
    EXPECT_EQ(draw(e.world()), "[0,2)rw pgoff 0 - | 0:- 1:p0w") << kernel;
    ASSERT_EQ(r.outcome.ending, sched::Ending::violation) << kernel;
    EXPECT_EQ(static_cast<Rule>(r.outcome.violation.rule), Rule::unreachable) << kernel;
  }
}

// The other way round is fine: unfaulted memory takes the pgoff of its destination and joins a
// singular chain.
TEST(Mremap, unfaulted_memory_merges_into_a_faulted_vma) {
  expect_steps({{"mmap @0 +1; write @0 +1; mmap @8 +1"},
                {"mremap @8 +1 @1", kOk, "[0,2)rw pgoff 0 av0 | 0:p0w 1:-"}});
}

// Two pages that were faulted apart have two anon_vmas, for ever.
TEST(Mremap, does_not_merge_two_anon_vmas) {
  expect_steps({{"mmap @0 +1; mmap @8 +1; write @0 +1; write @8 +1"},
                {"mremap @8 +1 @1", kOk, "[0,1)rw pgoff 0 av0 [1,2)rw pgoff 8 av1 | 0:p0w 1:p1w"}});
}

// Nothing was ever faulted in, so the destination may swallow the source itself, which then
// follows.
TEST(Mremap, never_faulted_memory_may_merge_with_itself) {
  const char* up = "mmap @0 +4; read @0 +1; mremap @0 +2 @4";
  expect_steps({{up, kOk, "[2,6)rw pgoff 2 - | 2:- 3:- 4:z 5:-"}});
  const char* down = "mmap @4 +4; read @4 +4; mremap @6 +2 @2";
  expect_steps({{down, kOk, "[2,6)rw pgoff 2 - | 2:z 3:z 4:z 5:z"}});
  for (std::string_view kernel : releases()) {
    EXPECT_EQ(hits(up, "copy_vma/self_merged", kernel), 1u);
    EXPECT_EQ(hits(down, "copy_vma/self_merged", kernel), 1u);
  }
}

TEST(Mremap, faulted_memory_does_not_merge_with_itself) {
  const char* ops = "mmap @0 +4; write @0 +1; mremap @0 +2 @4";
  expect_steps({{ops, kOk, "[2,4)rw pgoff 2 av0 [4,6)rw pgoff 0 av0 | 2:- 3:- 4:p0w 5:-"}});
  EXPECT_EQ(hits(ops, "copy_vma/self_merged"), 0u);
}

// --- Failing -------------------------------------------------------------------------------------

// "if (mm->map_count >= sysctl_max_map_count - 3) return -ENOMEM": do_munmap() may split one vma
// into three.
TEST(Mremap, near_the_limit_of_vmas_nothing_moves) {
  const std::string full = scattered(kMaxMapCount - 3);
  const World& w = expect_steps({{full + "; mremap @0 +1 @40", kEnomem}});
  EXPECT_EQ(draw_vmas(w).find("[40,"), std::string::npos);
  expect_steps({{scattered(kMaxMapCount - 4) + "; mremap @0 +1 @40", kOk}});
}

// Fails each allocation of `op` in turn. If that makes it fail, all must be as it was. Returns how
// often entries were moved back.
uint64_t times_rolled_back(const std::string& before, const std::string& op,
                           std::string_view kernel) {
  const Failed failed = fail_each_allocation(before, op, kernel);
  EXPECT_GT(failed.with_enomem, 0u);
  return failed.coverage.hits["move_vma/rollback"_site.index];
}

// Page tables 5, 6 and 7 are needed. Each can be the one that is not to be had.
TEST(Mremap, moves_everything_back_when_a_page_table_cannot_be_had) {
  for (std::string_view kernel : releases()) {
    EXPECT_EQ(times_rolled_back("mmap @2 +8; write @2 +8", "mremap @2 +8 @21", kernel), 3u)
        << kernel;
  }
}

TEST(Mremap, moves_back_into_the_middle_of_a_vma) {
  for (std::string_view kernel : releases()) {
    EXPECT_EQ(times_rolled_back("mmap @0 +6; write @0 +6", "mremap @1 +4 @22", kernel), 2u)
        << kernel;
  }
}

// The destination had been merged with a neighbour, which must come out of it as it went in.
TEST(Mremap, moves_back_out_of_a_merged_destination) {
  for (std::string_view kernel : releases()) {
    EXPECT_EQ(
        times_rolled_back("mmap @0 +8; write @0 +8; mremap @4 +4 @21", "mremap @21 +4 @4", kernel),
        1u);
    EXPECT_EQ(times_rolled_back(
                  "mmap @3 +2; write @4 +1; read @3 +1; mremap @4 +1 @20; mmap @4 +1; munmap @4 +1",
                  "mremap @20 +1 @4", kernel),
              1u);
  }
}

TEST(Mremap, moves_back_when_it_had_merged_with_itself) {
  for (std::string_view kernel : releases()) {
    EXPECT_EQ(times_rolled_back("mmap @0 +4; read @0 +4", "mremap @0 +2 @4", kernel), 1u) << kernel;
  }
}

// The second page table that mremap needs is not to be had. How many allocations come before it
// depends on the kernel.
TEST(Mremap, what_was_moved_back_can_be_used) {
  for (std::string_view kernel : releases()) {
    uint32_t seen = 0;
    std::string zeros;
    for (int k = 0; k < 40; k++, zeros += " 00") {
      const Program p = program(
          "setup mmap @2 +8; write @2 +8; mremap @2 +8 @21; read @2 +8; migrate @3; read @3 +1\n"
          "failures 1\ndecisions" +
          zeros + " 01");
      Executor& e = sequential_executor(kernel);
      const Result& r = e.run(p);
      ASSERT_EQ(r.outcome.ending, sched::Ending::finished) << kernel;
      if (r.ops[0].error != kOk || r.ops[1].error != kOk || r.ops[2].error != kEnomem) continue;
      seen++;
      EXPECT_EQ(r.ops[3].error, kOk);
      EXPECT_EQ(r.ops[4].error, kOk);
      EXPECT_EQ(draw_contents(e.world()), "2:1 3:2 4:3 5:4 6:5 7:6 8:7 9:8");
    }
    EXPECT_GT(seen, 3u) << kernel;
  }
}

// "OOM: unable to split vma": the move is done, only the emptied source stays.
TEST(Mremap, a_source_that_cannot_be_split_stays_empty) {
  const std::string ops = "setup mmap @0 +3; write @0 +3; mremap @1 +1 @8\nfailures 1\ndecisions";
  uint32_t seen = 0;
  std::string zeros;
  for (int k = 0; k < 20; k++, zeros += " 00") {
    Executor& e = sequential_executor(kNewest);
    const Result& r = e.run(program(ops + zeros + " 01"));
    ASSERT_EQ(r.outcome.ending, sched::Ending::finished);
    seen += draw(e.world()) == "[0,3)rw pgoff 0 av0 [8,9)rw pgoff 1 av0 | 0:p0w 1:- 2:p2w 8:p1w" &&
            r.ops[2].error == kOk;
  }
  EXPECT_GT(seen, 0u);
}

}  // namespace
}  // namespace rmap
