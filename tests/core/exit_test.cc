// exit: what a process had is gone, and nothing of it stays.
// SPDX-License-Identifier: Apache-2.0
#include "tests/core/vm_fixture.h"

namespace rmap {
namespace {

using namespace fixture;

constexpr const char* kEmpty = "0 pages, 0 tables, 0 vmas, 0 links, 0 anon_vmas";

TEST(Exit, of_an_empty_process_is_no_error) {
  expect_steps({{"exit", kOk, "nothing"}, {"exit mm3", kOk, "nothing"}});
}

TEST(Exit, leaves_nothing_behind) {
  for (std::string_view kernel : releases()) {
    const World& w =
        expect_steps({{"mmap @0 +9; write @0 +9; mmap @20 +1 ro; read @20 +1; brk @18; "
                       "mmap @40 +1 growsdown; write @38 +1"},
                      {"exit", kOk, "nothing"}},
                     kernel);
    EXPECT_EQ(draw_used(w), kEmpty) << kernel;
    EXPECT_EQ(w.mms[0].brk, kBrkStart);
  }
}

TEST(Exit, an_mm_can_be_used_again) {
  expect_steps({{"mmap @0 +2; write @0 +2; exit"},
                {"read @0 +1", kEfault, "nothing"},
                {"mmap @0 +1; write @0 +1", kOk, "[0,1)rw pgoff 0 av0 | 0:p0w"}});
}

TEST(Exit, of_a_child_leaves_the_parent_alone) {
  expect_steps({{"mmap @0 +1; write @0 +1; fork to mm1; write mm1 @0 +1; exit mm1", kOk,
                 "[0,1)rw pgoff 0 av0 | 0:p0"},
                {"write @0 +1", kOk, "[0,1)rw pgoff 0 av0 | 0:p0w"}});
}

// The anon_vma that the pages know outlives the process that made it, for the child's sake.
TEST(Exit, of_a_parent_leaves_its_anon_vma_to_the_child) {
  const World& w = expect_steps({{"mmap @0 +1; write @0 +1; fork to mm1; exit", kOk,
                                  "nothing || mm1 [0,1)rw pgoff 0 av1<av0 | 0:p0"},
                                 {"migrate mm1 @0", kOk},
                                 {"read mm1 @0 +1", kOk},
                                 {"exit mm1", kOk, "nothing"}},
                                since("v2.6.34"));
  EXPECT_EQ(draw_used(w), kEmpty);
}

// The middle generation goes first, then the root, then the rest, under every kernel: counts of
// references and of users come out even, or the oracle would say so.
TEST(Exit, a_family_goes_in_any_order) {
  const std::string family =
      "mmap @0 +2; write @0 +2; mprotect @1 +1 ro; fork to mm1; write mm1 @0 +1; fork mm1 to mm2; "
      "fork mm2 to mm3; write mm3 @0 +1";
  std::vector<int> order = {0, 1, 2, 3};
  do {
    std::string ops = family;
    for (int mm : order) ops += fmt::format("; exit mm{}", mm);
    for (std::string_view kernel : releases()) {
      const World& w = expect_steps({{ops, kOk, "nothing"}}, kernel);
      EXPECT_EQ(draw_used(w), kEmpty) << kernel << ": " << ops;
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

// The same, with a fork after each exit, so that anon_vmas are reused.
TEST(Exit, a_family_that_goes_on_forking_leaves_nothing_behind) {
  for (std::string_view kernel : releases()) {
    const World& w = expect_steps(
        {{"mmap @0 +1; write @0 +1; fork to mm1; exit; fork mm1 to mm2; exit mm1; fork mm2 to mm3; "
          "exit mm2; fork mm3 to mm0; exit mm3; write @0 +1; fork to mm1; exit; exit mm1",
          kOk, "nothing"}},
        kernel);
    EXPECT_EQ(draw_used(w), kEmpty) << kernel;
  }
}

}  // namespace
}  // namespace rmap
