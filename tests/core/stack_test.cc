// Stacks: vmas that grow down to where they are touched (mmap ... growsdown).
//
// Simplified, here as in the model: no rlimit, no guard page (2.6.36) and no guard gap (4.12).
// SPDX-License-Identifier: Apache-2.0
#include "tests/core/vm_fixture.h"

namespace rmap {
namespace {

using namespace fixture;

// expand_stack() prepares an anon_vma, "so that locking it is not a no-op"; pgoff follows the
// start.
TEST(Stack, grows_down_to_a_read) {
  expect_steps({{"mmap @8 +2 growsdown", kOk, "[8,10)rwd pgoff 8 - | 8:- 9:-"},
                {"read @5 +1", kOk, "[5,10)rwd pgoff 5 av0 | 5:z 6:- 7:- 8:- 9:-"}});
}

TEST(Stack, grows_down_to_a_write) {
  expect_steps({{"mmap @8 +2 growsdown; write @9 +1; write @5 +1", kOk,
                 "[5,10)rwd pgoff 5 av0 | 5:p1w 6:- 7:- 8:- 9:p0w"},
                {"write @3 +1", kOk, "[3,10)rwd pgoff 3 av0 | 3:p2w 4:- 5:p1w 6:- 7:- 8:- 9:p0w"}});
}

TEST(Stack, does_not_grow_when_it_is_touched_inside) {
  const char* ops = "mmap @8 +2 growsdown; write @8 +2";
  expect_steps({{ops, kOk, "[8,10)rwd pgoff 8 av0 | 8:p0w 9:p1w"}});
  EXPECT_EQ(hits(ops, "expand_stack/grow"), 0u);
}

TEST(Stack, does_not_grow_up) {
  expect_steps({{"mmap @8 +1 growsdown; write @9 +1", kEfault, "[8,9)rwd pgoff 8 - | 8:-"}});
}

TEST(Stack, grows_down_to_its_neighbour_and_merges_with_none) {
  expect_steps({{"mmap @0 +2; mmap @8 +1 growsdown; write @1 +1; write @2 +1", kOk,
                 "[0,2)rw pgoff 0 av0 [2,9)rwd pgoff 2 av1 | 0:- 1:p0w 2:p1w 3:- 4:- 5:- 6:- 7:- "
                 "8:-"}});
  expect_steps({{"mmap @0 +1 growsdown; mmap @3 +1 growsdown; read @1 +1", kOk,
                 "[0,1)rwd pgoff 0 - [1,4)rwd pgoff 1 av0 | 0:- 1:z 2:- 3:-"}});
}

// The first vma above the address must be one that grows.
TEST(Stack, what_lies_below_another_vma_is_efault) {
  expect_steps({{"mmap @4 +1; mmap @8 +1 growsdown; read @2 +1", kEfault,
                 "[4,5)rw pgoff 4 - [8,9)rwd pgoff 8 - | 4:- 8:-"}});
}

// Only faults grow it.
TEST(Stack, no_call_grows_it) {
  const char* as_it_was = "[8,9)rwd pgoff 8 - | 8:-";
  expect_steps({{"mmap @8 +1 growsdown"},
                {"madvise @6 +1", kEnomem, as_it_was},
                {"mprotect @6 +1 ro", kEnomem, as_it_was},
                {"munmap @6 +1", kOk, as_it_was},
                {"migrate @6", kEnoent, as_it_was},
                {"mremap @6 +1 @20", kEfault, as_it_was}});
}

// It grows first, and the permission is looked at afterwards.
TEST(Stack, that_is_read_only_grows_to_a_write_that_fails) {
  expect_steps({{"mmap @8 +1 growsdown; mprotect @8 +1 ro; write @6 +1", kEfault,
                 "[6,9)rod pgoff 6 av0 | 6:- 7:- 8:-"}});
}

// "if (grow <= vma->vm_pgoff)": the pgoff of a stack that was moved up runs out earlier.
TEST(Stack, cannot_grow_below_pgoff_0_since_2_6_39) {
  const char* ops = "mmap @4 +1 growsdown; write @4 +1; mremap @4 +1 @20; write @16 +1";
  expect_steps({{ops, kOk, "[16,21)rwd pgoff 0 av0 | 16:p1w 17:- 18:- 19:- 20:p0w"},
                {"read @15 +1", kEfault, "[16,21)rwd pgoff 0 av0 | 16:p1w 17:- 18:- 19:- 20:p0w"}},
               since("v3.0"));
  // Before a626ca6a6564 its pgoff wraps, and so do the indices of its pages: they agree.
  expect_steps({{ops}, {"write @15 +1; migrate @15; read @15 +1"}}, until("v2.6.36"));
}

TEST(Stack, is_a_property_that_neighbours_must_share_to_merge) {
  expect_steps({{"mmap @8 +1 growsdown; mmap @7 +1 growsdown", kOk, "[7,9)rwd pgoff 7 - | 7:- 8:-"},
                {"mmap @9 +1; mmap @6 +1", kOk,
                 "[6,7)rw pgoff 6 - [7,9)rwd pgoff 7 - [9,10)rw pgoff 9 - | 6:- 7:- 8:- 9:-"}});
}

TEST(Stack, both_parts_of_one_that_is_cut_grow) {
  expect_steps({{"mmap @8 +5 growsdown; write @12 +1; munmap @9 +2; write @10 +1; write @7 +1", kOk,
                 "[7,9)rwd pgoff 7 av0 [10,13)rwd pgoff 10 av0 | 7:p2w 8:- 10:p1w 11:- 12:p0w"}});
}

TEST(Stack, of_a_child_grows_by_itself) {
  const World& w = expect_steps(
      {{"mmap @8 +1 growsdown; write @7 +1; fork to mm1; write mm1 @5 +1; write @6 +1", kOk,
        "[6,9)rwd pgoff 6 av0 | 6:p2w 7:p0x2 8:- || mm1 [5,9)rwd pgoff 5 av1<av0 | 5:p1w 6:- "
        "7:p0x2 "
        "8:-"},
       {"migrate @7", kOk}},
      since("v2.6.34"));
  EXPECT_EQ(draw_contents(w, 0) + " / " + draw_contents(w, 1), "6:3 7:1 / 5:2 7:1");
}

// Pages that were there before it grew are found at their places.
TEST(Stack, its_pages_are_found_after_it_grew) {
  expect_steps(
      {{"mmap @8 +2 growsdown; write @8 +2; write @3 +1; migrate @8; migrate @9; migrate @3", kOk,
        "[3,10)rwd pgoff 3 av0 | 3:p1w 4:- 5:- 6:- 7:- 8:p3w 9:p0w"},
       {"read @3 +7", kOk}});
}

// 8d7071af8907 (6.5): under mmap_lock for write, and the access is tried again.
TEST(Stack, grows_under_mmap_lock_for_write_since_6_5) {
  const char* ops = "mmap @8 +1 growsdown; read @7 +1";
  for (std::string_view kernel : releases()) {
    const bool for_write = kernel_named(kernel).kernel.stack_mmap == StackMmap::write;
    EXPECT_EQ(hits(ops, "expand_stack/grow", kernel), 1u);
    EXPECT_EQ(hits(ops, "expand_stack/mmap_sem", kernel), for_write ? 2u : 0u) << kernel;
  }
}

// linear_page_index() reads vm_start and vm_pgoff, one after the other, under mmap_sem for read.
// Until 6.5 another task's fault could grow the stack in between: the page is born with an index
// that leads nowhere. All schedules with at most two preemptions.
TEST(Stack, a_fault_that_runs_while_it_grew_gave_its_page_a_wrong_index_until_6_5) {
  const Program p =
      program("setup mmap @8 +2 growsdown; write @8 +1\ncpu1 write @9 +1\ncpu2 read @5 +1");
  const auto unreachable = [&](std::string_view kernel) {
    uint32_t n = 0;
    sched::ExhaustiveDecisions all(2);
    do {
      const Result& r = executor(kernel).run(p, all);
      const bool lost = r.outcome.ending == sched::Ending::violation &&
                        static_cast<Rule>(r.outcome.violation.rule) == Rule::unreachable;
      EXPECT_TRUE(lost || r.outcome.ending == sched::Ending::finished) << kernel;
      n += lost;
    } while (all.next());
    return n;
  };
  for (std::string_view kernel : until("v6.0")) EXPECT_GT(unreachable(kernel), 0u) << kernel;
  for (std::string_view kernel : since("v6.16")) EXPECT_EQ(unreachable(kernel), 0u) << kernel;
}

// An anon_vma, or the entry's page table or page: a fault that fails for lack of memory may have
// grown the stack.
TEST(Stack, that_cannot_grow_is_efault_or_enomem_and_harms_nothing) {
  for (std::string_view kernel : releases()) {
    Executor& e = sequential_executor(kernel);
    uint32_t efault = 0;
    uint32_t enomem = 0;
    std::string zeros;
    for (int k = 0; k < 8; k++, zeros += " 00") {
      const Result& r = e.run(
          program("setup mmap @8 +1 growsdown; write @6 +1; write @6 +1; read @6 +3\nfailures "
                  "1\ndecisions" +
                  zeros + " 01"));
      ASSERT_EQ(r.outcome.ending, sched::Ending::finished) << kernel;
      if (r.ops[0].error != kOk) continue;
      efault += r.ops[1].error == kEfault;
      enomem += r.ops[1].error == kEnomem;
      EXPECT_EQ(r.ops[2].error, kOk);
      EXPECT_EQ(draw_user(e.world()).substr(0, 4), r.ops[1].error == kOk ? "6:w2" : "6:w1");
    }
    EXPECT_EQ(efault, kernel == "v2.6.33" ? 1u : 2u) << kernel;  // The anon_vma, and its element.
    EXPECT_EQ(enomem, 2u) << kernel;
  }
}

}  // namespace
}  // namespace rmap
