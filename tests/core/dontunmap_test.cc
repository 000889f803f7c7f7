// mremap(MREMAP_DONTUNMAP): the pages move, and the source stays mapped, empty. What becomes of its
// links and of its pgoff changed from release to release.
// SPDX-License-Identifier: Apache-2.0
#include "tests/core/vm_fixture.h"

namespace rmap {
namespace {

using namespace fixture;

// --- All releases that know it -------------------------------------------------------------------

TEST(DontUnmap, is_einval_before_5_7) {
  expect_steps({{"mmap @0 +2; write @0 +2"},
                {"mremap @0 +2 @8 dontunmap", kEinval, "[0,2)rw pgoff 0 av0 | 0:p0w 1:p1w"},
                {"mmap @8 +1; mremap @0 +2 @8 dontunmap", kEinval,
                 "[0,2)rw pgoff 0 av0 [8,9)rw pgoff 8 - | 0:p0w 1:p1w 8:-"}},
               until("v4.0"));
}

// The part keeps its links: the rest of the vma needs them.
TEST(DontUnmap, of_a_part_leaves_the_vma_whole_and_linked) {
  const World& w = expect_steps(
      {{"mmap @0 +4; write @0 +4; mremap @1 +2 @8 dontunmap", kOk,
        "[0,4)rw pgoff 0 av0 [8,10)rw pgoff 1 av0 | 0:p0w 1:- 2:- 3:p3w 8:p1w 9:p2w"},
       {"read @0 +4; write @1 +1", kOk,
        "[0,4)rw pgoff 0 av0 [8,10)rw pgoff 1 av0 | 0:p0w 1:p4w 2:z 3:p3w 8:p1w 9:p2w"},
       {"migrate @1; migrate @8; read @8 +2; read @0 +4", kOk}},
      since("v5.7"));
  EXPECT_EQ(draw_contents(w), "0:1 1:5 3:4 8:2 9:3");
}

TEST(DontUnmap, of_untouched_memory_maps_more_of_it) {
  expect_steps({{"mmap @0 +2; mremap @0 +2 @8 dontunmap", kOk,
                 "[0,2)rw pgoff 0 - [8,10)rw pgoff 8 - | 0:- 1:- 8:- 9:-"}},
               since("v5.7"));
}

TEST(DontUnmap, cannot_change_the_length) {
  const char* as_it_was = "[0,2)rw pgoff 0 - [8,9)rw pgoff 8 - | 0:- 1:- 8:-";
  expect_steps({{"mmap @0 +2; mmap @8 +1"},
                {"mremap @0 +2 @8 +1 dontunmap", kEinval, as_it_was},
                {"mremap @0 +2 @8 +3 dontunmap", kEinval, as_it_was},
                {"mremap @0 +2 @1 dontunmap", kEinval, as_it_was}},
               since("v5.7"));
}

TEST(DontUnmap, of_nothing_is_efault_and_unmaps_the_destination) {
  expect_steps(
      {{"mmap @0 +1; mmap @8 +1; mremap @0 +2 @8 dontunmap", kEfault, "[0,1)rw pgoff 0 - | 0:-"}},
      between("v5.7", "v6.16"));
  expect_steps({{"mmap @8 +1; mremap @0 +2 @8 dontunmap", kEfault, "[8,9)rw pgoff 8 - | 8:-"}},
               since("v6.19"));
}

TEST(DontUnmap, moves_what_the_source_was_given_since) {
  const World& w =
      expect_steps({{"mmap @0 +1; write @0 +1; mremap @0 +1 @8 dontunmap; write @0 +1; "
                     "mremap @0 +1 @20 dontunmap; write @0 +1; read @8 +1; read @20 +1"}},
                   since("v5.7"));
  EXPECT_EQ(draw_contents(w), "0:3 8:1 20:2");
}

// --- The source's links --------------------------------------------------------------------------

constexpr const char* kWhole = "mmap @0 +2; write @0 +2; mremap @0 +2 @8 dontunmap";

TEST(DontUnmap, of_a_whole_vma_left_it_linked_in_5_7) {
  expect_steps(
      {{kWhole, kOk, "[0,2)rw pgoff 0 av0 [8,10)rw pgoff 0 av0 | 0:- 1:- 8:p0w 9:p1w"},
       {"write @0 +1", kOk, "[0,2)rw pgoff 0 av0 [8,10)rw pgoff 0 av0 | 0:p2w 1:- 8:p0w 9:p1w"},
       {"migrate @8; migrate @0", kOk}},
      "v5.7");
}

// 1583aa278f5c (5.13): the links are of no use any more; the next write gets a new anon_vma.
TEST(DontUnmap, of_a_whole_vma_unlinks_it_since_5_13) {
  expect_steps(
      {{kWhole, kOk, "[0,2)rw pgoff 0 - [8,10)rw pgoff 0 av0 | 0:- 1:- 8:p0w 9:p1w"},
       {"write @0 +1", kOk, "[0,2)rw pgoff 0 av1 [8,10)rw pgoff 0 av0 | 0:p2w 1:- 8:p0w 9:p1w"},
       {"migrate @8; migrate @0", kOk}},
      since("v6.0"));
}

TEST(DontUnmap, of_a_childs_vma_forgets_its_ancestors) {
  const char* ops =
      "mmap @0 +1; write @0 +1; fork to mm1; mremap mm1 @0 +1 @8 dontunmap; write mm1 @0 +1";
  expect_steps(
      {{ops, kOk,
        "[0,1)rw pgoff 0 av0 | 0:p0x2 || mm1 [0,1)rw pgoff 0 av2 [8,9)rw pgoff 0 av1<av0 | "
        "0:p1w 8:p0x2"}},
      between("v6.0", "v6.19"));
  expect_steps({{ops, kOk,
                 "[0,1)rw pgoff 0 av0 | 0:p0x2 || mm1 [0,1)rw pgoff 0 av2 [8,9)rw pgoff 0 av1 in "
                 "av0<av1 | 0:p1w 8:p0x2"}},
               since(kNewest));
}

// ee8ab1903e3d: the links went and vma->anon_vma stayed, so that the next page got an anon_vma that
// knows nothing of its vma.
TEST(DontUnmap, a_source_that_kept_its_pointer_without_links_lost_pages) {
  Executor& e = sequential_executor("v6.0-ee8ab1903e3d");
  const Result& r = e.run(program(fmt::format("setup {}; write @0 +1", kWhole)));
  EXPECT_EQ(draw(e.world()),
            "[0,2)rw pgoff 0 av0 unlinked [8,10)rw pgoff 0 av0 | 0:p2w 1:- 8:p0w 9:p1w");
  ASSERT_EQ(r.outcome.ending, sched::Ending::violation);
  EXPECT_EQ(static_cast<Rule>(r.outcome.violation.rule), Rule::unreachable);
}

// --- The source's pgoff --------------------------------------------------------------------------

// A source that had been moved has a pgoff that is not its address. Unfaulted vmas have no other.
constexpr const char* kMoved =
    "mmap @0 +2; write @0 +2; mremap @0 +2 @8; mremap @8 +2 @20 dontunmap";

TEST(DontUnmap, a_moved_source_kept_its_pgoff_until_6_19) {
  for (std::string_view kernel : between("v6.0", "v6.19")) {
    Executor& e = sequential_executor(kernel);
    const Result& r = e.run(program(fmt::format("setup {}", kMoved)));
    EXPECT_EQ(draw(e.world()), "[8,10)rw pgoff 0 - [20,22)rw pgoff 0 av0 | 8:- 9:- 20:p0w 21:p1w");
    ASSERT_EQ(r.outcome.ending, sched::Ending::violation) << kernel;
    EXPECT_EQ(static_cast<Rule>(r.outcome.violation.rule), Rule::unfaulted_pgoff) << kernel;
  }
}

TEST(DontUnmap, a_moved_source_gets_the_pgoff_of_its_address) {
  expect_steps({{kMoved, kOk, "[8,10)rw pgoff 8 - [20,22)rw pgoff 0 av0 | 8:- 9:- 20:p0w 21:p1w"},
                {"mmap @10 +1", kOk,
                 "[8,11)rw pgoff 8 - [20,22)rw pgoff 0 av0 | 8:- 9:- 10:- 20:p0w 21:p1w"}},
               kNewest);
}

// Linked, it needs it.
TEST(DontUnmap, a_moved_source_that_stays_linked_keeps_its_pgoff) {
  expect_steps(
      {{kMoved, kOk, "[8,10)rw pgoff 0 av0 [20,22)rw pgoff 0 av0 | 8:- 9:- 20:p0w 21:p1w"}},
      "v5.7");
  expect_steps({{"mmap @0 +2; write @0 +2; mremap @0 +2 @8; mremap @8 +1 @20 dontunmap", kOk,
                 "[8,10)rw pgoff 0 av0 [20,21)rw pgoff 0 av0 | 8:- 9:p1w 20:p0w"}},
               kNewest);
}

// --- Merging -------------------------------------------------------------------------------------

// Untouched memory next to itself: source and destination became one, up to 6.19.
TEST(DontUnmap, a_source_merged_with_itself_until_6_19) {
  const char* ops = "mmap @0 +2; read @0 +1; mremap @0 +2 @2 dontunmap";
  expect_steps({{ops, kOk, "[0,4)rw pgoff 0 - | 0:- 1:- 2:z 3:-"}}, between("v5.7", "v6.19"));
  expect_steps({{ops, kOk, "[0,2)rw pgoff 0 - [2,4)rw pgoff 2 - | 0:- 1:- 2:z 3:-"}}, kNewest);
  EXPECT_EQ(hits(ops, "copy_vma/self_merged", "v6.19"), 1u);
  EXPECT_EQ(hits(ops, "copy_vma/self_merged"), 0u);
}

TEST(DontUnmap, back_merges_with_what_is_there) {
  expect_steps({{"mmap @0 +2; write @0 +2; mremap @1 +1 @8; mremap @8 +1 @1 dontunmap", kOk,
                 "[0,2)rw pgoff 0 av0 [8,9)rw pgoff 8 - | 0:p0w 1:p1w 8:-"}},
               kNewest);
}

// --- Failing -------------------------------------------------------------------------------------

// Everything moves back, and the destination goes: nobody can tell that it was tried.
TEST(DontUnmap, that_fails_moves_everything_back) {
  for (std::string_view kernel : since("v5.7")) {
    const Failed f =
        fail_each_allocation("mmap @2 +8; write @2 +8", "mremap @2 +8 @21 dontunmap", kernel);
    EXPECT_EQ(f.coverage.hits["move_vma/rollback"_site.index], 3u) << kernel;
    EXPECT_EQ(f.with_enomem, 5u) << kernel;  // The vma, its chain element, three page tables.
  }
}

}  // namespace
}  // namespace rmap
