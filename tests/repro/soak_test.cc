// Soak: what it writes down can be read again, whatever is torn. soak_report_test.cc has findings
// and reports, soak_process_test.cc the children; tests/fuzz/soak_test.sh kills whole campaigns.
// SPDX-License-Identifier: Apache-2.0
#include "repro/files/file.h"
#include "repro/soak/corpus.h"
#include "repro/soak/folder.h"
#include "repro/soak/gather.h"
#include "repro/soak/journal.h"
#include "repro/soak/totals.h"
#include "repro/soak/worker.h"
#include "tests/repro/golden.h"

namespace rmap {
namespace {

class SoakTest : public CommandTest {};

JournalLine line(uint64_t elapsed_ms, uint64_t at, const std::string& event) {
  return {.elapsed_ms = elapsed_ms,
          .at = at,
          .executions = 10 * elapsed_ms,
          .corpus_files = 3,
          .sites = 4,
          .pairs = 5,
          .findings = 1,
          .restarts = 0,
          .event = event,
          .what = event == "input" ? "missed_pte-00000001" : ""};
}

// --- Journal -------------------------------------------------------------------------------------

TEST_F(SoakTest, a_journal_line_is_read_as_it_was_written) {
  for (const JournalLine& l : {line(1, 2, "sample"), line(7, 9, "input")}) {
    JournalLine read;
    ASSERT_TRUE(parse_journal_line(print_journal_line(l), read));
    EXPECT_EQ(read, l);
  }
  JournalLine read;
  EXPECT_FALSE(parse_journal_line("", read));
  EXPECT_FALSE(parse_journal_line("{}", read));
  EXPECT_FALSE(parse_journal_line("[1]", read));
  EXPECT_FALSE(parse_journal_line(R"({"event":"sample","at":-1})", read));
  EXPECT_FALSE(parse_journal_line(print_journal_line(line(uint64_t{1} << 61, 1, "sample")), read));
}

// Cut anywhere, all whole lines are there and the next one goes where the torn one was.
TEST_F(SoakTest, a_torn_journal_goes_on_after_its_last_whole_line) {
  const std::string one = print_journal_line(line(1, 1, "start")) + "\n";
  const std::string two = print_journal_line(line(2, 2, "sample")) + "\n";
  for (std::size_t cut = 0; cut <= two.size(); cut++) {
    const std::string file = write("journal", one + two.substr(0, cut));
    const std::size_t whole = cut == two.size() ? 2 : 1;
    Journal journal;
    ASSERT_EQ(journal.open(file), "");
    ASSERT_EQ(journal.lines().size(), whole);
    ASSERT_EQ(journal.append(line(3, 3, "start")), "");
    EXPECT_EQ(parse_journal(slurp(file)).lines.size(), whole + 1);
    EXPECT_EQ(parse_journal(slurp(file)).error, "");
  }
}

TEST_F(SoakTest, a_journal_that_is_damaged_inside_is_refused_with_the_line) {
  const std::string good = print_journal_line(line(1, 1, "start")) + "\n";
  const std::string file = write("journal", good + "garbage\n" + good);
  Journal journal;
  EXPECT_EQ(journal.open(file), file + ":2: is no line of a journal; remove it");
  EXPECT_EQ(slurp(file), good + "garbage\n" + good);
}

TEST_F(SoakTest, downtime_is_from_the_last_line_to_the_next_start) {
  EXPECT_EQ(downtime_of({line(0, 100, "start"), line(9, 110, "sample"), line(9, 150, "start"),
                         line(19, 160, "sample"), line(19, 161, "start")}),
            41u);
}

// --- Totals --------------------------------------------------------------------------------------

void write_reached(const std::string& path, uint64_t executions) {
  auto file = std::make_unique<ReachedFile>();
  file->reached.executions = executions;
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(file.get()), sizeof *file);
}

// Whatever was left by a kill while they were folded, each run counts once.
TEST_F(SoakTest, totals_count_each_run_once) {
  write_reached(path("0001"), 1);
  write_reached(path("0002"), 20);
  write("0003", "");                                      // Killed before it had begun,
  write("0004", std::string(sizeof(ReachedFile), '\0'));  // or just when it did.
  Totals first(folder_);
  ASSERT_EQ(first.begin(), "");
  EXPECT_EQ(first.sum().executions, 21u);
  EXPECT_EQ(files_in(folder_), std::vector<std::string>{"total-0004"});

  write_reached(path("0002"), 20);       // Killed before they were removed,
  write_reached(path("total-0001"), 1);  // once before that, too.
  Totals second(folder_);
  ASSERT_EQ(second.begin(7), "");  // The last one left nothing but a log.
  EXPECT_EQ(second.sum().executions, 21u);
  EXPECT_EQ(files_in(folder_), std::vector<std::string>{"total-0007"});
  EXPECT_EQ(second.next_run(), 8u);
  write_reached(path("0008"), 300);
  EXPECT_EQ(second.sum().executions, 321u);
  second.ended(8);
  EXPECT_EQ(second.sum().executions, 321u);
}

// Over weeks fuzzers end thousands of times. What still runs is not put together with them.
TEST_F(SoakTest, totals_of_dead_runs_are_put_together_while_others_run) {
  Totals totals(folder_);
  ASSERT_EQ(totals.begin(), "");
  for (uint32_t run = 1; run <= 250; run++) {
    ASSERT_EQ(totals.next_run(), run);
    write_reached(path(run_name(run)), 1);
    if (run > 1) totals.ended(run - 1);  // Two at a time.
  }
  EXPECT_EQ(files_in(folder_).front(), "0201");
  EXPECT_EQ(files_in(folder_).back(), "total-0200");
  EXPECT_EQ(files_in(folder_).size(), 51u);
  EXPECT_EQ(totals.sum().executions, 250u);
  Totals again(folder_);
  ASSERT_EQ(again.begin(), "");
  EXPECT_EQ(again.sum().executions, 250u);
}

TEST_F(SoakTest, a_damaged_total_is_refused_and_nothing_is_lost) {
  write("total-0002", "torn");
  write_reached(path("0003"), 20);
  Totals totals(folder_);
  EXPECT_EQ(totals.begin(), path("total-0002") +
                                ": is damaged; put a copy of it there, or remove it, and what the "
                                "runs up to 2 reached counts no more");
  EXPECT_EQ(files_in(folder_), (std::vector<std::string>{"0003", "total-0002"}));
}

TEST_F(SoakTest, what_a_run_reached_is_put_aside_if_it_is_damaged) {
  Campaign c{"v3.0", kModelVersion, 7};
  Folder folder(path("c"));
  ASSERT_EQ(folder.open(c), "");
  write("c/reached/0001", "torn");
  write_reached(path("c/reached/0002"), 20);
  Totals totals(folder.file("reached"));
  ASSERT_EQ(totals.begin(), "");
  EXPECT_EQ(totals.sum().executions, 20u);
  EXPECT_EQ(files_in(folder.file("reached")),
            (std::vector<std::string>{"0001.damaged", "total-0002"}));
  SoakReport r;
  gather(folder, {}, r);
  ASSERT_EQ(r.troubles.size(), 1u);
  EXPECT_TRUE(contains(r.troubles[0], path("c/reached/0001.damaged")));
}

// --- Folder --------------------------------------------------------------------------------------

TEST_F(SoakTest, a_campaign_goes_on_only_as_it_was) {
  Campaign first{"v3.0", kModelVersion, 7};
  ASSERT_EQ(Folder(path("c")).open(first), "");
  Campaign again{"v3.0", kModelVersion, 8};
  ASSERT_EQ(Folder(path("c")).open(again), "");
  EXPECT_EQ(again.seed, 7u);
  Campaign other{"v3.1", kModelVersion, 7};
  EXPECT_EQ(Folder(path("c")).open(other),
            path("c/campaign.json") +
                ":1: is a campaign of kernel v3.0, not of v3.1; name another --directory");
  Campaign newer{"v3.0", kModelVersion + 1, 7};
  EXPECT_TRUE(contains(Folder(path("c")).open(newer), "is a campaign of model version"));
  write("c/campaign.json", "{}");
  EXPECT_TRUE(contains(Folder(path("c")).open(first), "campaign.json:1: does not describe"));
}

TEST_F(SoakTest, what_was_half_written_is_removed) {
  Campaign c{"v3.0", kModelVersion, 7};
  ASSERT_EQ(Folder(path("c")).open(c), "");
  write("c/report.txt.1.part", "torn");
  write("c/inputs/missed_pte-1.2.part", "torn");
  ASSERT_EQ(Folder(path("c")).open(c), "");
  EXPECT_FALSE(std::filesystem::exists(path("c/report.txt.1.part")));
  EXPECT_FALSE(std::filesystem::exists(path("c/inputs/missed_pte-1.2.part")));
}

TEST_F(SoakTest, what_cannot_be_written_leaves_nothing) {
  std::filesystem::create_directories(path("c/there"));
  EXPECT_EQ(replace_file(path("c/there"), "x"),
            path("c/there") + ": cannot be written: Is a directory; check the file and its folder");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(path("c")), {}), 1);
}

TEST_F(SoakTest, what_is_no_campaign_is_left_alone) {
  write("notes", "mine");
  Campaign c{"v3.0", kModelVersion, 7};
  EXPECT_TRUE(contains(Folder(folder_).open(c), "holds other things than a campaign"));
  EXPECT_EQ(files_in(folder_), std::vector<std::string>{"notes"});
}

// --- Corpus, logs --------------------------------------------------------------------------------

TEST_F(SoakTest, only_torn_inputs_are_removed) {
  const std::vector<uint8_t> bytes = encode(Program());
  write("whole", {bytes.begin(), bytes.end()});
  write("empty", "");
  write("torn", {bytes.begin(), bytes.begin() + 3});
  EXPECT_EQ(remove_torn_inputs(folder_), 2u);
  EXPECT_EQ(files_in(folder_), std::vector<std::string>{"whole"});
}

TEST_F(SoakTest, a_shortened_log_ends_as_before) {
  std::string log;
  for (int i = 0; i < 1000; i++) log += "#" + std::to_string(i) + " NEW\n";
  const std::string file = write("0001", log);
  shorten_log(file, log.size(), 100);
  EXPECT_EQ(slurp(file), log);
  shorten_log(file, 1000, 100);
  EXPECT_LT(slurp(file).size(), 100u);
  EXPECT_TRUE(slurp(file).starts_with('#'));
  EXPECT_TRUE(log.ends_with(slurp(file)));
}

TEST_F(SoakTest, the_logs_of_the_last_hundred_runs_are_kept) {
  for (uint32_t run = 1; run <= 130; run++) write(run_name(run), "");
  write("merge", "");
  EXPECT_EQ(last_logged_run(folder_), 130u);
  remove_old_logs(folder_, 120);  // 121 lives.
  EXPECT_EQ(files_in(folder_).front(), "0021");
  EXPECT_EQ(files_in(folder_).size(), 111u);
}

TEST(Soak, fuzzers_that_end_at_once_are_started_less_and_less_often) {
  EXPECT_EQ(pause_after(0), 0u);
  EXPECT_EQ(pause_after(1), 1000u);
  EXPECT_EQ(pause_after(3), 4000u);
  EXPECT_EQ(pause_after(1000), 60'000u);
}

// --- The word ------------------------------------------------------------------------------------

TEST_F(SoakTest, bad_input_is_one_line) {
  const std::string fuzzer = write("fuzzer", "");
  std::filesystem::permissions(fuzzer, std::filesystem::perms::owner_all);
  const std::vector<std::vector<std::string>> bad = {
      {"soak"},
      {"soak", "--hours", "0"},
      {"soak", "--hours", "1", "--kernel", "v9.9"},
      {"soak", "--hours", "1", "--fuzzer", path("missing"), "--directory", path("c")},
      {"soak", "--hours", "1", "--fuzzer", folder_, "--directory", path("c")},
      {"soak", "--hours", "1", "--fuzzer", fuzzer, "--corpus", path("no")},
      {"soak", "--hours", "1", "--fuzzer", fuzzer, "--directory", folder_},
  };
  for (const auto& args : bad) {
    const Ran ran = run(args);
    EXPECT_EQ(ran.code, kBadInput) << ran.err;
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
  }
}

// However the kernel was spelled. What is there is no campaign, which is said.
TEST_F(SoakTest, a_campaign_is_called_as_the_chain_spells_its_kernel) {
  const std::string fuzzer = write("fuzzer", "");
  std::filesystem::permissions(fuzzer, std::filesystem::perms::owner_all);
  std::filesystem::create_directories(path("c/v3.0"));
  write("c/v3.0/mine", "");
  const Ran ran = run({"soak", "--kernel", "linux-3.0", "--hours", "1", "--fuzzer", fuzzer,
                       "--campaigns", path("c")});
  EXPECT_EQ(ran.code, kBadInput);
  EXPECT_TRUE(contains(ran.err, path("c/v3.0"))) << ran.err;
}

}  // namespace
}  // namespace rmap
