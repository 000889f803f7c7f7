// Litmus text: it round-trips, and what is wrong with it is said with line and column.
// SPDX-License-Identifier: Apache-2.0
#include "core/program/litmus.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>
#include <utility>

#include "core/model/names.h"
#include "core/program/generate.h"

namespace rmap {
namespace {

constexpr const char* kWholeFile = R"(# Claim: a merged destination stands before its source.
litmus   mremap-merge+migrate
entry    Z04 948f017b093a merged destination; is  visited before its source
entry  Z99 - nobody fixed it

setup    mmap @0 +2; write @0 +2; mremap @1 +1 @8
cpu1     mremap @8 +1 @1
cpu2     migrate @8; read mm3 @8 +1
failures 1
strategy pct
tail     7
decisions 00 01 ff
expect   v3.0 missed_pte sometimes 114/1532 @2; v3.3 never 0/40211 @3
expect   v3.7 never 0/1204 complete; v3.1 never vacuous 0/3 @3
expect   v3.0+486cf46f3f9b always
reach    v3.3 copy_vma/merged rmap_walk/anon_vma
schedule v3.0 start cpu2; preempt cpu2 rmap_walk/anon_vma 1 cpu1
finding  v3.0 missed_pte--moved_behind--migrate+mremap--rmap_walk/walk+move_vma/move
trace    v3.0 model 2 0123456789abcdef
witness  v3.0 00 00 01 00 00 01
schedule v3.0 next cpu1 - 65535 cpu2;; data setup anon_vma_clone/alloc 2 255
finding  v3.3 deadlock--cycle--exit+fork--none
schedule v3.3
)";

Litmus parsed(std::string_view text) {
  const LitmusResult result = parse_litmus(text);
  EXPECT_TRUE(result.litmus.has_value())
      << result.error.line << ":" << result.error.column << ": " << result.error.message;
  return result.litmus ? *result.litmus : Litmus{};
}

TEST(Litmus, a_whole_file_is_read) {
  const Litmus l = parsed(kWholeFile);
  EXPECT_EQ(l.name, "mremap-merge+migrate");
  ASSERT_EQ(l.entries.size(), 2u);
  EXPECT_EQ(l.entries[0].number, "Z04");
  EXPECT_EQ(l.entries[0].commit, "948f017b093a");
  EXPECT_EQ(l.entries[0].description, "merged destination; is  visited before its source");
  EXPECT_EQ(l.entries[1].commit, "");
  ASSERT_EQ(l.program.ops.size(), 6u);
  EXPECT_EQ(l.program.ops[2], (Op{OpKind::mremap, 0, 0, 1, 1, 8, 0, 0}));
  EXPECT_EQ(l.program.ops[5], (Op{OpKind::read, 2, 3, 8, 1, 0, 0, 0}));
  EXPECT_EQ(l.program.failures, 1);
  EXPECT_EQ(l.program.strategy, StrategyId::pct);
  EXPECT_EQ(l.program.tail, 7);
  EXPECT_EQ(l.program.decisions.size(), 3u);
  ASSERT_EQ(l.expectations.size(), 5u);
  const Expectation& first = l.expectations[0];
  EXPECT_EQ(first.kernel, "v3.0");
  EXPECT_EQ(first.rule, Rule::missed_pte);
  EXPECT_EQ(first.verdict, Verdict::sometimes);
  EXPECT_EQ(first.failing, 114u);
  EXPECT_EQ(first.total, 1532u);
  EXPECT_EQ(first.preemptions, 2u);
  EXPECT_EQ(first.line, 13u);
  EXPECT_TRUE(l.expectations[2].complete);
  EXPECT_FALSE(l.expectations[2].vacuous);
  EXPECT_TRUE(l.expectations[3].vacuous);
  EXPECT_EQ(l.expectations[3].total, 3u);
  EXPECT_FALSE(l.expectations[4].counted);
  ASSERT_EQ(l.reaches.size(), 1u);
  EXPECT_EQ(l.reaches[0].sites,
            (std::vector<std::string>{"copy_vma/merged", "rmap_walk/anon_vma"}));
  ASSERT_EQ(l.witnesses.size(), 1u);
  EXPECT_EQ(l.witnesses[0].decisions.size(), 6u);
}

TEST(Litmus, what_is_kept_about_a_kernel_is_read) {
  const Litmus l = parsed(kWholeFile);
  ASSERT_EQ(l.schedules.size(), 2u);
  using sched::PlanKind;
  const sched::Plan plan = {{PlanKind::start, sched::kNoTask, {}, 1, 2},
                            {PlanKind::preempt, 2, "rmap_walk/anon_vma"_site, 1, 1},
                            {PlanKind::next, 1, {}, 65535, 2},
                            {PlanKind::data, 0, "anon_vma_clone/alloc"_site, 2, 255}};
  EXPECT_TRUE(l.schedules[0].plan == plan);
  EXPECT_EQ(l.schedules[0].lines, (std::vector<uint32_t>{17, 21}));
  EXPECT_TRUE(l.schedules[1].plan.empty());
  ASSERT_EQ(l.findings.size(), 2u);
  EXPECT_EQ(l.findings[0].rule(), "missed_pte");
  EXPECT_EQ(l.findings[1].rule(), "deadlock");
  EXPECT_EQ(l.findings[1].line, 22u);
  ASSERT_EQ(l.traces.size(), 1u);
  EXPECT_EQ(l.traces[0].model, 2u);
  EXPECT_EQ(l.traces[0].hash, 0x0123456789abcdefu);
}

// cpu1 has nothing to do, so cpu2 is task 1, and cpu4 is task 2.
TEST(Litmus, the_cpus_of_a_schedule_are_tasks_without_gaps) {
  const char* text =
      "litmus a\nschedule v3.0 start cpu4; next cpu4 mmap/alloc 1 cpu2\ncpu2 exit\ncpu4 exit mm1\n";
  const Litmus l = parsed(text);
  ASSERT_EQ(l.schedules[0].plan.size(), 2u);
  EXPECT_EQ(l.schedules[0].plan[0].choice, 2);
  EXPECT_EQ(l.schedules[0].plan[1].task, 2);
  EXPECT_EQ(l.schedules[0].plan[1].choice, 1);
  EXPECT_EQ(print_litmus(l),
            "litmus   a\ncpu2     exit\ncpu4     exit mm1\n"
            "schedule v3.0 start cpu4; next cpu4 mmap/alloc 1 cpu2\n");
}

TEST(Litmus, a_long_schedule_is_broken_into_lines_and_read_again) {
  Litmus l = parsed("litmus a\ncpu1 exit\ncpu2 exit\nschedule v3.0\n");
  for (uint16_t i = 1; i <= 50; i++)
    l.schedules[0].plan.push_back({sched::PlanKind::preempt, 1, "rmap_walk/anon_vma"_site, i, 2});
  const std::string text = print_litmus(l);
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
    EXPECT_LE(text.find('\n', at) - at, 100u);
  EXPECT_TRUE(parsed(text).schedules[0].plan == l.schedules[0].plan);
  EXPECT_EQ(print_litmus(parsed(text)), text);
}

// Printing is canonical: what was read and printed once prints the same for ever.
TEST(Litmus, a_whole_file_round_trips) {
  const std::string printed = print_litmus(parsed(kWholeFile));
  EXPECT_EQ(print_litmus(parsed(printed)), printed);
  EXPECT_TRUE(parsed(printed).program == parsed(kWholeFile).program);
  EXPECT_EQ(printed,
            "litmus   mremap-merge+migrate\n"
            "entry    Z04 948f017b093a merged destination; is  visited before its source\n"
            "entry    Z99 - nobody fixed it\n"
            "setup    mmap @0 +2; write @0 +2; mremap @1 +1 @8\n"
            "cpu1     mremap @8 +1 @1\n"
            "cpu2     migrate @8; read mm3 @8 +1\n"
            "failures 1\n"
            "strategy pct\n"
            "tail     7\n"
            "decisions 00 01 ff\n"
            "expect   v3.0 missed_pte sometimes 114/1532 @2\n"
            "expect   v3.3 never 0/40211 @3\n"
            "expect   v3.7 never 0/1204 complete\n"
            "expect   v3.1 never vacuous 0/3 @3\n"
            "expect   v3.0+486cf46f3f9b always\n"
            "reach    v3.3 copy_vma/merged rmap_walk/anon_vma\n"
            "schedule v3.0 start cpu2; preempt cpu2 rmap_walk/anon_vma 1 cpu1; "
            "next cpu1 - 65535 cpu2\n"
            "schedule v3.0 data setup anon_vma_clone/alloc 2 255\n"
            "schedule v3.3\n"
            "finding  v3.0 missed_pte--moved_behind--migrate+mremap--rmap_walk/walk+move_vma/move\n"
            "finding  v3.3 deadlock--cycle--exit+fork--none\n"
            "trace    v3.0 model 2 0123456789abcdef\n"
            "witness  v3.0 00 00 01 00 00 01\n");
}

// Each operation with each of its flags, in every shape that its operands allow.
TEST(Litmus, every_form_of_every_operation_round_trips) {
  const struct {
    const char* text;
    Op op;
  } cases[] = {
      {"mmap @8 +2", {OpKind::mmap, 0, 0, 8, 2, 0, 0, 0}},
      {"mmap @8 +2 ro", {OpKind::mmap, 0, 0, 8, 2, 0, kMmapReadOnly, 0}},
      {"mmap @8 +2 growsdown", {OpKind::mmap, 0, 0, 8, 2, 0, kMmapGrowsDown, 0}},
      {"read mm1 @0 +64", {OpKind::read, 0, 1, 0, 64, 0, 0, 0}},
      {"write mm3 @63 +1", {OpKind::write, 0, 3, 63, 1, 0, 0, 0}},
      {"munmap @1 +1", {OpKind::munmap, 0, 0, 1, 1, 0, 0, 0}},
      {"mremap @0 +2 @8", {OpKind::mremap, 0, 0, 0, 2, 8, 0, 0}},
      {"mremap @0 +2 @8 +3", {OpKind::mremap, 0, 0, 0, 2, 8, 0, 3}},
      {"mremap @0 +2 +1 inplace", {OpKind::mremap, 0, 0, 0, 2, 0, kMremapInPlace, 1}},
      {"mremap @0 +2 +4 maymove", {OpKind::mremap, 0, 0, 0, 2, 0, kMremapMayMove, 4}},
      {"mremap @0 +2 @8 dontunmap", {OpKind::mremap, 0, 0, 0, 2, 8, kMremapDontUnmap, 0}},
      {"mremap mm2 @0 +2 @8 +1 dontunmap", {OpKind::mremap, 0, 2, 0, 2, 8, kMremapDontUnmap, 1}},
      {"migrate @9", {OpKind::migrate, 0, 0, 9, 1, 0, 0, 0}},
      {"fork to mm1", {OpKind::fork, 0, 0, 0, 1, 1, 0, 0}},
      {"fork mm2 to mm0", {OpKind::fork, 0, 2, 0, 1, 0, 0, 0}},
      {"exit", {OpKind::exit, 0, 0, 0, 1, 0, 0, 0}},
      {"exit mm1", {OpKind::exit, 0, 1, 0, 1, 0, 0, 0}},
      {"mprotect @3 +2", {OpKind::mprotect, 0, 0, 3, 2, 0, 0, 0}},
      {"mprotect mm1 @3 +2 ro", {OpKind::mprotect, 0, 1, 3, 2, 0, kMprotectReadOnly, 0}},
      {"madvise @0 +4", {OpKind::madvise, 0, 0, 0, 4, 0, 0, 0}},
      {"brk @20", {OpKind::brk, 0, 0, 20, 1, 0, 0, 0}},
      {"brk mm1 @16", {OpKind::brk, 0, 1, 16, 1, 0, 0, 0}},
  };
  std::set<std::pair<OpKind, uint8_t>> shown;
  for (const auto& c : cases) {
    const Litmus l = parsed(fmt::format("litmus x\nsetup {}\n", c.text));
    ASSERT_EQ(l.program.ops.size(), 1u) << c.text;
    EXPECT_EQ(l.program.ops[0], c.op) << c.text;
    EXPECT_EQ(print_op(l.program.ops[0]), c.text);
    Program again;
    ASSERT_TRUE(decode(encode(l.program), again));
    EXPECT_EQ(again.ops[0], c.op) << c.text;
    shown.insert({c.op.kind, c.op.flags});
  }
  std::size_t forms = 0;
  for (const OpInfo& info : op_table()) forms += 1 + info.flag_count();
  EXPECT_EQ(shown.size(), forms) << "an operation, or a flag, is missing above";
}

// 10,000 programs with random decisions: text and bytes mean the same.
TEST(Litmus, random_programs_round_trip) {
  sched::SplitMix random(3);
  for (int i = 0; i < 10'000; i++) {
    Litmus l{.name = "random",
             .program = generate_program(random),
             .expectations = {},
             .reaches = {},
             .witnesses = {}};
    if (random.below(2) == 0) l.program.tail = 0;
    const uint32_t n = random.below(20);
    for (uint32_t k = 0; k < n; k++)
      l.program.decisions.push_back(static_cast<uint8_t>(random.below(256)));
    canonicalize(l.program);
    const std::string text = print_litmus(l);
    const LitmusResult again = parse_litmus(text);
    ASSERT_TRUE(again.litmus.has_value())
        << again.error.line << ":" << again.error.column << ": " << again.error.message << "\n"
        << text;
    ASSERT_TRUE(again.litmus->program == l.program) << text;
    ASSERT_EQ(print_litmus(*again.litmus), text);
  }
}

// Every operation that bytes can say, text can say too.
TEST(Litmus, random_bytes_round_trip_through_text) {
  sched::SplitMix random(4);
  Program p;
  for (int i = 0; i < 10'000; i++) {
    std::vector<uint8_t> bytes(kHeaderSize + random.below(120));
    for (uint8_t& b : bytes) b = static_cast<uint8_t>(random.below(256));
    bytes[0] = kFormatVersion;
    ASSERT_TRUE(decode(bytes, p));
    const std::string text = print_litmus(
        {.name = "x", .program = p, .expectations = {}, .reaches = {}, .witnesses = {}});
    const LitmusResult again = parse_litmus(text);
    ASSERT_TRUE(again.litmus.has_value()) << again.error.message << "\n" << text;
    ASSERT_TRUE(again.litmus->program == p) << text;
  }
}

TEST(Litmus, spaces_and_tabs_and_carriage_returns_do_not_matter) {
  const Litmus l = parsed("litmus x\r\n\r\n\tsetup\tmmap @0 +2 ;write @0 +1;\r\n");
  EXPECT_EQ(l.program.ops.size(), 2u);
}

// Each text is wrong in one place; the line and column are those of the word that is.
TEST(Litmus, errors_have_the_right_place) {
  const struct {
    const char* text;
    uint32_t line, column;
    const char* message;
  } cases[] = {
      {"", 1, 1, "this is no litmus text"},
      {"# only a comment\n", 2, 1, "this is no litmus text"},
      {"setup mmap @0 +1\n", 1, 1, "the first line must be: litmus NAME"},
      {"litmus\n", 1, 7, "one name without spaces is wanted"},
      {"litmus a b\n", 1, 10, "one name without spaces is wanted"},
      {"litmus a\nlitmus b\n", 2, 1, "a file holds one litmus"},
      {"litmus a\n\n  cpu9 read @0 +1\n", 3, 3,
       "'cpu9' starts no line; known: litmus, entry, setup, cpu1 to cpu4"},
      {"litmus a\nentry Z04 -\n", 2, 12, "write it as: entry NUMBER COMMIT DESCRIPTION"},
      {"litmus a\nentry Z4 - why\n", 2, 7, "'Z4' should be 'Z' and two digits"},
      {"litmus a\nentry Z04 948f why\n", 2, 11,
       "'948f' should be the first 12 digits of a commit, or -"},
      {"litmus a\nsetup mmap @0 +1; jump @0\n", 2, 19,
       "'jump' is no operation; known: mmap, read, write, munmap, mremap"},
      {"litmus a\ncpu1 migrat @0\n", 2, 6,
       "'migrat' is no operation (did you mean migrate?); known"},
      {"litmus a\nreach v3.0 move_ptes/anonvma\n", 2, 12,
       "no site is called 'move_ptes/anonvma' (did you mean move_ptes/anon_vma?); "},
      {"litmus a\nstrategy pcr\n", 2, 10, "a strategy (did you mean pct?) is one of: direct"},
      {"litmus a\nsetup mmap\n", 2, 11, "write it as: mmap [mmN] @ADDRESS +LENGTH [ro|growsdown]"},
      {"litmus a\nsetup mmap 0 +1\n", 2, 12, "write it as: mmap"},
      {"litmus a\nsetup mmap @0\n", 2, 14, "write it as: mmap"},
      {"litmus a\nsetup mmap @64 +1\n", 2, 12, "'@64' should be '@' and a number from 0 to 63"},
      {"litmus a\nsetup mmap @0 +0\n", 2, 15, "'+0' should be '+' and a number from 1 to 64"},
      {"litmus a\nsetup mmap @0 +65\n", 2, 15, "'+65' should be '+' and a number from 1 to 64"},
      {"litmus a\nsetup mmap @x +1\n", 2, 12, "'@x' should be '@' and a number from 0 to 63"},
      {"litmus a\nsetup mmap mm4 @0 +1\n", 2, 12, "'mm4' should be 'mm' and a number from 0 to 3"},
      {"litmus a\nsetup mmap @0 +1 rw\n", 2, 18,
       "'rw' does not belong here; write it as: mmap [mmN] @ADDRESS +LENGTH [ro|"},
      {"litmus a\nsetup mmap @0 +1 ro ro\n", 2, 21, "write it as: mmap"},
      {"litmus a\nsetup mremap @0 +1\n", 2, 19, "without a flag a second address is needed"},
      {"litmus a\ncpu1 migrate @0 +1\n", 2, 17,
       "'+1' does not belong here; write it as: migrate [mmN] @ADDRESS"},
      {"litmus a\nsetup mremap @0 +1 dontunmap\n", 2, 29,
       "with 'dontunmap' a second address is needed; write it as: mremap [mmN] @ADDRESS"},
      {"litmus a\nsetup fork\n", 2, 11, "write it as: fork [mmN] to mmN"},
      {"litmus a\nsetup fork mm1\n", 2, 15, "write it as: fork [mmN] to mmN"},
      {"litmus a\nsetup fork to\n", 2, 12, "write it as: fork [mmN] to mmN"},
      {"litmus a\nsetup fork to 1\n", 2, 12, "write it as: fork [mmN] to mmN"},
      {"litmus a\nsetup fork to mm4\n", 2, 15, "'mm4' should be 'mm' and a number from 0 to 3"},
      {"litmus a\nsetup fork to mm1 ro\n", 2, 19, "'ro' does not belong here; write it as: fork"},
      {"litmus a\nsetup exit @0\n", 2, 12, "'@0' does not belong here; write it as: exit [mmN]"},
      {"litmus a\nsetup exit mm1 mm2\n", 2, 16, "'mm2' does not belong here"},
      {"litmus a\nsetup brk\n", 2, 10, "write it as: brk [mmN] @ADDRESS"},
      {"litmus a\nsetup brk @64\n", 2, 11, "'@64' should be '@' and a number from 0 to 63"},
      {"litmus a\nsetup brk @20 +1\n", 2, 15, "'+1' does not belong here"},
      {"litmus a\nsetup mprotect @0 +1 growsdown\n", 2, 22,
       "'growsdown' does not belong here; write it as: mprotect [mmN] @ADDRESS +LENGTH [ro]"},
      {"litmus a\nsetup madvise @0\n", 2, 17, "write it as: madvise [mmN] @ADDRESS +LENGTH"},
      {"litmus a\nfailures 5\n", 2, 10, "'5' should be a number from 0 to 4"},
      {"litmus a\nfailures\n", 2, 9, "one number from 0 to 4 is wanted"},
      {"litmus a\ntail 256\n", 2, 6, "'256' should be a number from 0 to 255"},
      {"litmus a\nstrategy fast\n", 2, 10, "a strategy is one of: direct, random_walk, pct"},
      {"litmus a\ndecisions 00 1\n", 2, 14, "'1' should be a byte in two hexadecimal digits"},
      {"litmus a\ndecisions 0g\n", 2, 11, "'0g' should be"},
      {"litmus a\nexpect v9 never\n", 2, 8, "kernel 'v9': no release is called 'v9'"},
      {"litmus a\nexpect v3.0\n", 2, 12, "never, sometimes or always are wanted"},
      {"litmus a\nexpect v3.0 perhaps\n", 2, 13, "never, sometimes or always are wanted"},
      {"litmus a\nexpect v3.0 missd_pte never\n", 2, 13, " (did you mean missed_pte?)"},
      {"litmus a\nexpect v3.0 sometime\n", 2, 13, " (did you mean sometimes?)"},
      {"litmus a\rsetup read @0 +1\r", 1, 9, "end lines with LF"},
      {"litmus a\nexpect v3.0 never; v3.0 missed_pte\n", 2, 35,
       "never, sometimes or always are wanted"},
      {"litmus a\nexpect v3.0 always vacuous\n", 2, 20, "only a never can be vacuous"},
      {"litmus a\nexpect v3.0 never 3\n", 2, 19, "counts are written FAILING/TOTAL @PREEMPTIONS"},
      {"litmus a\nexpect v3.0 never 3/4\n", 2, 19, "counts are written FAILING/TOTAL @PREEMPTIONS"},
      {"litmus a\nexpect v3.0 never 3/x @2\n", 2, 21, "'x' should be a number"},
      {"litmus a\nexpect v3.0 never 3/4 2\n", 2, 23, "write @PREEMPTIONS or complete"},
      {"litmus a\nreach v3.0\n", 2, 11, "write it as: reach KERNEL SITE..."},
      {"litmus a\nreach v3.0 copy_vma/nowhere\n", 2, 12, "no site is called 'copy_vma/nowhere'"},
      {"litmus a\nreach v9 copy_vma/merged\n", 2, 7, "no release is called 'v9'"},
      {"litmus a\nwitness\n", 2, 8, "write it as: witness KERNEL BYTES"},
      {"litmus a\nwitness v3.0 00 xyz\n", 2, 17,
       "'xyz' should be a byte in two hexadecimal digits"},
      {"litmus a\nschedule\n", 2, 9, "write it as: schedule KERNEL STEP; STEP ..."},
      {"litmus a\nschedule v9\n", 2, 10, "no release is called 'v9'"},
      {"litmus a\nschedule v3.0 jump cpu1\n", 2, 15,
       "'jump' begins no step of a schedule; known: start, preempt, next, data"},
      {"litmus a\nschedule v3.0 start\n", 2, 20, "write it as: start CPU"},
      {"litmus a\nschedule v3.0 start cpu1 cpu2\n", 2, 26, "write it as: start CPU"},
      {"litmus a\nschedule v3.0 start setup\n", 2, 21, "'setup' should be cpu1 to cpu4"},
      {"litmus a\nschedule v3.0 start cpu5\n", 2, 21,
       "'cpu5' should be 'cpu' and a number from 1 to 4"},
      {"litmus a\nschedule v3.0 next 1 exit/mmap_sem 1 cpu2\n", 2, 20,
       "'1' should be cpu1 to cpu4, or setup"},
      {"litmus a\nschedule v3.0 next cpu1 exit/mmap_sem cpu2\n", 2, 43,
       "write it as: next CPU SITE N CPU"},
      {"litmus a\nschedule v3.0 next cpu1 here 1 cpu2\n", 2, 25, "no site is called 'here'"},
      {"litmus a\nschedule v3.0 next cpu1 exit/mmap_sem 0 cpu2\n", 2, 39,
       "'0' should be a number from 1 to 65535"},
      {"litmus a\nschedule v3.0 data cpu1 mmap/alloc 1 0\n", 2, 38,
       "'0' should be a number from 1 to 255"},
      {"litmus a\ncpu2 exit\nschedule v3.0 start cpu2\nschedule v3.0 start cpu1\n", 4, 21,
       "cpu1 has no operations"},
      {"litmus a\nfinding v3.0\n", 2, 13, "write it as: finding KERNEL SIGNATURE"},
      {"litmus a\nfinding v3.0 fun--a--b--c\n", 2, 14, "RULE--MANNER--OPERATIONS--SITES"},
      {"litmus a\nfinding v3.0 leak\n", 2, 14, "RULE--MANNER--OPERATIONS--SITES"},
      {"litmus a\nfinding v3.0 leak--a\nfinding v3.0 leak--a\n", 3, 9, "a second finding of v3.0"},
      {"litmus a\ntrace v3.0 2 0123456789abcdef\n", 2, 30,
       "write it as: trace KERNEL model N HASH"},
      {"litmus a\ntrace v3.0 model 0 0123456789abcdef\n", 2, 18, "'0' should be a number"},
      {"litmus a\ntrace v3.0 model 2 0123456789abcde\n", 2, 20, "16 hexadecimal digits"},
      {"litmus a\ntrace v3.0 model 2 0123456789abcdeg\n", 2, 20, "'0123456789abcdeg' should be"},
      {"litmus a\ntrace v3.0 model 2 0123456789abcdef\ntrace v3.0 model 2 0123456789abcdef\n", 3, 7,
       "a second trace of v3.0"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const LitmusResult result = parse_litmus(c.text);
    ASSERT_FALSE(result.litmus.has_value());
    EXPECT_EQ(result.error.line, c.line);
    EXPECT_EQ(result.error.column, c.column);
    EXPECT_NE(result.error.message.find(c.message), std::string::npos) << result.error.message;
  }
}

TEST(Litmus, more_operations_than_fit_are_an_error) {
  std::string text = "litmus a\nsetup ";
  for (uint32_t i = 0; i <= kOpsMax; i++) text += "read @0 +1;";
  const LitmusResult result = parse_litmus(text);
  ASSERT_FALSE(result.litmus.has_value());
  EXPECT_EQ(result.error.line, 2u);
  EXPECT_EQ(result.error.column, 7 + 11 * kOpsMax);
}

TEST(Litmus, more_decisions_than_fit_are_an_error) {
  std::string line;
  for (uint32_t i = 0; i <= kDecisionsMax; i++) line += " 01";
  for (const char* head : {"decisions", "witness v3.0"}) {
    const LitmusResult result = parse_litmus(fmt::format("litmus a\n{}{}\n", head, line));
    ASSERT_FALSE(result.litmus.has_value()) << head;
    EXPECT_NE(result.error.message.find("more than"), std::string::npos) << result.error.message;
  }
  // Also when the bytes are spread over two lines.
  const std::string half = "decisions" + line.substr(0, line.size() / 2) + "\n";
  EXPECT_FALSE(parse_litmus("litmus a\n" + half + half + "decisions 01 01\n").litmus.has_value());
}

// Each line has room for all of them, so that what is printed, decisions first, can be read.
TEST(Litmus, decisions_leave_room_for_those_of_a_witness) {
  std::string line;
  for (uint32_t i = 0; i < kDecisionsMax; i++) line += " 01";
  const LitmusResult result =
      parse_litmus(fmt::format("litmus a\nwitness v3.0{}\ndecisions{}\n", line, line));
  ASSERT_TRUE(result.litmus.has_value()) << result.error.message;
  const LitmusResult again = parse_litmus(print_litmus(*result.litmus));
  ASSERT_TRUE(again.litmus.has_value()) << again.error.message;
  EXPECT_EQ(again.litmus->witnesses.at(0).decisions.size(), kDecisionsMax);
}

// Messages quote words, and lists print descriptions: neither may write a terminal's commands.
TEST(Litmus, control_characters_are_refused_and_never_quoted) {
  for (const char* line : {"cpu1 mi\033[2Jgrate @0", "reach v3.0 a\x01", "entry Z01 - a\x7f b",
                           "# a \b comment", "expect v3.0\v never"}) {
    const LitmusResult result = parse_litmus(fmt::format("litmus a\n{}\n", line));
    ASSERT_FALSE(result.litmus.has_value()) << line;
    EXPECT_EQ(result.error.line, 2u);
    const std::string at = line;
    EXPECT_EQ(result.error.column, 1 + at.find_first_of("\033\x01\x7f\b\v")) << line;
    EXPECT_NE(result.error.message.find("a control character"), std::string::npos);
  }
  EXPECT_TRUE(parse_litmus("litmus a\r\n\tcpu1 migrate @0\r\n").litmus.has_value());
}

// 20,000 texts with a few characters changed: each is read or refused, with a place inside of the
// text.
TEST(Litmus, damaged_texts_are_refused_with_a_place) {
  sched::SplitMix random(5);
  for (int i = 0; i < 20'000; i++) {
    std::string text = kWholeFile;
    for (uint32_t k = 0; k <= random.below(3); k++) {
      text[random.below(static_cast<uint32_t>(text.size()))] = static_cast<char>(random.below(128));
    }
    const LitmusResult result = parse_litmus(text);
    if (result.litmus) continue;
    ASSERT_GE(result.error.line, 1u);
    ASSERT_GE(result.error.column, 1u);
    ASSERT_FALSE(result.error.message.empty());
  }
}

TEST(Litmus, updating_counts_keeps_everything_else) {
  const std::string text =
      "# why\nlitmus a   \n\nsetup  mmap @0 +1   # not a comment here? no: an error\n";
  EXPECT_FALSE(parse_litmus(text).litmus.has_value());

  const std::string before =
      "# why\nlitmus a\n\n  setup    mmap   @0 +1\nexpect v3.0   sometimes; v3.1 never 1/2 @1\n# "
      "more\n"
      "expect v3.3 never\nreach v3.0  copy_vma/merged";
  Litmus l = parsed(before);
  for (Expectation& e : l.expectations) {
    e.counted = true;
    e.failing = e.line;
    e.total = 100;
    e.preemptions = 2;
  }
  EXPECT_EQ(update_expectations(before, l),
            "# why\nlitmus a\n\n  setup    mmap   @0 +1\n"
            "expect   v3.0 sometimes 5/100 @2; v3.1 never 5/100 @2\n# more\n"
            "expect   v3.3 never 7/100 @2\nreach v3.0  copy_vma/merged");
}

TEST(Litmus, updating_without_a_change_changes_nothing) {
  EXPECT_EQ(update_expectations(kWholeFile, parsed(kWholeFile)), kWholeFile);
}

// The lines of one kernel are rewritten where they stand; further lines of its schedule go.
TEST(Litmus, updating_what_is_kept_leaves_everything_else) {
  const std::string text =
      "# why\nlitmus a\ncpu1 exit\ncpu2  exit mm1\nwitness v3.0   00 01\n"
      "schedule v3.0 start cpu2\n# between\nschedule v3.0 start cpu2\nwitness v3.1  01";
  Litmus l = parsed(text);
  l.schedules[0].plan = {{sched::PlanKind::next, 1, "exit/mmap_sem"_site, 1, 2}};
  l.witnesses[0].decisions = {7};
  l.witnesses[1].decisions = {8};
  l.traces.push_back({"v3.0", 3, 0xab, 0});
  EXPECT_EQ(update_kept(text, l, "v3.0"),
            "# why\nlitmus a\ncpu1 exit\ncpu2  exit mm1\nwitness  v3.0 07\n"
            "schedule v3.0 next cpu1 exit/mmap_sem 1 cpu2\n# between\nwitness v3.1  01\n"
            "trace    v3.0 model 3 00000000000000ab\n");
  EXPECT_EQ(update_kept(text, l, "v3.7"), text);
}

// Each usage, with any flag or none and with or without what may be left out, is litmus text.
TEST(LitmusUsage, is_what_the_parser_reads) {
  const auto replaced = [](std::string text, std::string_view from, std::string_view to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
      text.replace(at, from.size(), to);
    return text;
  };
  for (const OpInfo& info : op_table()) {
    for (uint32_t flag = 0; flag <= info.flag_count(); flag++) {
      for (bool optional : {false, true}) {
        std::string text = litmus_usage(info);
        if (const std::size_t flags = text.find('|'); info.flag_count() > 0) {
          text.resize(std::min(text.rfind('['), flags));
          if (flag > 0) text += info.flag_name(flag);
        }
        if (!optional) {
          for (std::size_t at; (at = text.find('[')) != std::string::npos;)
            text.erase(at, text.find(']', at) + 1 - at);
        }
        for (const auto& [from, to] :
             std::initializer_list<std::pair<const char*, const char*>>{{"[", ""},
                                                                        {"]", ""},
                                                                        {"@ADDRESS", "@20"},
                                                                        {"+LENGTH", "+1"},
                                                                        {"to mmN", "to mm1"},
                                                                        {"mmN", "mm0"}})
          text = replaced(text, from, to);
        const LitmusResult r = parse_litmus("litmus usage\nsetup " + text + "\n");
        const bool lacks_address = info.has('b') && !optional && info.has_second_address(flag);
        EXPECT_EQ(r.litmus.has_value(), !lacks_address) << text << ": " << r.error.message;
        if (!r.litmus) continue;
        ASSERT_EQ(r.litmus->program.ops.size(), 1u) << text;
        EXPECT_EQ(op_info(r.litmus->program.ops[0].kind).name, info.name);
        EXPECT_EQ(r.litmus->program.ops[0].flags, flag) << text;
      }
    }
  }
}

}  // namespace
}  // namespace rmap
