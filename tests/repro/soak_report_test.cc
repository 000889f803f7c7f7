// Soak: inputs become findings, whatever lies beside them; reports are pure and escaped.
// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "repro/print/html.h"
#include "repro/print/text.h"
#include "repro/soak/findings.h"
#include "repro/soak/gather.h"
#include "repro/soak/report.h"
#include "tests/repro/golden.h"

namespace rmap {
namespace {

class SoakFindings : public CommandTest {};

// --- Findings ------------------------------------------------------------------------------------

// Two inputs of one bug, with other names, are one finding; and doing it again changes nothing.
TEST_F(SoakFindings, inputs_with_the_same_signature_are_one_finding) {
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
TEST_F(SoakFindings, a_description_is_not_believed) {
  EXPECT_EQ(parse_finding("", "x"), std::nullopt);
  EXPECT_EQ(parse_finding("{}", "x"), std::nullopt);
  EXPECT_EQ(parse_finding(R"({"inputs":["../x",7]})", "x"), std::nullopt);
  std::string text = print_finding({.name = "x"});
  text.insert(1, R"("name":"../../y",)");
  EXPECT_EQ(parse_finding(text, "x")->name, "x");
}

// Its name would not be read as it was written, so it would be kept again and again.
TEST_F(SoakFindings, what_no_fuzzer_stored_is_no_input) {
  Campaign c{"v3.0", kModelVersion, 7};
  Folder folder(path("c"));
  ASSERT_EQ(folder.open(c), "");
  for (const char* name : {"missed_pte-1", "a b", "\xff"})
    write("c/inputs/" + std::string(name), "");
  EXPECT_EQ(stored_inputs(folder), std::vector<std::string>{"missed_pte-1"});
}

TEST_F(SoakFindings, what_broke_a_fuzzer_is_listed_up_to_a_bound) {
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

TEST_F(SoakFindings, an_input_without_a_finding_is_said_to_be_one) {
  Campaign c{"v3.0", kModelVersion, 7};
  Folder folder(path("c"));
  ASSERT_EQ(folder.open(c), "");
  const std::vector<uint8_t> bytes = encode(Program());
  write("c/inputs/x", {bytes.begin(), bytes.end()});
  EXPECT_EQ(keep_input(folder, kernel_named("v3.0"), "x", 10),
            path("c/inputs/x") + ": shows no finding under v3.0; look at it, and remove it");
}

// --- Reports -------------------------------------------------------------------------------------

JournalLine sample(uint64_t elapsed_ms) {
  JournalLine l;
  l.elapsed_ms = elapsed_ms;
  l.corpus_files = 3;
  l.sites = 4;
  l.findings = 1;
  return l;
}

SoakReport example_report() {
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
    JournalLine l = sample(i * 930'000);
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
  expect_golden("soak.txt", print_soak_text(example_report()));
  expect_golden("soak.html", print_soak_html(example_report()));
  expect_golden("soak.json", print_soak_json(example_report()));
}

TEST(SoakReport, text_in_the_page_is_escaped) {
  const std::string page = print_soak_html(example_report());
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
  for (uint64_t i = 0; i < 1000; i++) lines.push_back(sample(i));
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
  EXPECT_EQ(counted(1'234, "choice"), "1,234 choices");
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

}  // namespace
}  // namespace rmap
