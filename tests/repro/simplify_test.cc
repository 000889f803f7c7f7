// Simplifications: every candidate is simpler, so that a chain of them ends, and canonical.
// SPDX-License-Identifier: Apache-2.0
#include "repro/shrink/simplify.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/program/generate.h"
#include "core/program/litmus.h"

namespace rmap {
namespace {

Program program(const std::string& lines) {
  return parse_litmus("litmus x\n" + lines).litmus->program;
}

// What a step leads to, as lines without the name.
std::vector<std::string> candidates(std::string_view name, const std::string& lines) {
  std::vector<std::string> texts;
  for (const Simplification& s : simplifications()) {
    if (s.name != name) continue;
    for (const Candidate& c : s.candidates(program(lines))) {
      Litmus l;
      l.name = "x";
      l.program = c.program();
      texts.push_back(print_litmus(l).substr(std::string("litmus   x\n").size()));
    }
  }
  return texts;
}

TEST(Simplify, every_candidate_of_a_random_program_is_simpler_and_canonical) {
  for (uint64_t seed = 1; seed <= 100; seed++) {
    sched::SplitMix random(seed);
    const Program p = generate_program(random);
    for (const Simplification& s : simplifications()) {
      for (const Candidate& c : s.candidates(p)) {
        EXPECT_TRUE(is_simpler(c.program(), p)) << s.name;
        EXPECT_FALSE(is_simpler(p, c.program())) << s.name;
        Program canonical = c.program();
        canonicalize(canonical);
        EXPECT_TRUE(canonical == c.program()) << s.name;
      }
    }
  }
}

TEST(Simplify, fewer_operations_then_fewer_concurrent_ones_then_plainer_ones) {
  EXPECT_TRUE(is_simpler(program("cpu1 exit\n"), program("setup mmap @0 +1; mmap @0 +1\n")));
  EXPECT_TRUE(is_simpler(program("setup exit\n"), program("cpu1 mmap @0 +1\n")));
  EXPECT_TRUE(is_simpler(program("cpu1 mmap @0 +1\n"), program("cpu1 mmap @0 +2\n")));
  EXPECT_FALSE(is_simpler(program("cpu1 exit\n"), program("cpu1 exit\ndecisions 01\n")));
}

// One page shorter or longer, at either end.
TEST(Simplify, an_operation_that_trims_another_one_goes_with_what_it_trims) {
  EXPECT_EQ(
      candidates("drop an operation, and resize another one", "setup mmap @4 +2; munmap @4 +1\n"),
      (std::vector<std::string>{"setup    mmap @4 +1\n", "setup    mmap @5 +1\n",
                                "setup    mmap @4 +3\n", "setup    mmap @3 +3\n",
                                "setup    munmap @4 +2\n", "setup    munmap @3 +2\n"}));
}

TEST(Simplify, operations_become_plainer_ones_on_the_same_pages) {
  EXPECT_EQ(candidates("replace an operation by a plainer one", "setup mmap @4 +2\n"),
            (std::vector<std::string>{"setup    read @4 +2\n", "setup    write @4 +2\n",
                                      "setup    munmap @4 +2\n"}));
  const auto heap = candidates("replace an operation by a plainer one", "setup brk @18\n");
  EXPECT_NE(std::find(heap.begin(), heap.end(), "setup    mmap @16 +2\n"), heap.end());
}

TEST(Simplify, cpus_get_the_names_that_make_the_smallest_bytes) {
  const auto texts = candidates("rename cpus", "cpu2 migrate @0\ncpu4 munmap @0 +1\n");
  ASSERT_FALSE(texts.empty());
  EXPECT_EQ(texts.front(), "cpu1     munmap @0 +1\ncpu2     migrate @0\n");
}

TEST(Simplify, a_cpus_new_name_is_known) {
  for (const Simplification& s : simplifications()) {
    if (s.name != "rename cpus") continue;
    const auto all = s.candidates(program("cpu2 migrate @0\ncpu4 munmap @0 +1\n"));
    EXPECT_EQ(all.front().cpu[2], 2);
    EXPECT_EQ(all.front().cpu[4], 1);
  }
}

}  // namespace
}  // namespace rmap
