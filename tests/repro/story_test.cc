// Stories: one for every rule, and they name the cpu, the place and the culprit.
//
// To renew tests/golden/stories.txt: see explain_test.cc.
// SPDX-License-Identifier: Apache-2.0
#include "repro/story/story.h"

#include <fmt/format.h>

#include <algorithm>
#include <bitset>

#include "core/model/world.h"
#include "repro/story/focus.h"
#include "tests/repro/golden.h"

namespace rmap {
namespace {

class Story : public CommandTest {};

// An event about no object is in no set, whatever lies behind the set's last word.
TEST_F(Story, nothing_is_in_no_focus) {
  std::bitset<kFramesMax> pages;
  pages.set();
  EXPECT_TRUE(is_in(pages, kFramesMax - 1));
  EXPECT_FALSE(is_in(pages, kFramesMax));
  EXPECT_FALSE(is_in(pages, 0xff));
}

struct Telling {
  const char* file;
  const char* kernel;
  std::vector<std::string> options = {};
};

// The rules that notice the merge race's lost entry, from the walk to whoever touches it.
const std::vector<std::string> kNobodyNotices = {"--without",   "missed_pte", "--without",
                                                 "stale_entry", "--without",  "unlocked_entry"};
// The merge race, and the mover uses its page.
constexpr const char* kRetriesForEver =
    "litmus   mremap-merge+read\n"
    "setup    mmap @0 +2; write @0 +2; mremap @1 +1 @8\n"
    "cpu1     mremap @8 +1 @1; read @1 +1\n"
    "cpu2     migrate @8\n"
    "witness  v3.1 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
    "00 "
    "00 00 00 00 00 00 00 00 00 01\n";

// vma_adjust() without the lock that keeps walks out: a vma is out of its tree while it grows, and
// back when the walk ends.
constexpr const char* kNoLock = "newest{adjust_lock=unless_only_end}";
constexpr const char* kOutOfTree =
    "litmus   mmap+migrate\n"
    "setup    mmap @0 +2; write @1 +1; fork to mm1; munmap mm1 @0 +1\n"
    "cpu1     mmap @2 +1\n"
    "cpu2     migrate @1\n"
    "schedule newest{adjust_lock=unless_only_end} start cpu2; preempt cpu2 migrate_page/copy 1 "
    "cpu1\n"
    "schedule newest{adjust_lock=unless_only_end} preempt cpu1 vma_adjust/vm_end 1 cpu2\n"
    "schedule newest{adjust_lock=unless_only_end} preempt cpu2 remove_migration_pte/ptl 1 cpu1\n";

// Every rule that tests/litmus shows, and every manner of missing an entry; then the same race with
// rules switched off, so that it is noticed later, and with those that notice it early.
const Telling kTellings[] = {
    {"mremap-merge+migrate", "v3.1"},
    {"mremap-fresh+migrate", "v3.0"},
    {"mremap-rollback+migrate", "v3.1"},
    {"stack+migrate", "v3.0+stack-unlocked"},
    {"stack+migrate", "newest+stack-unlocked"},
    {"mprotect-split+migrate", "v2.6.34"},
    {"fork+migrate", "v3.1+link-at-head"},
    {"stack+write", "v3.0"},
    {"mremap-into-unfaulted", "v6.16"},
    {"exit+migrate", "v2.6.34"},
    {"munmap-reuse+migrate", "v2.6.35"},
    {"fork-unwind", "v2.6.36-4946d54cb55e"},
    {"degree-failed-clone", "v3.19"},
    {"degree-double-reuse", "v3.19"},
    {"split-child-chain-order", "v2.6.34-646d87b481da"},
    {"exit-fork-reuse+migrate", "v2.6.36"},
    {"mremap-clone-before-range", "v3.7-523d4e2008fd"},
    {"exit-two-vmas+migrate", "v3.0"},
    {"dontunmap-pgoff", "v6.0"},
    {"mremap-merge+migrate", "v3.1", {"--without", "missed_pte"}},
    {"mremap-merge+migrate", "v3.1", {"--early"}},
};

// What `explain` prints from the sentence on that the story stands under, to the symptom.
std::string story_part(const std::string& out) {
  const std::size_t end = out.find("A kernel shows: ");
  if (end == std::string::npos) return out;
  const std::size_t begin = out.rfind("\n\n", end) + 2;
  return out.substr(begin, end - begin);
}

// Its story, under what it was told of.
std::string told(const Ran& r, const Telling& telling) {
  EXPECT_EQ(r.code, 1) << telling.file << r.err;
  std::string text = fmt::format("== {} {}", telling.file, telling.kernel);
  for (const std::string& option : telling.options) text += " " + option;
  return text + "\n" + story_part(r.out) + "\n";
}

TEST_F(Story, golden_file_of_stories) {
  std::string all;
  const auto tell = [&](const std::string& path, const Telling& telling) {
    std::vector<std::string> args = {"explain", path, "--kernel", telling.kernel};
    args.insert(args.end(), telling.options.begin(), telling.options.end());
    all += told(run(args), telling);
  };
  for (const Telling& telling : kTellings)
    tell(in_tree(std::string("tests/litmus/") + telling.file + ".litmus"), telling);
  tell(write("livelock.litmus", kRetriesForEver), {"mremap-merge+read", "v3.1", kNobodyNotices});
  tell(write("out-of-tree.litmus", kOutOfTree), {"mmap+migrate", kNoLock});
  expect_golden("stories.txt", all);
}

// Its lines as one.
std::string unwrapped(const std::string& story) { return replaced(story, "\n     ", " "); }

// Whatever a walk can miss an entry through is an event, and the story says when it was.
TEST_F(Story, a_vma_that_is_out_of_its_tree_is_told_of) {
  const std::string file = write("out-of-tree.litmus", kOutOfTree);
  const Ran r = run({"explain", file, "--kernel", kNoLock});
  EXPECT_TRUE(contains(r.out, "  detach  vma 0 from the tree of anon_vma 0 ")) << r.out;
  EXPECT_TRUE(contains(r.out, "  attach  vma 0 to the tree of anon_vma 0 ")) << r.out;
  EXPECT_TRUE(contains(unwrapped(r.out),
                       "vma 0, which covers that, was out of the tree of anon_vma 0 from step "))
      << r.out;
  std::string back = kOutOfTree;
  back.resize(back.rfind("schedule"));  // The walk ends before the vma comes back.
  const Ran away = run({"explain", write("away.litmus", back), "--kernel", kNoLock});
  EXPECT_TRUE(contains(unwrapped(away.out), "is out of the tree of anon_vma 0 since step "))
      << away.out;
  EXPECT_TRUE(
      contains(run({"explain", file, "--kernel", kNoLock, "--format", "ftrace"}).out,
               ": rmap_detach: vma 0 from the tree of anon_vma 0 <-anon_vma_interval_tree"));
}

// Under the lock nobody can miss a vma meanwhile, so that only --all shows it.
TEST_F(Story, a_vma_that_nobody_misses_in_its_tree_is_not_told_of) {
  const std::string file = write("out-of-tree.litmus", kOutOfTree);
  EXPECT_FALSE(contains(run({"explain", file, "--kernel", "newest"}).out, " detach "));
  EXPECT_TRUE(contains(run({"explain", file, "--kernel", "newest", "--all"}).out, " detach "));
}

TEST_F(Story, a_vma_that_is_linked_under_a_walk_is_told_of) {
  const std::string kernel = "v2.6.33+link-at-head{adjust_lock=never}";
  const Ran r = run({"explain",
                     write("linked.litmus",
                           "litmus x\nsetup mmap @0 +2; write @0 +2\ncpu1 mprotect @0 +1 ro\n"
                           "cpu2 migrate @1\nschedule " +
                               kernel +
                               " start cpu2; preempt cpu2 migrate_page/copy 1 cpu1; "
                               "preempt cpu1 vma_adjust/vm_pgoff 1 cpu2; "
                               "preempt cpu2 vma_address/vm_end 2 cpu1\n"),
                     "--kernel", kernel});
  EXPECT_TRUE(contains(unwrapped(r.out), "but vma 1 was linked to anon_vma 0 at step ")) << r.out;
}

// Ten thousand steps of retries are one line, and somebody is named.
TEST_F(Story, a_livelock_ends_with_its_second_retry) {
  std::vector<std::string> args = {"explain", write("livelock.litmus", kRetriesForEver), "--kernel",
                                   "v3.1"};
  args.insert(args.end(), kNobodyNotices.begin(), kNobodyNotices.end());
  const Ran r = run(args);
  EXPECT_TRUE(contains(r.out, "the same again")) << r.out;
  EXPECT_TRUE(contains(r.out, "  LIVELOCK\n")) << r.out;
  EXPECT_TRUE(contains(r.out, "SUMMARY: livelock v3.1 of cpu1, step ")) << r.out;
  EXPECT_LT(std::count(r.out.begin(), r.out.end(), '\n'), 100);
}

// An entry that a mover holds in a register, seen by a walk of v3.0 that takes no lock to look.
TEST_F(Story, an_entry_in_a_register_is_said_to_be_in_no_page_table) {
  const Ran r =
      run({"explain", in_tree("tests/litmus/mremap-fresh+migrate.litmus"), "--kernel", "v3.0"});
  EXPECT_TRUE(contains(r.out, "in no page table")) << r.out;
}

// The merge race, as a recording whose end can be changed.
Recording merge_recording(Executors& executors) {
  const InputResult input = read_input("merge", std::string(kMergeProgram) + kMergeWitness);
  const KernelResult k = parse_kernel("v3.0");
  return record(executors.of(k.kernel->kernel), *k.kernel,
                program_for(*input.input, k.kernel->kernel), RuleSet::proof());
}

// Whatever the oracle says about whatever object, there is a story, and it does not rely on
// anything that is not there.
TEST_F(Story, every_rule_and_manner_has_one) {
  Executors executors;
  Recording r = merge_recording(executors);
  ASSERT_TRUE(r.finding);
  const sched::Violation original = r.result.outcome.violation;
  for (const RuleInfo& info : all_rules()) {
    for (uint8_t manner = 0; manner <= static_cast<uint8_t>(Manner::anon_vma); manner++) {
      for (unsigned cls :
           {unsigned{kNoObject}, unsigned{kPageObject}, unsigned{kVmaObject},
            unsigned{kAnonVmaObject}, unsigned{kAnonVmaLock}, unsigned{kPteObject}}) {
        sched::Violation& v = r.result.outcome.violation;
        v = original;
        v.rule = static_cast<uint8_t>(info.rule);
        v.manner = manner;
        v.object = sched::make_object(cls, cls == kNoObject ? 0 : 1);
        r.finding->rule = info.name;
        const std::vector<std::string> story = story_of(r);
        ASSERT_FALSE(story.empty()) << info.name;
        EXPECT_GT(story.back().size(), 40u) << info.name;
        EXPECT_LE(story.size(), 13u) << info.name;
      }
    }
  }
}

TEST_F(Story, a_deadlock_is_told_as_its_cycle) {
  Executors executors;
  Recording r = merge_recording(executors);
  sched::Outcome& o = r.result.outcome;
  o.ending = sched::Ending::deadlock;
  o.is_cycle = true;
  o.waits.push_back({1, 2, {}, sched::make_object(kAnonVmaLock, 0)});
  o.waits.push_back({2, 1, {}, sched::make_object(kMmapSem, 0)});
  r.finding->rule = "deadlock";
  EXPECT_EQ(story_of(r).back(),
            "That is a cycle: cpu1 waits for cpu2 waits for cpu1. None of them can ever go on.");
}

// What broke a state that is noticed at rest is named, where the finding knows it.
TEST_F(Story, since_when_a_state_has_lasted_is_said) {
  Executors executors;
  Recording r = merge_recording(executors);
  r.finding->since = Moment{.step = 63, .task = 1, .site = {}};
  EXPECT_TRUE(contains(story_of(r).back(), "What broke it is cpu1's step 63."))
      << story_of(r).back();
}

}  // namespace
}  // namespace rmap
