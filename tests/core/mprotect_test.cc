// mprotect: how it splits vmas and merges them again, by the case numbers of the comment above
// vma_merge() in mm/mmap.c, and when vmas with and without anon_vmas become one.
//
// The cases, with P the vma before, N the vma after and A the range that changes:
//
//   1  PPPP....NNNN -> PPPPPPPPPPPP   A fills a hole          5  PPPPAAAANNNN -> PPPPPPPPNNNN  A is
//   the 2  PPPP....     -> PPPPPPPP       and merges with P                                lower
//   part of N 3      ....NNNN ->     NNNNNNNN   or with N               6  PPPPAAAANNNN ->
//   PPPPPPPPPPPP  A is a vma 4  PPPPPPPPNNNN -> PPPPNNNNNNNN   A is the upper part     7  PPPPAAAA
//   -> PPPPPPPP      of its own
//                                     of P                    8      AAAANNNN ->     NNNNNNNN
// SPDX-License-Identifier: Apache-2.0
#include "tests/core/vm_fixture.h"

namespace rmap {
namespace {

using namespace fixture;

// --- What a user sees ----------------------------------------------------------------------------

TEST(Mprotect, takes_the_write_permission_away) {
  expect_steps(
      {{"mmap @0 +2; write @0 +2; mprotect @0 +2 ro", kOk, "[0,2)ro pgoff 0 av0 | 0:p0 1:p1"},
       {"write @0 +1", kEfault},
       {"read @0 +2", kOk}});
}

// A private page's entry is made writable by the next write, which may find that it is shared.
TEST(Mprotect, gives_it_back_at_the_next_write) {
  const char* ops = "mmap @0 +2; write @0 +2; mprotect @0 +2 ro; mprotect @0 +2";
  const World& w = expect_steps({{ops, kOk, "[0,2)rw pgoff 0 av0 | 0:p0 1:p1"},
                                 {"write @1 +1", kOk, "[0,2)rw pgoff 0 av0 | 0:p0 1:p1w"}},
                                until("v5.7"));
  EXPECT_EQ(draw_contents(w), "0:1 1:3");
}

// 64fe24a3e05e (6.0): at once, where nobody else ever had the page.
TEST(Mprotect, gives_an_exclusive_page_back_at_once_since_6_0) {
  expect_steps({{"mmap @0 +1; write @0 +1; mprotect @0 +1 ro; mprotect @0 +1", kOk,
                 "[0,1)rw pgoff 0 av0 | 0:p0w"},
                {"fork to mm1; exit mm1; mprotect @0 +1 ro; mprotect @0 +1", kOk,
                 "[0,1)rw pgoff 0 av0 | 0:p0"},
                {"write @0 +1; mprotect @0 +1 ro; migrate @0; mprotect @0 +1", kOk,
                 "[0,1)rw pgoff 0 av0 | 0:p1w"}},
               since("v6.0"));
}

TEST(Mprotect, to_what_it_is_already_does_nothing) {
  expect_steps({{"mmap @0 +2; write @0 +1; mprotect @0 +1", kOk, "[0,2)rw pgoff 0 av0 | 0:p0w 1:-"},
                {"mmap @4 +1 ro; mprotect @4 +1 ro", kOk,
                 "[0,2)rw pgoff 0 av0 [4,5)ro pgoff 4 - | 0:p0w 1:- 4:-"}});
  EXPECT_EQ(hits("mmap @0 +2; mprotect @1 +1", "split_vma/split"), 0u);
}

TEST(Mprotect, of_unfaulted_memory_and_of_the_zero_page) {
  expect_steps(
      {{"mmap @0 +2; read @0 +1; mprotect @0 +2 ro", kOk, "[0,2)ro pgoff 0 - | 0:z 1:-"},
       {"mprotect @0 +1; write @0 +1", kOk, "[0,1)rw pgoff 0 av0 [1,2)ro pgoff 1 - | 0:p0w 1:-"}});
}

TEST(Mprotect, across_vmas_changes_each) {
  expect_steps({{"mmap @0 +1; mmap @1 +1 growsdown; mmap @2 +1; mprotect @0 +3 ro", kOk,
                 "[0,1)ro pgoff 0 - [1,2)rod pgoff 1 - [2,3)ro pgoff 2 - | 0:- 1:- 2:-"}});
}

// What comes before the hole is changed: "partial" is all that ENOMEM says.
TEST(Mprotect, stops_at_a_hole) {
  expect_steps({{"mprotect @0 +1 ro", kEnomem, "nothing"},
                {"mmap @1 +1; mmap @3 +1"},
                {"mprotect @0 +4 ro", kEnomem, "[1,2)rw pgoff 1 - [3,4)rw pgoff 3 - | 1:- 3:-"},
                {"mprotect @1 +3 ro", kEnomem, "[1,2)ro pgoff 1 - [3,4)rw pgoff 3 - | 1:- 3:-"}});
}

TEST(Mprotect, stops_at_the_end_of_the_window) {
  expect_steps({{"mmap @62 +2; mprotect @62 +3 ro", kEnomem, "[62,64)ro pgoff 62 - | 62:- 63:-"}});
}

// --- Splitting -----------------------------------------------------------------------------------

TEST(Mprotect, of_the_beginning_splits_in_two) {
  expect_steps({{"mmap @0 +3; write @0 +3; mprotect @0 +1 ro", kOk,
                 "[0,1)ro pgoff 0 av0 [1,3)rw pgoff 1 av0 | 0:p0 1:p1w 2:p2w"}});
}

TEST(Mprotect, of_the_end_splits_in_two) {
  expect_steps({{"mmap @0 +3; write @0 +3; mprotect @2 +1 ro", kOk,
                 "[0,2)rw pgoff 0 av0 [2,3)ro pgoff 2 av0 | 0:p0w 1:p1w 2:p2"}});
}

TEST(Mprotect, of_the_middle_splits_in_three) {
  expect_steps(
      {{"mmap @0 +3; write @0 +3; mprotect @1 +1 ro", kOk,
        "[0,1)rw pgoff 0 av0 [1,2)ro pgoff 1 av0 [2,3)rw pgoff 2 av0 | 0:p0w 1:p1 2:p2w"}});
}

// Since 7.0 the copy of a chain is turned round.
TEST(Mprotect, splits_the_chain_too) {
  const char* ops = "mmap @0 +2; write @0 +2; fork to mm1; exit; mprotect mm1 @1 +1 ro";
  expect_steps(
      {{ops, kOk, "nothing || mm1 [0,1)rw pgoff 0 av1<av0 [1,2)ro pgoff 1 av1<av0 | 0:p0 1:p1"}},
      between("v2.6.34", "v6.19"));
  expect_steps(
      {{ops, kOk,
        "nothing || mm1 [0,1)rw pgoff 0 av1 in av0<av1 [1,2)ro pgoff 1 av1<av0 | 0:p0 1:p1"}},
      since(kNewest));
}

TEST(Mprotect, of_a_moved_vma_continues_its_pgoff) {
  expect_steps({{"mmap @0 +3; write @0 +3; mremap @0 +3 @20; mprotect @21 +1 ro", kOk,
                 "[20,21)rw pgoff 0 av0 [21,22)ro pgoff 1 av0 [22,23)rw pgoff 2 av0 | 20:p0w 21:p1 "
                 "22:p2w"}});
}

// split_vma(): "if (mm->map_count >= sysctl_max_map_count) return -ENOMEM".
TEST(Mprotect, at_the_limit_of_vmas_cannot_split) {
  expect_steps({{scattered(kMaxMapCount - 1) + "; mmap @40 +2; mprotect @40 +1 ro", kEnomem}});
  expect_steps({{scattered(kMaxMapCount - 2) + "; mmap @40 +2; mprotect @40 +1 ro", kOk}});
  expect_steps({{scattered(kMaxMapCount - 1) + "; mmap @40 +2; mprotect @40 +2 ro", kOk}});
}

// --- The cases of vma_merge() --------------------------------------------------------------------

struct MergeCase {
  const char* name;
  const char* before;
  const char* op;
  const char* vmas;  // Afterwards.
  const char* site;  // Which branch of vma_merge() it takes.
};

const MergeCase kCases[] = {
    {"case 1, hole between two", "mmap @0 +2; mmap @4 +2", "mmap @2 +2", "[0,6)rw pgoff 0 -",
     "vma_merge/both"},
    {"case 1, moved back", "mmap @0 +6; write @0 +6; mremap @2 +2 @20", "mremap @20 +2 @2",
     "[0,6)rw pgoff 0 av0", "vma_merge/both"},
    {"case 2, hole after one", "mmap @0 +2; write @0 +1", "mmap @2 +2", "[0,4)rw pgoff 0 av0",
     "vma_merge/after_prev"},
    {"case 2, moved back", "mmap @0 +4; write @0 +4; mremap @2 +2 @20", "mremap @20 +2 @2",
     "[0,4)rw pgoff 0 av0", "vma_merge/after_prev"},
    {"case 3, hole before one", "mmap @4 +2; write @5 +1", "mmap @2 +2", "[2,6)rw pgoff 2 av0",
     "vma_merge/before_next"},
    {"case 3, moved back", "mmap @0 +4; write @0 +4; mremap @0 +2 @20", "mremap @20 +2 @0",
     "[0,4)rw pgoff 0 av0", "vma_merge/before_next"},
    {"case 3, the part next to it", "mmap @0 +4; write @0 +4; mremap @0 +3 @20; munmap @20 +1",
     "mremap @21 +2 @1", "[1,4)rw pgoff 1 av0", "vma_merge/before_next"},
    {"case 4, the boundary moves down", "mmap @0 +4; write @0 +4; mprotect @3 +1 ro",
     "mprotect @2 +1 ro", "[0,2)rw pgoff 0 av0 [2,4)ro pgoff 2 av0", "vma_merge/shift_down"},
    {"case 4, of moved vmas", "mmap @0 +4; write @0 +4; mremap @0 +4 @20; mprotect @23 +1 ro",
     "mprotect @21 +2 ro", "[20,21)rw pgoff 0 av0 [21,24)ro pgoff 1 av0", "vma_merge/shift_down"},
    {"case 5, the boundary moves up", "mmap @0 +4; write @0 +4; mprotect @0 +1 ro",
     "mprotect @1 +2 ro", "[0,3)ro pgoff 0 av0 [3,4)rw pgoff 3 av0", "vma_merge/after_prev"},
    {"case 5, of moved vmas", "mmap @0 +4; write @0 +4; mremap @0 +4 @20; mprotect @20 +1 ro",
     "mprotect @21 +1 ro", "[20,22)ro pgoff 0 av0 [22,24)rw pgoff 2 av0", "vma_merge/after_prev"},
    {"case 6, three become one", "mmap @0 +6; write @0 +6; mprotect @2 +2 ro", "mprotect @2 +2",
     "[0,6)rw pgoff 0 av0", "vma_merge/both"},
    {"case 7, joins the one before", "mmap @0 +4; write @0 +4; mprotect @2 +2 ro", "mprotect @2 +2",
     "[0,4)rw pgoff 0 av0", "vma_merge/after_prev"},
    {"case 7, another one is after it",
     "mmap @0 +4; write @0 +4; mmap @4 +2 growsdown; mprotect @2 +2 ro", "mprotect @2 +2",
     "[0,4)rw pgoff 0 av0 [4,6)rwd pgoff 4 -", "vma_merge/after_prev"},
    {"case 8, joins the one after", "mmap @0 +4; write @0 +4; mprotect @0 +2 ro", "mprotect @0 +2",
     "[0,4)rw pgoff 0 av0", "vma_merge/before_next"},
    {"case 8, of moved vmas", "mmap @0 +4; write @0 +4; mremap @0 +4 @20; mprotect @20 +3 ro",
     "mprotect @20 +3", "[20,24)rw pgoff 0 av0", "vma_merge/before_next"},
};

// All vmas concerned are faulted, or the range is not: these every kernel has always merged.
TEST(VmaMerge, has_eight_cases) {
  for (const MergeCase& c : kCases) {
    for (std::string_view kernel : releases()) {
      SCOPED_TRACE(fmt::format("{} under {}", c.name, kernel));
      const World& w = expect_steps({{fmt::format("{}; {}", c.before, c.op)}}, kernel);
      EXPECT_EQ(draw_vmas(w), c.vmas);
      EXPECT_EQ(hits(fmt::format("{}; {}", c.before, c.op), c.site, kernel),
                hits(c.before, c.site, kernel) + 1);
    }
  }
}

// Contents, page by page, through every case: the oracle compares what is read.
TEST(VmaMerge, keeps_every_page_readable_and_findable) {
  for (const MergeCase& c : kCases) {
    for (std::string_view kernel : releases()) {
      Executor& e = sequential_executor(kernel);
      const Program before = program(fmt::format("setup {}", c.before));
      const Program p = program(fmt::format(
          "setup {}; {}; read @0 +6; read @20 +4; migrate @1; migrate @2; migrate @21; migrate @23",
          c.before, c.op));
      const Result& r = e.run(p);
      EXPECT_EQ(r.outcome.ending, sched::Ending::finished) << c.name << " under " << kernel;
      for (uint32_t i = before.ops.size() + 3; i < p.ops.size(); i++) {
        EXPECT_TRUE(r.ops[i].error == kOk || r.ops[i].error == kEnoent)
            << c.name << errno_name(r.ops[i].error);
      }
    }
  }
}

// --- Faulted and unfaulted -----------------------------------------------------------------------

// is_mergeable_anon_vma() in its three eras. A faulted part next to an unfaulted vma:
constexpr const char* kIntoUnfaulted =
    "mmap @1 +1; write @1 +1; mprotect @1 +1 ro; mmap @0 +1; mprotect @1 +1";
// an unfaulted part between an unfaulted vma and a faulted one:
constexpr const char* kIntoFaulted =
    "mmap @2 +1; write @2 +1; mmap @1 +1 ro; mmap @0 +1; mprotect @1 +1";

// equal_or_none: anything goes with a vma that has none; it is linked to what it takes over.
TEST(MergeAnon, until_2_6_39_a_vma_without_anon_vma_merges_with_any) {
  expect_steps({{kIntoUnfaulted, kOk, "[0,2)rw pgoff 0 av0 | 0:- 1:p0"}}, until("v2.6.36"));
  for (std::string_view kernel : until("v2.6.36"))
    EXPECT_EQ(hits(kIntoUnfaulted, "vma_adjust/imported", kernel), 1u) << kernel;
}

// singular_if_none: the one that stays must have a chain of one, and an empty chain is none.
TEST(MergeAnon, from_3_0_on_a_faulted_part_does_not_join_an_unfaulted_vma) {
  expect_steps({{kIntoUnfaulted, kOk, "[0,1)rw pgoff 0 - [1,2)rw pgoff 1 av0 | 0:- 1:p0"}},
               between("v3.0", "v5.7"));
  expect_steps({{kIntoUnfaulted, kOk, "[0,1)rw pgoff 0 - [1,2)rw pgoff 1 av0 | 0:- 1:p0w"}},
               between("v6.0", "v6.0"));
}

// unfaulted_too (879bca0a2c4f): the chain that has to be singular is that of the faulted one.
TEST(MergeAnon, from_6_16_on_it_joins_again) {
  expect_steps({{kIntoUnfaulted, kOk, "[0,2)rw pgoff 0 av0 | 0:- 1:p0w"}}, since("v6.16"));
}

TEST(MergeAnon, an_unfaulted_part_joins_a_faulted_vma_in_all_releases) {
  expect_steps({{"mmap @1 +1; write @1 +1; mmap @0 +1 ro; mprotect @0 +1", kOk,
                 "[0,2)rw pgoff 0 av0 | 0:- 1:p0w"}});
}

// Case 6 with nothing in the first two: what the third has is imported.
TEST(MergeAnon, three_vmas_of_which_only_the_last_is_faulted_become_one) {
  expect_steps({{kIntoFaulted, kOk, "[0,3)rw pgoff 0 av0 | 0:- 1:- 2:p0w"},
                {"migrate @2; read @2 +1", kOk, "[0,3)rw pgoff 0 av0 | 0:- 1:- 2:p1w"}});
  EXPECT_EQ(hits(kIntoFaulted, "vma_adjust/imported"), 1u);
}

// A boundary that moves into an unfaulted vma brings the anon_vma along (case 4); one that moves
// out of a faulted vma too (case 5).
TEST(MergeAnon, a_vma_that_pages_shift_into_is_linked_to_their_anon_vma) {
  const Kernels merging = {"v2.6.33", "v2.6.34", "v2.6.36", "v6.16", "v6.19", "newest"};
  for (std::string_view kernel : merging) {
    const char* w = kernel.starts_with("v2") ? "" : "w";  // mprotect() gives the page back at once.
    expect_steps({{"mmap @0 +2; write @0 +2; mprotect @0 +2 ro; mmap @2 +1; mprotect @1 +1", kOk,
                   fmt::format("[0,1)ro pgoff 0 av0 [1,3)rw pgoff 1 av0 | 0:p0 1:p1{} 2:-", w)},
                  {"migrate @1", kOk}},
                 kernel);
    expect_steps({{"mmap @1 +2; write @1 +2; mprotect @1 +2 ro; mmap @0 +1; mprotect @1 +1", kOk,
                   fmt::format("[0,2)rw pgoff 0 av0 [2,3)ro pgoff 2 av0 | 0:- 1:p0{} 2:p1", w)},
                  {"migrate @1", kOk}},
                 kernel);
  }
}

// VM_ACCOUNT: what could never be written does not merge with what can no longer.
TEST(Mprotect, does_not_merge_what_is_accounted_with_what_is_not) {
  expect_steps({{"mmap @0 +1 ro; mmap @1 +1; write @1 +1; mprotect @1 +1 ro", kOk,
                 "[0,1)ro pgoff 0 - [1,2)ro pgoff 1 av0 | 0:- 1:p0"}});
  const char* unfaulted = "mmap @0 +1 ro; mmap @1 +1; mprotect @1 +1 ro";
  expect_steps({{unfaulted, kOk, "[0,1)ro pgoff 0 - [1,2)ro pgoff 1 - | 0:- 1:-"}}, until("v6.0"));
  expect_steps({{unfaulted, kOk, "[0,2)ro pgoff 0 - | 0:- 1:-"}}, since("v6.16"));
}

// "avoid merging VMA cloned from parents. This can improve scalability caused by anon_vma lock."
TEST(MergeAnon, an_inherited_chain_does_not_take_in_unfaulted_memory_since_3_0) {
  const char* ops = "mmap @0 +1; write @0 +1; fork to mm1; exit; mmap mm1 @1 +1";
  expect_steps({{ops, kOk, "nothing || mm1 [0,2)rw pgoff 0 av1<av0 | 0:p0 1:-"}},
               between("v2.6.34", "v2.6.36"));
  expect_steps({{ops, kOk, "nothing || mm1 [0,1)rw pgoff 0 av1<av0 [1,2)rw pgoff 1 - | 0:p0 1:-"}},
               since("v3.0"));
}

// 287d97ac0321: the importer cloned its own chain, which was empty, and took the anon_vma all the
// same.
TEST(MergeAnon, the_importer_cloned_its_own_empty_chain_in_2_6_34_rc) {
  Executor& e = sequential_executor("v2.6.34-287d97ac0321");
  const Result& r = e.run(program("setup mmap @0 +1; mmap @2 +1; write @2 +1; mmap @1 +1"));
  EXPECT_EQ(draw(e.world()), "[0,3)rw pgoff 0 av0 unlinked | 0:- 1:- 2:p0w");
  ASSERT_EQ(r.outcome.ending, sched::Ending::violation);
  EXPECT_EQ(static_cast<Rule>(r.outcome.violation.rule), Rule::unreachable);
}

// b800c91a0517: a clone that found no anon_vma in the importer gave it one of the exporter's
// ancestors, counted it, and then the exporter's own was put over it.
TEST(MergeAnon, the_importer_counted_an_anon_vma_that_it_did_not_get_in_3_19_rc) {
  Executor& e = sequential_executor("v3.19-b800c91a0517");
  const Result& r = e.run(program("setup mmap @0 +1; mmap @2 +1; write @2 +1; mmap @1 +1; exit"));
  ASSERT_EQ(r.outcome.ending, sched::Ending::violation);
  EXPECT_EQ(static_cast<Rule>(r.outcome.violation.rule), Rule::anon_vma_count);
}

// --- Failing -------------------------------------------------------------------------------------

// mprotect may have split before it fails; what its user can see is as it was.
TEST(Mprotect, that_fails_changes_no_page) {
  for (std::string_view kernel : releases()) {
    if (kernel == "v3.19") continue;  // Below.
    const bool single = kernel == "v2.6.33";
    const Failed three =
        fail_each_allocation("mmap @0 +3; write @0 +3", "mprotect @1 +1 ro", kernel, users_view);
    EXPECT_EQ(three.with_enomem, single ? 2u : 4u) << kernel;
    EXPECT_EQ(three.with_success, 0u) << kernel;
    const Failed inherited =
        fail_each_allocation("mmap @0 +3; write @0 +3; fork to mm1; exit; write mm1 @0 +1",
                             "mprotect mm1 @1 +1 ro", kernel, users_view);
    EXPECT_EQ(inherited.with_enomem, single ? 2u : 6u) << kernel;
  }
}

// vma_merge() that lacks memory is no failure: mprotect leaves two vmas. Until 6.15 (47b16d0462a4).
TEST(Mprotect, does_without_a_merge_that_cannot_be_had) {
  const char* before = "mmap @1 +1; write @1 +1; mprotect @1 +1 ro; mmap @0 +1";
  for (std::string_view kernel : {"v2.6.34", "v2.6.36", "v6.16-47b16d0462a4"}) {
    const Failed f = fail_each_allocation(before, "mprotect @1 +1", kernel, users_view);
    EXPECT_EQ(f.with_enomem, 0u) << kernel;
    EXPECT_EQ(f.with_success, 1u) << kernel;
  }
  for (std::string_view kernel : {"v6.16", "newest"}) {
    const Failed f = fail_each_allocation(before, "mprotect @1 +1", kernel, users_view);
    EXPECT_EQ(f.with_enomem, 1u) << kernel;
    EXPECT_EQ(f.with_success, 0u) << kernel;
  }
}

// anon_vma_clone() cleans up with unlink_anon_vmas(), which counts the degree down, though it was
// never counted up (3fe89b3e2a7b, v4.0). When the vma goes, there are less than none.
TEST(Mprotect, a_split_that_failed_left_a_wrong_degree_in_3_19) {
  Executor& e = sequential_executor("v3.19");
  uint32_t wrong = 0;
  std::string zeros;
  for (int k = 0; k < 12; k++, zeros += " 00") {
    const Result& r = e.run(
        program("setup mmap @0 +2; write @0 +2; mprotect @1 +1 ro; exit\nfailures 1\ndecisions" +
                zeros + " 01"));
    if (r.outcome.ending != sched::Ending::violation) continue;
    EXPECT_EQ(static_cast<Rule>(r.outcome.violation.rule), Rule::anon_vma_count);
    wrong++;
  }
  EXPECT_EQ(wrong, 1u);
}

}  // namespace
}  // namespace rmap
