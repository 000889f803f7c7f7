// fork: what a child gets, how it is linked to its ancestors' anon_vmas, and what is left when an
// allocation fails half-way. What the two write afterwards: cow_test.cc.
// SPDX-License-Identifier: Apache-2.0
#include "tests/core/vm_fixture.h"

namespace rmap {
namespace {

using namespace fixture;

// --- The copy ------------------------------------------------------------------------------------

TEST(Fork, of_nothing_is_nothing) { expect_steps({{"fork to mm1", kOk, "nothing"}}); }

// Both sides lose the write permission, so that the first write on either side copies.
TEST(Fork, shares_every_page_and_protects_it_on_both_sides) {
  expect_steps({{"mmap @0 +2; write @0 +2"},
                {"fork to mm1", kOk,
                 "[0,2)rw pgoff 0 av0 | 0:p0x2 1:p1x2 || mm1 [0,2)rw pgoff 0 av1<av0 | 0:p0x2 "
                 "1:p1x2"}},
               since("v2.6.34"));
}

// anon_vma_link(): one list for a whole family.
TEST(Fork, joins_the_parents_anon_vma_before_there_were_chains) {
  const World& w = expect_steps(
      {{"mmap @0 +2; write @0 +2; fork to mm1; fork mm1 to mm2", kOk,
        "[0,2)rw pgoff 0 av0 | 0:p0x3 1:p1x3 || mm1 [0,2)rw pgoff 0 av0 | 0:p0x3 1:p1x3 || mm2 "
        "[0,2)rw pgoff 0 av0 | 0:p0x3 1:p1x3"}},
      "v2.6.33");
  EXPECT_EQ(draw_used(w), "2 pages, 3 tables, 3 vmas, 3 links, 1 anon_vmas");
}

// copy_page_range(): without an anon_vma there can be nothing that a fault would not bring again.
TEST(Fork, does_not_copy_what_a_fault_would_fill_in) {
  const World& w = expect_steps(
      {{"mmap @0 +2; read @0 +1"},
       {"fork to mm1", kOk, "[0,2)rw pgoff 0 - | 0:z 1:- || mm1 [0,2)rw pgoff 0 - | 0:- 1:-"}});
  EXPECT_EQ(draw_tables(w, 1), "");
}

TEST(Fork, copies_the_zero_page_along_with_others) {
  expect_steps({{"mmap @0 +2; read @0 +1; write @1 +1; fork to mm1", kOk,
                 "[0,2)rw pgoff 0 av0 | 0:z 1:p0x2 || mm1 [0,2)rw pgoff 0 av1<av0 | 0:z 1:p0x2"}},
               since("v2.6.34"));
}

TEST(Fork, copies_every_vma_with_its_protection_and_pgoff) {
  expect_steps(
      {{"mmap @0 +1; mmap @4 +2 ro; mmap @20 +1 growsdown; write @0 +1; write @20 +1; "
        "mremap @0 +1 @9"},
       {"fork to mm2", kOk,
        "[4,6)ro pgoff 4 - [9,10)rw pgoff 0 av0 [20,21)rwd pgoff 20 av1 | 4:- 5:- 9:p0x2 20:p1x2 "
        "|| mm2 [4,6)ro pgoff 4 - [9,10)rw pgoff 0 av2<av0 [20,21)rwd pgoff 20 av3<av1 | 4:- 5:- "
        "9:p0x2 20:p1x2"}},
      since("v2.6.34"));
}

TEST(Fork, copies_the_page_tables_that_are_there) {
  const World& w = expect_steps({{"mmap @0 +13; write @1 +1; write @11 +1; fork to mm1"}});
  EXPECT_EQ(draw_tables(w, 0), "0 2");
  EXPECT_EQ(draw_tables(w, 1), "0 2");
  EXPECT_EQ(draw_contents(w, 1), "1:1 11:2");
}

// copy_pte_range() drops its locks after a few entries, and at the end of each table.
TEST(Fork, copies_in_batches) {
  const std::string written = "mmap @2 +7; write @2 +7";
  EXPECT_EQ(hits(written + "; fork to mm1", "copy_pte_range/src_ptl"),
            2 * 4u);  // 2-3 4-5 6-7 8: each locks and unlocks.
}

TEST(Fork, a_child_has_its_own_heap_that_ends_where_the_parents_did) {
  const World& w =
      expect_steps({{"brk @18; fork to mm1", kOk,
                     "[16,18)rw pgoff 16 - | 16:- 17:- || mm1 [16,18)rw pgoff 16 - | 16:- 17:-"},
                    {"brk mm1 @17; brk @19", kOk,
                     "[16,19)rw pgoff 16 - | 16:- 17:- 18:- || mm1 [16,17)rw pgoff 16 - | 16:-"}});
  EXPECT_EQ(w.mms[0].brk, 19u);
  EXPECT_EQ(w.mms[1].brk, 17u);
}

// The model names the child's mm. The kernel always has a new one.
TEST(Fork, to_an_mm_in_use_is_refused) {
  expect_steps({{"mmap @0 +1; fork to mm0", kEinval, "[0,1)rw pgoff 0 - | 0:-"},
                {"mmap mm1 @4 +1"},
                {"fork to mm1", kEagain, "[0,1)rw pgoff 0 - | 0:- || mm1 [4,5)rw pgoff 4 - | 4:-"},
                {"munmap mm1 @0 +64; fork to mm1", kOk,
                 "[0,1)rw pgoff 0 - | 0:- || mm1 [0,1)rw pgoff 0 - | 0:-"}});
}

TEST(Fork, a_page_that_both_map_can_be_migrated_from_either_side) {
  const World& w = expect_steps(
      {{"mmap @0 +1; write @0 +1; fork to mm1"},
       {"migrate mm1 @0", kOk,
        "[0,1)rw pgoff 0 av0 | 0:p1x2 || mm1 [0,1)rw pgoff 0 av1<av0 | 0:p1x2"},
       {"migrate @0", kOk, "[0,1)rw pgoff 0 av0 | 0:p0x2 || mm1 [0,1)rw pgoff 0 av1<av0 | 0:p0x2"},
       {"read mm1 @0 +1", kOk}},
      since("v2.6.34"));
  EXPECT_EQ(draw_contents(w, 1), "0:1");
}

// --- Chains --------------------------------------------------------------------------------------

// Since 7.0 it turns what it copies round first.
TEST(Fork, each_generation_adds_an_anon_vma_to_the_chain) {
  const char* ops = "mmap @0 +1; write @0 +1; fork to mm1; fork mm1 to mm2; fork mm2 to mm3";
  expect_steps({{ops, kOk,
                 "[0,1)rw pgoff 0 av0 | 0:p0x4 || mm1 [0,1)rw pgoff 0 av1<av0 | 0:p0x4 || mm2 "
                 "[0,1)rw pgoff 0 av2<av1<av0 | 0:p0x4 || mm3 [0,1)rw pgoff 0 av3<av2<av1<av0 | "
                 "0:p0x4"}},
               between("v2.6.34", "v6.19"));
  expect_steps({{ops, kOk,
                 "[0,1)rw pgoff 0 av0 | 0:p0x4 || mm1 [0,1)rw pgoff 0 av1<av0 | 0:p0x4 || mm2 "
                 "[0,1)rw pgoff 0 av2<av0<av1 | 0:p0x4 || mm3 [0,1)rw pgoff 0 av3<av1<av0<av2 | "
                 "0:p0x4"}},
               since(kNewest));
}

// Each of two vmas that share an anon_vma gets one of its own.
TEST(Fork, vmas_that_shared_an_anon_vma_part_in_the_child) {
  expect_steps({{"mmap @0 +2; write @0 +2; mprotect @1 +1 ro; fork to mm1", kOk,
                 "[0,1)rw pgoff 0 av0 [1,2)ro pgoff 1 av0 | 0:p0x2 1:p1x2 || mm1 [0,1)rw pgoff 0 "
                 "av1<av0 [1,2)ro pgoff 1 av2<av0 | 0:p0x2 1:p1x2"}},
               since("v2.6.34"));
}

// 4e4a9eb92133 (5.5 and 5.6) wanted the child's two vmas to share one. What it compared was the
// parent's, so that the child's second vma got the parent's own anon_vma.
TEST(Fork, a_child_shared_its_parents_anon_vma_in_5_5) {
  const char* ops = "mmap @0 +2; write @0 +2; mprotect @1 +1 ro; fork to mm1";
  expect_steps({{ops, kOk,
                 "[0,1)rw pgoff 0 av0 [1,2)ro pgoff 1 av0 | 0:p0x2 1:p1x2 || mm1 [0,1)rw pgoff 0 "
                 "av1<av0 [1,2)ro pgoff 1 av0 | 0:p0x2 1:p1x2"}},
               "v4.0+4e4a9eb92133");
  EXPECT_EQ(hits(ops, "anon_vma_fork/shared", "v4.0+4e4a9eb92133"), 1u);
  EXPECT_EQ(hits(ops, "anon_vma_fork/shared", "v4.0"), 0u);
}

// The mms that a walk of anon_vma `a` comes to, in order.
std::string walk_order(const World& w, unsigned a) {
  std::vector<std::string> mms;
  for (AvcId id = w.anon_vmas[a].head; id.valid(); id = w.avcs[id.value].next)
    mms.push_back(fmt::format("mm{}", w.vmas[w.avcs[id.value].vma.value].mm.value));
  return fmt::format("{}", fmt::join(mms, " "));
}

// What fork relies on: entries are copied without the anon_vma lock, and a walk that must see the
// copy comes to the child after the parent.
TEST(Fork, walks_come_to_the_parent_first) {
  const char* ops = "mmap @0 +1; write @0 +1; fork to mm3; fork mm3 to mm1; fork to mm2";
  for (std::string_view kernel : releases()) {
    EXPECT_EQ(walk_order(expect_steps({{ops}}, kernel), 0), "mm0 mm3 mm1 mm2") << kernel;
  }
  EXPECT_EQ(walk_order(expect_steps({{ops}}, "v3.0+link-at-head"), 0), "mm2 mm1 mm3 mm0");
}

// 646d87b481da: reversed and reversed again, the oldest element came to be the newest.
TEST(Fork, the_chain_of_a_grandchild_was_in_disorder_in_2_6_34_rc) {
  const char* ops = "mmap @0 +1; write @0 +1; fork to mm1; fork mm1 to mm2";
  Executor& e = sequential_executor("v2.6.34-646d87b481da");
  const Result& r = e.run(program(fmt::format("setup {}", ops)));
  EXPECT_EQ(draw(e.world(), 2), "[0,1)rw pgoff 0 av2<av0<av1 | 0:p0x3");
  EXPECT_EQ(static_cast<Rule>(r.outcome.violation.rule), Rule::chain_order);
}

// --- Reuse ---------------------------------------------------------------------------------------

// 7a3ef208e662: an anon_vma that the one who wrote through it left behind is as good as a new one,
// so that a process that forks and exits for ever does not grow a chain without end.
TEST(Fork, reuses_the_anon_vma_of_an_ancestor_that_is_gone) {
  const std::string ops =
      "mmap @0 +1; write @0 +1; fork to mm1; fork mm1 to mm2; exit mm1; fork mm2 to mm3";
  expect_steps({{ops, kOk,
                 "[0,1)rw pgoff 0 av0 | 0:p0x3 || mm2 [0,1)rw pgoff 0 av2<av1<av0 | 0:p0x3 || mm3 "
                 "[0,1)rw pgoff 0 av3<av2<av1<av0 | 0:p0x3"}},
               between("v2.6.34", "v3.7"));
  expect_steps({{ops, kOk,
                 "[0,1)rw pgoff 0 av0 | 0:p0x3 || mm2 [0,1)rw pgoff 0 av2<av1<av0 | 0:p0x3 || mm3 "
                 "[0,1)rw pgoff 0 av1 in av2<av1<av0 | 0:p0x3"},
                {"exit mm2; exit; write mm3 @0 +1; migrate mm3 @0", kOk,
                 "nothing || mm3 [0,1)rw pgoff 0 av1 in av2<av1<av0 | 0:p1w"},
                {"exit mm3", kOk, "nothing"}},
               between("v3.19", "v6.19"));
  expect_steps({{ops, kOk,
                 "[0,1)rw pgoff 0 av0 | 0:p0x3 || mm2 [0,1)rw pgoff 0 av2<av0<av1 | 0:p0x3 || mm3 "
                 "[0,1)rw pgoff 0 av1<av0<av2 | 0:p0x3"},
                {"exit mm2; exit; write mm3 @0 +1; migrate mm3 @0", kOk,
                 "nothing || mm3 [0,1)rw pgoff 0 av1<av0<av2 | 0:p1w"},
                {"exit mm3", kOk, "nothing"}},
               since(kNewest));
  EXPECT_EQ(hits(ops, "anon_vma_clone/reused", "v3.19"), 1u);
}

// The parent's own is never reused while the parent has it, nor that of a root: its own link to
// itself counts as a child.
TEST(Fork, reuses_nothing_that_somebody_has) {
  for (const char* ops : {"mmap @0 +1; write @0 +1; fork to mm1; fork to mm2; fork mm1 to mm3",
                          "mmap @0 +1; write @0 +1; fork to mm1; exit; fork mm1 to mm2"}) {
    for (std::string_view kernel : since("v3.19"))
      EXPECT_EQ(hits(ops, "anon_vma_clone/reused", kernel), 0u) << kernel << ": " << ops;
  }
}

// A descendant that reused has no anon_vma of its own, so av2 has one user (mm2's vma) and no
// child: below two, though it is in use. mm3 shares it from then on.
constexpr const char* kInUse =
    "mmap @0 +1; write @0 +1; fork to mm1; fork mm1 to mm2; exit mm1; fork mm2 to mm1; "
    "fork mm1 to mm3";

TEST(Fork, a_degree_below_two_may_be_that_of_an_anon_vma_in_use) {
  expect_steps({{kInUse, kOk,
                 "[0,1)rw pgoff 0 av0 | 0:p0x4 || mm1 [0,1)rw pgoff 0 av1 in av2<av1<av0 | 0:p0x4 "
                 "|| mm2 [0,1)rw pgoff 0 av2<av1<av0 | 0:p0x4 || mm3 [0,1)rw pgoff 0 av2<av1<av0 | "
                 "0:p0x4"}},
               between("v3.19", "v5.7"));
}

// 2555283eb40d counts children and vmas apart.
TEST(Fork, an_anon_vma_with_an_active_vma_is_not_reused_since_6_0) {
  expect_steps({{kInUse, kOk,
                 "[0,1)rw pgoff 0 av0 | 0:p0x4 || mm1 [0,1)rw pgoff 0 av1 in av2<av1<av0 | 0:p0x4 "
                 "|| mm2 [0,1)rw pgoff 0 av2<av1<av0 | 0:p0x4 || mm3 [0,1)rw pgoff 0 "
                 "av3<av2<av1<av0 | 0:p0x4"}},
               between("v6.0", "v6.19"));
  expect_steps({{kInUse, kOk,
                 "[0,1)rw pgoff 0 av0 | 0:p0x4 || mm1 [0,1)rw pgoff 0 av1<av0<av2 | 0:p0x4 || mm2 "
                 "[0,1)rw pgoff 0 av2<av0<av1 | 0:p0x4 || mm3 [0,1)rw pgoff 0 av3<av2<av0<av1 | "
                 "0:p0x4"}},
               since(kNewest));
}

// CVE-2022-42703. av2 is reused once more, by a vma whose chain is longer than that of the first:
// were the two neighbours, vma_merge() would take one for the other, and drop links.
TEST(Fork, vmas_with_one_anon_vma_had_different_chains_until_6_0) {
  const std::string ops =
      "mmap @0 +1; write @0 +1; fork to mm1; fork mm1 to mm2; exit mm1; fork mm2 to mm1; exit; "
      "fork mm1 to mm3; fork mm1 to mm0; exit mm3; fork to mm3";
  for (std::string_view kernel : between("v3.19", "v5.7")) {
    Executor& e = sequential_executor(kernel);
    const Result& r = e.run(program("setup " + ops));
    EXPECT_EQ(draw_vmas(e.world(), 2), "[0,1)rw pgoff 0 av2<av1<av0");
    EXPECT_EQ(draw_vmas(e.world(), 3), "[0,1)rw pgoff 0 av2 in av3<av2<av1<av0");
    ASSERT_EQ(r.outcome.ending, sched::Ending::violation) << kernel;
    EXPECT_EQ(static_cast<Rule>(r.outcome.violation.rule), Rule::chain_mismatch) << kernel;
  }
  expect_steps({{ops}}, since("v6.0"));
}

// --- Failing -------------------------------------------------------------------------------------

// A vma with pages in two tables, one that shares its anon_vma, an unfaulted one, and a second fork
// above it, so that chains have more than one element.
constexpr const char* kFamily =
    "mmap @2 +5; write @2 +5; mprotect @5 +2 ro; mmap @20 +1; fork to mm1; exit; fork mm1 to mm0";

// mmput() of the half-made child: no vma, page table, chain element or reference may remain.
TEST(Fork, that_fails_leaves_the_parent_as_it_was_and_no_child) {
  for (std::string_view kernel : releases()) {
    const Failed failed = fail_each_allocation("mmap @0 +5; write @0 +5; mmap @8 +1", "fork to mm1",
                                               kernel, users_view);
    EXPECT_GE(failed.with_enomem, kernel == "v2.6.33" ? 4u : 7u) << kernel;
    EXPECT_EQ(failed.with_success, 0u) << kernel;
  }
}

TEST(Fork, of_a_child_that_fails_leaves_it_as_it_was) {
  for (std::string_view kernel : releases()) {
    if (kernel == "v3.19") continue;  // Below.
    const Failed failed = fail_each_allocation(kFamily, "fork mm1 to mm2", kernel, users_view);
    EXPECT_GE(failed.with_enomem, kernel == "v2.6.33" ? 5u : 7u) << kernel;
    EXPECT_EQ(failed.with_success, 0u) << kernel;
  }
}

// The objects of the child are all given back; only the parent's entries stay write-protected.
TEST(Fork, that_fails_gives_everything_back) {
  for (std::string_view kernel : releases()) {
    const auto used = [](const World& w) { return draw_used(w) + " " + draw_tables(w, 1); };
    fail_each_allocation("mmap @0 +5; write @0 +5; mmap @8 +1", "fork to mm1", kernel, used);
  }
}

// anon_vma_fork() unlinked nothing when its second half failed (4946d54cb55e): the elements of a
// vma that is freed stay in the parent's anon_vma.
TEST(Fork, that_failed_left_chain_elements_behind_in_2_6_34_rc) {
  Executor& e = sequential_executor("v2.6.34-4946d54cb55e");
  uint32_t leaks = 0;
  std::string zeros;
  for (int k = 0; k < 12; k++, zeros += " 00") {
    const Result& r = e.run(program(
        "setup mmap @0 +1; write @0 +1; fork to mm1\nfailures 1\ndecisions" + zeros + " 01"));
    if (r.outcome.ending != sched::Ending::violation) continue;
    EXPECT_EQ(static_cast<Rule>(r.outcome.violation.rule), Rule::leak);
    EXPECT_EQ(static_cast<Manner>(r.outcome.violation.manner), Manner::chain);
    leaks++;
  }
  EXPECT_EQ(leaks, 2u);  // The anon_vma, and the element for it.
}

TEST(Fork, after_one_that_failed_works) {
  for (std::string_view kernel : since("v2.6.34")) {
    std::string zeros;
    for (int k = 0; k < 14; k++, zeros += " 00") {
      Executor& e = sequential_executor(kernel);
      const Result& r =
          e.run(program("setup mmap @0 +1; write @0 +1; fork to mm1; fork to mm2; write @0 +1; "
                        "read mm2 @0 +1\nfailures 1\ndecisions" +
                        zeros + " 01"));
      ASSERT_EQ(r.outcome.ending, sched::Ending::finished) << kernel << k;
      if (r.ops[0].error != kOk || r.ops[1].error != kOk || r.ops[2].error != kEnomem) continue;
      EXPECT_EQ(draw_user(e.world(), 0) + " " + draw_user(e.world(), 2), "0:w2 0:w1");
    }
  }
}

}  // namespace
}  // namespace rmap
