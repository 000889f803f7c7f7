// Soak: what it writes down can be read again, whatever is torn; its reports are pure and escaped.
// tests/fuzz/soak_test.sh kills whole campaigns.
// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "repro/html.h"
#include "repro/soak/corpus.h"
#include "repro/soak/findings.h"
#include "repro/soak/folder.h"
#include "repro/soak/gather.h"
#include "repro/soak/journal.h"
#include "repro/soak/process.h"
#include "repro/soak/signals.h"
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

// --- Processes -----------------------------------------------------------------------------------

void await_end(Process& process) {
  while (!process.ended()) ::usleep(1000);
}

TEST_F(SoakTest, a_child_of_which_nothing_is_known_has_failed) {
  const auto before = std::signal(SIGCHLD, SIG_IGN);
  Process process;
  ASSERT_TRUE(process.start([] { return 0; }, path("log")));
  await_end(process);
  std::signal(SIGCHLD, before);
  EXPECT_EQ(status_words(process.status()), "exit code 127");
}

TEST_F(SoakTest, a_program_that_cannot_be_run_says_why) {
  Process process;
  ASSERT_TRUE(process.start({path("missing")}, path("log")));
  await_end(process);
  EXPECT_EQ(status_words(process.status()), "exit code 127");
  EXPECT_EQ(slurp(path("log")), path("missing") + ": No such file or directory\n");
}

// A merge is a family: when its leader is killed, nobody is left who holds the lock.
TEST_F(SoakTest, a_family_ends_with_its_leader) {
  Process process;
  const std::string script = "echo $PPID >" + path("leader") + "; sleep 100 & wait";
  ASSERT_TRUE(process.start_family({"/bin/sh", "-c", script}, path("log")));
  while (slurp(path("leader")).empty()) ::usleep(1000);
  const pid_t leader = std::stoi(slurp(path("leader")));
  ::kill(leader, SIGKILL);
  await_end(process);
  EXPECT_EQ(status_words(process.status()), "signal 9 (Killed)");
  for (int i = 0; ::kill(-leader, 0) == 0 && i < 1000; i++) ::usleep(10'000);
  EXPECT_NE(::kill(-leader, 0), 0) << "somebody of its group lives";
}

TEST(Soak, a_signal_that_is_ignored_stays_so_and_others_are_counted) {
  const auto before = std::signal(SIGHUP, SIG_IGN);
  {
    const StopSignals signals;
    ::raise(SIGHUP);
    EXPECT_FALSE(stop_asked());
    ::raise(SIGTERM);
    EXPECT_TRUE(stop_asked());
  }
  EXPECT_EQ(std::signal(SIGHUP, before), SIG_IGN);
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
  EXPECT_EQ(write_durably(path("c/there"), "x"),
            path("c/there") + ": cannot be written: Is a directory");
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

// --- Findings ------------------------------------------------------------------------------------

// Two inputs of one bug, with other names, are one finding; and doing it again changes nothing.
TEST_F(SoakTest, inputs_with_the_same_signature_are_one_finding) {
  Campaign c{"v3.0", kModelVersion, 7};
  Folder folder(path("c"));
  ASSERT_EQ(folder.open(c), "");
  write("merge.litmus", std::string(kMergeProgram) + kMergeWitness);
  for (const char* name : {"missed_pte-1", "missed_pte-2"})
    ASSERT_EQ(run({"assemble", path("merge.litmus"), "--kernel", "v3.0", "-o",
                   folder.file("inputs/") + name})
                  .code,
              kClean);
  const NamedKernel kernel = kernel_named("v3.0");
  EXPECT_EQ(inputs_to_do(folder, kept_findings(folder)).size(), 2u);
  EXPECT_EQ(keep_input(folder, kernel, "missed_pte-1", 1000), "");
  EXPECT_EQ(keep_input(folder, kernel, "missed_pte-2", 1000), "");
  const std::vector<SoakFinding> kept = kept_findings(folder);
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].inputs, (std::vector<std::string>{"missed_pte-1", "missed_pte-2"}));
  EXPECT_TRUE(inputs_to_do(folder, kept).empty());
  const std::string base = folder.file("findings/") + kept[0].name;
  const Ran replayed = run({"replay", base + ".litmus"});
  EXPECT_EQ(replayed.code, kFinding);
  EXPECT_TRUE(contains(replayed.out, kept[0].signature));
  EXPECT_TRUE(contains(slurp(base + ".txt"), "SUMMARY: missed_pte v3.0"));
  EXPECT_EQ(parse_finding(print_finding(kept[0]), kept[0].name), kept[0]);
}

// A finding is called as its file is, whatever stands in it.
TEST_F(SoakTest, a_description_is_not_believed) {
  EXPECT_EQ(parse_finding("", "x"), std::nullopt);
  EXPECT_EQ(parse_finding("{}", "x"), std::nullopt);
  EXPECT_EQ(parse_finding(R"({"inputs":["../x",7]})", "x"), std::nullopt);
  std::string text = print_finding({.name = "x"});
  text.insert(1, R"("name":"../../y",)");
  EXPECT_EQ(parse_finding(text, "x")->name, "x");
}

// Its name would not be read as it was written, so it would be kept again and again.
TEST_F(SoakTest, what_no_fuzzer_stored_is_no_input) {
  Campaign c{"v3.0", kModelVersion, 7};
  Folder folder(path("c"));
  ASSERT_EQ(folder.open(c), "");
  for (const char* name : {"missed_pte-1", "a b", "\xff"})
    write("c/inputs/" + std::string(name), "");
  EXPECT_EQ(stored_inputs(folder), std::vector<std::string>{"missed_pte-1"});
}

TEST_F(SoakTest, what_broke_a_fuzzer_is_listed_up_to_a_bound) {
  Campaign c{"v3.0", kModelVersion, 7};
  Folder folder(path("c"));
  ASSERT_EQ(folder.open(c), "");
  for (int i = 0; i < 9; i++) write("c/crashes/crash-" + std::to_string(i), "x");
  write("c/crashes/crash-empty", "");
  write("c/crashes/slow-unit-1", "x");
  SoakReport r;
  gather(folder, {}, r);
  ASSERT_EQ(r.troubles.size(), 6u);
  EXPECT_EQ(r.troubles.back(), "... and so did 4 more in " + path("c/crashes/"));
}

TEST_F(SoakTest, an_input_without_a_finding_is_said_to_be_one) {
  Campaign c{"v3.0", kModelVersion, 7};
  Folder folder(path("c"));
  ASSERT_EQ(folder.open(c), "");
  const std::vector<uint8_t> bytes = encode(Program());
  write("c/inputs/x", {bytes.begin(), bytes.end()});
  EXPECT_EQ(keep_input(folder, kernel_named("v3.0"), "x", 10),
            path("c/inputs/x") + ": shows no finding under v3.0; look at it, and remove it");
}

// --- Reports -------------------------------------------------------------------------------------

SoakReport example() {
  SoakReport r;
  r.directory = "build/soak/<v3.0>";
  r.kernel = "v3.0";
  r.model = 3;
  r.seed = 7;
  r.jobs = 2;
  r.elapsed_ms = 3'725'000;
  r.planned_ms = 7'200'000;
  r.downtime_s = 61;
  r.starts = 2;
  r.runs = 5;
  r.restarts = 1;
  r.executions = 123'456'789;
  r.failing = 12;
  r.operations = 1'000;
  r.effective = 620;
  r.corpus_files = 1'234;
  r.pairs = 1'300;
  r.sites_reached = {"copy_vma/a", "rmap_walk/b"};
  for (int i = 0; i < 20; i++) r.sites_missed.push_back("zap/c" + std::to_string(i));
  for (uint64_t i = 0; i <= 4; i++) {
    JournalLine l = line(i * 930'000, 100 + i, "sample");
    l.executions = i * 30'000'000;
    l.pairs = 1'300 - 1'300 / (i + 1);
    r.growth.push_back(l);
  }
  r.findings.push_back({.name = "missed_pte-00000001",
                        .rule = "missed_pte",
                        .signature = "missed_pte--behind--migrate+mremap--a+b",
                        .sentence = "cpu2 <missed> & lost it.",
                        .first = SeenAt{65'000, 2'000'000},
                        .inputs = 2,
                        .pending = false,
                        .minimal = true,
                        .operations = 4,
                        .preemptions = 1,
                        .story = "0000 -> 0001\n  1. <b>then</b>\n",
                        .story_file = "/c/findings/missed_pte-00000001.txt",
                        .replay = "./run rmapfuzz replay 'it''s' --kernel v3.0",
                        .keep = "./run rmapfuzz keep 'it''s' --kernel v3.0 --name 00000001"});
  r.findings.push_back(
      {.name = "deadlock-00000002", .rule = "deadlock", .inputs = 1, .pending = true});
  r.troubles = {"a fuzzer ended by itself, run 0002: signal 9 (Killed)"};
  return r;
}

TEST(SoakReport, golden) {
  expect_golden("soak.txt", print_soak_text(example()));
  expect_golden("soak.html", print_soak_html(example()));
  expect_golden("soak.json", print_soak_json(example()));
}

TEST(SoakReport, text_in_the_page_is_escaped) {
  const std::string page = print_soak_html(example());
  EXPECT_FALSE(contains(page, "<missed>"));
  EXPECT_FALSE(contains(page, "<b>"));
  EXPECT_TRUE(contains(page, "cpu2 &lt;missed&gt; &amp; lost it."));
  EXPECT_FALSE(contains(page, "<script"));
  EXPECT_FALSE(contains(page, "http"));
}

TEST(SoakReport, a_campaign_that_has_just_begun_can_be_printed) {
  const SoakReport r;
  EXPECT_TRUE(contains(print_soak_text(r), "executions  0, 0 a second"));
  EXPECT_TRUE(contains(print_soak_html(r), "</html>"));
  EXPECT_TRUE(nlohmann::json::parse(print_soak_json(r)).is_object());
}

TEST(SoakReport, growth_is_thinned_evenly_with_both_ends) {
  std::vector<JournalLine> lines;
  for (uint64_t i = 0; i < 1000; i++) lines.push_back(line(i, i, "sample"));
  const std::vector<JournalLine> some = thinned(lines, 10);
  ASSERT_EQ(some.size(), 10u);
  EXPECT_EQ(some.front().elapsed_ms, 0u);
  EXPECT_EQ(some.back().elapsed_ms, 999u);
  EXPECT_EQ(thinned(some, 10).size(), 10u);
}

TEST(Html, numbers_and_times_are_as_people_say_them) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1'234'567), "1,234,567");
  EXPECT_EQ(counted(1, "file"), "1 file");
  EXPECT_EQ(duration_words(59), "59 s");
  EXPECT_EQ(duration_words(200), "3 min 20 s");
  EXPECT_EQ(duration_words(7200), "2 h");
  EXPECT_EQ(duration_words(90'061), "1 d 1 h");
  EXPECT_EQ(html_escaped("a<b>&\"\n\x01"), "a&lt;b&gt;&amp;&quot;\n?");
}

TEST(Html, plots_of_nothing_of_one_moment_and_of_huge_numbers_have_no_holes) {
  for (const Plot& plot : {Plot{"p", {}, {}}, Plot{"p", {{0, 0}}, {{0, "x"}}},
                           Plot{"p", {{0, 0}, {40'000'000, ~uint64_t{0}}}, {}}}) {
    const std::string svg = svg_plot(plot);
    EXPECT_TRUE(svg.ends_with("</svg>\n"));
    EXPECT_LT(svg.size(), 8'000u);
  }
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

}  // namespace
}  // namespace rmap
