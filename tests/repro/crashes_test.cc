// Many crashes: a folder of them ends as one small file for each bug.
// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>
#include <set>

#include "core/kernel/expression.h"
#include "core/program/generate.h"
#include "core/program/litmus.h"
#include "core/run/finding.h"
#include "tests/repro/fixture.h"

namespace rmap {
namespace {

constexpr const char* kKernel = "v3.1";
// Three bugs of that kernel, each with a schedule to be found: the merge race of the mail, an
// anon_vma that is freed while a sibling still unlocks it, and a stack that grows under a fault.
constexpr const char* kBugs[] = {
    "setup mmap @0 +2; write @0 +2; mremap @1 +1 @8\ncpu1 mremap @8 +1 @1\ncpu2 migrate @8\n",
    "setup mmap @0 +1; write @0 +1; fork to mm1\ncpu1 exit mm1\ncpu2 munmap @0 +1\n",
    "setup mmap @33 +1 growsdown\ncpu1 read @32 +1\ncpu2 write @32 +1\n",
};
constexpr const char* kSignatures[] = {
    "missed_pte--moved_behind--migrate+mremap--rmap_walk/walk+move_vma/move",
    "use_after_free--anon_vma--any--anon_vma_free/is_locked",
    "unreachable--wrong_index--any--do_anonymous_page",
};

// So many smallest programs: the merge race has one where the destination grows up to the range and
// one, with a page less and a preemption more, where it grows down to it.
constexpr std::size_t kShapes[] = {2, 1, 1};

class Crashes : public CommandTest {
 protected:
  void SetUp() override {
    CommandTest::SetUp();
    std::filesystem::create_directories(path("crashes"));
  }

  // The bug's operations among those of a random program, with a random schedule.
  static Program noisy(const Program& bug, uint64_t seed) {
    sched::SplitMix random(seed);
    Program p = generate_program(random);
    while (p.ops.size() > 6) p.ops.erase_at(random.below(p.ops.size()));
    for (Op& op : p.ops) {
      if (random.below(2) == 0) op.task = static_cast<uint8_t>(3 + random.below(2));
    }
    Program all = bug;
    for (const Op& op : p.ops) all.ops.push_back(op);
    all.strategy = static_cast<StrategyId>(random.below(kStrategies));
    all.tail = static_cast<uint8_t>(1 + random.below(255));
    for (uint32_t i = random.below(200); i > 0; i--)
      all.decisions.push_back(static_cast<uint8_t>(random.below(256)));
    canonicalize(all);
    return all;
  }

  // Writes `n` different crashes of each bug into a folder.
  std::string make_crashes(uint32_t n) {
    Executor executor(kernel_named(kKernel).kernel);
    for (std::size_t bug = 0; bug < std::size(kBugs); bug++) {
      const Program base = parse_litmus(std::string("litmus x\n") + kBugs[bug]).litmus->program;
      uint32_t found = 0;
      for (uint64_t seed = 1; found < n && seed < 3'000'000; seed++) {
        const Program p = noisy(base, seed);
        if (!executor.run(p).finding() ||
            describe_finding(executor, p).signature != kSignatures[bug])
          continue;
        const std::vector<uint8_t> bytes = encode(p);
        write("crashes/" + std::to_string(bug) + "-" + std::to_string(found++),
              {bytes.begin(), bytes.end()});
      }
      EXPECT_EQ(found, n) << kSignatures[bug];
    }
    return path("crashes");
  }

  std::set<std::string> files_in(const std::string& folder) const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      names.insert(entry.path().filename());
    return names;
  }
};

TEST_F(Crashes, two_hundred_of_three_bugs_end_as_three_files) {
  const std::string folder = make_crashes(67);
  const Ran r = run({"minimize", folder, "-o", path("small/"), "--kernel", kKernel});
  EXPECT_EQ(r.code, 1) << r.err;
  EXPECT_TRUE(
      r.out.starts_with("files: 201, with a finding 201, without 0; different findings: 3\n"))
      << r.out;
  EXPECT_EQ(files_in(path("small")).size(), 3u) << r.out;
  EXPECT_EQ(files_in(folder).size(), 201u);  // The originals stay.

  // Once more, with the small ones among them: nothing new.
  const std::set<std::string> before = files_in(path("small"));
  EXPECT_EQ(
      run({"minimize", folder, path("small"), "-o", path("small/"), "--kernel", kKernel}).code, 1);
  EXPECT_EQ(files_in(path("small")), before);
}

// Not only the same name: the same bytes.
TEST_F(Crashes, different_crashes_of_one_bug_become_the_same_file) {
  make_crashes(20);
  for (std::size_t bug = 0; bug < std::size(kBugs); bug++) {
    std::set<std::string> results;
    for (int i = 0; i < 20; i++) {
      const std::string name = std::to_string(bug) + "-" + std::to_string(i);
      EXPECT_EQ(run({"minimize", path("crashes/" + name), "-o", path("small-" + name), "--kernel",
                     kKernel})
                    .code,
                1);
      results.insert(slurp(path("small-" + name)));
    }
    EXPECT_LE(results.size(), kShapes[bug]) << kSignatures[bug];
  }
}

TEST_F(Crashes, files_without_a_finding_are_counted_and_bad_ones_reported) {
  write("crashes/clean.litmus", "litmus clean\nsetup mmap @0 +1\n");
  write("crashes/bad", "no input at all");
  write("crashes/merge.litmus", std::string(kMergeProgram) + kMergeWitness);
  const Ran r = run({"minimize", path("crashes"), "-o", path("small/"), "--json"});
  EXPECT_EQ(r.code, 2);
  EXPECT_TRUE(contains(r.err, "crashes/bad:1:1: ")) << r.err;
  EXPECT_EQ(files_in(path("small")).size(), 1u);
  std::istringstream lines(r.out);
  std::vector<nlohmann::json> objects;
  for (std::string line; std::getline(lines, line);) objects.push_back(nlohmann::json::parse(line));
  ASSERT_EQ(objects.size(), 3u) << r.out;  // No file is missing.
  EXPECT_TRUE(contains(objects[0]["error"], "crashes/bad:1:1: ")) << r.out;
  EXPECT_EQ(objects[1]["file"], path("crashes/clean.litmus"));
  EXPECT_TRUE(contains(objects[1]["error"], "shows no finding under newest")) << r.out;
  EXPECT_EQ(objects[2]["files"], 1);
}

// Even where the output folder is the input's, and a smaller one is to take the place.
TEST_F(Crashes, originals_stay_whatever_they_are_called) {
  const std::string file = path("crashes/merge.litmus");
  write("crashes/merge.litmus", std::string(kMergeProgram) + kMergeWitness);
  ASSERT_EQ(run({"minimize", file, "-o", path("crashes/")}).code, 1);
  std::set<std::string> names = files_in(path("crashes"));
  names.erase("merge.litmus");
  ASSERT_EQ(names.size(), 1u);
  const std::string kept = path("crashes/" + *names.begin());
  const std::string original =
      std::string(kMergeProgram) + kMergeWitness;  // Not the smallest, under that name.
  std::ofstream(kept, std::ios::binary | std::ios::trunc) << original;
  ASSERT_EQ(run({"minimize", path("crashes"), "-o", path("crashes/"), "--force"}).code, 1);
  EXPECT_EQ(slurp(kept), original);
  EXPECT_EQ(files_in(path("crashes")).size(), 3u);
}

TEST_F(Crashes, several_results_need_a_folder) {
  write("crashes/a.litmus", std::string(kMergeProgram) + kMergeWitness);
  const Ran r = run({"minimize", path("crashes"), "-o", path("small")});
  EXPECT_EQ(r.code, 2);
  EXPECT_TRUE(contains(r.err, "is no folder")) << r.err;
}

}  // namespace
}  // namespace rmap
