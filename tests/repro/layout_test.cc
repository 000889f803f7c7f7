// How wide and how colourful explain's page is: all lines fit, nothing is lost, colours are only
// added.
// SPDX-License-Identifier: Apache-2.0
#include "repro/formats/layout.h"

#include <algorithm>
#include <map>

#include "core/program/generate.h"
#include "repro/formats/format.h"
#include "repro/trace/cells.h"
#include "tests/repro/golden.h"

namespace rmap {
namespace {

constexpr std::size_t kWidths[] = {60, 72, 80, 100, 120, 200};

// Every word, in an order that does not depend on lines; what wraps a command is none.
std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream stream(text);
  for (std::string word; stream >> word;) {
    if (word != "\\") words.push_back(word);
  }
  std::sort(words.begin(), words.end());
  return words;
}

std::string without_escapes(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); i++) {
    if (text[i] == '\033')
      i = text.find('m', i);
    else
      plain += text[i];
  }
  return plain;
}

// Whoever cuts a line out of a page gets no colour without its end.
void expect_colours_end_in_their_line(const std::string& text) {
  for (const std::string& line : lines_of(text)) {
    const std::size_t last = line.rfind('\033');
    if (last != std::string::npos) EXPECT_EQ(line.substr(last, 4), "\033[0m") << line;
  }
}

class Layout : public CommandTest {
 protected:
  Recording recorded(const Input& input, const NamedKernel& kernel) {
    return record(executors_.of(kernel.kernel), kernel, program_for(input, kernel.kernel),
                  RuleSet::proof());
  }

  static void expect_fits(const Recording& r, bool all) {
    const auto whole = words_of(print_explanation(r, {.all = all, .width = 1000}));
    for (std::size_t width : kWidths) {
      const std::string text = print_explanation(r, {.all = all, .width = width});
      for (const std::string& line : lines_of(text)) {
        // The name of a file is whole, however long it is.
        if (!line.ends_with(".litmus \\")) EXPECT_LE(line.size(), width) << line;
        EXPECT_FALSE(line.ends_with(' ')) << line;
      }
      EXPECT_EQ(words_of(text), whole) << text;
      const std::string coloured =
          print_explanation(r, {.all = all, .colour = true, .width = width});
      EXPECT_EQ(without_escapes(coloured), text);
      EXPECT_NE(coloured, text);
      expect_colours_end_in_their_line(coloured);
    }
    for (const Cell& cell : all ? all_cells(r) : cells_that_matter(r)) {
      const bool shown = all || cell.cpu != 0;
      if (!shown || cell.function.empty() || cell.verb == "walk-end") continue;
      EXPECT_TRUE(std::binary_search(whole.begin(), whole.end(), cell.function)) << cell.function;
    }
  }

  Executors executors_;
};

TEST_F(Layout, every_litmus_file_fits_and_loses_nothing) {
  std::size_t executions = 0;
  for (const auto& entry : std::filesystem::directory_iterator(in_tree("tests/litmus"))) {
    if (entry.path().extension() != ".litmus") continue;
    Input input = *load_input(entry.path().string()).input;
    for (const Witness& witness : input.litmus.witnesses) {
      Recording r = recorded(input, *parse_kernel(witness.kernel).kernel);
      r.replay = "./run rmapfuzz replay tests/litmus/" + entry.path().filename().string() +
                 " --kernel " + r.kernel;
      SCOPED_TRACE(r.replay);
      expect_fits(r, false);
      expect_fits(r, true);
      executions++;
    }
  }
  EXPECT_GE(executions, 47u);
}

// Operations of all kinds, dealt to one cpu, two, three and four.
TEST_F(Layout, random_programs_fit_and_lose_nothing) {
  const NamedKernel kernel = *parse_kernel("v3.0").kernel;
  std::map<std::size_t, int> by_cpus;
  for (uint64_t seed = 0; seed < 100; seed++) {
    SCOPED_TRACE(seed);
    sched::SplitMix random(seed);
    Input input;
    input.litmus.program = generate_program(random);
    uint8_t dealt = 0;
    for (Op& op : input.litmus.program.ops) {
      if (op.task != 0) op.task = static_cast<uint8_t>(1 + dealt++ % (1 + seed % kCpusMax));
    }
    const Recording r = recorded(input, kernel);
    expect_fits(r, false);
    std::vector<Cell> cells = cells_that_matter(r);
    std::erase_if(cells, [](const Cell& cell) { return cell.cpu == 0; });
    by_cpus[cpus_of(cells).size()]++;
  }
  for (std::size_t cpus = 1; cpus <= kCpusMax; cpus++) EXPECT_GT(by_cpus[cpus], 0) << cpus;
}

TEST_F(Layout, golden_page_for_a_mail) {
  const Ran r = run_from_root({"explain", "tests/golden/mremap-merge.litmus", "--width", "72"});
  expect_golden("mremap-merge.mail", r.out);
}

TEST_F(Layout, golden_page_of_four_cpus) {
  const std::string file =
      write("four.litmus",
            "litmus four\nsetup mmap @0 +2; write @0 +2; mremap @1 +1 @8\ncpu1 mremap @8 +1 @1\n"
            "cpu2 migrate @8\ncpu3 read @0 +1; munmap @0 +1\ncpu4 fork to mm1\n"
            "witness v3.0 00 00 00 00 01 00 00 00 02 00 00 00 00 03 00 00 00 01 00 00 00 00 02\n");
  // The command has a folder's name in it, which is not golden.
  const std::string text = run({"explain", file, "--kernel", "v3.0", "--width", "80"}).out;
  expect_golden("four.columns", text.substr(0, text.find("replay: ")));
}

TEST_F(Layout, two_columns_stand_apart_in_80_characters) {
  const std::vector<std::string> lines = lines_of(run({"explain", merge(), "--width", "80"}).out);
  const auto begins = [&](const std::string& what) {
    for (const std::string& line : lines) {
      if (contains(line, what)) return line.find(what);
    }
    return std::string::npos;
  };
  EXPECT_EQ(begins("lock    mmap_sem, write"), 6u);
  const std::size_t second = begins("isolate p1");
  EXPECT_GE(second, 32u);
  EXPECT_LE(second, 40u);
}

TEST_F(Layout, colours_are_for_terminals_or_for_who_asks) {
  const std::string plain = run({"explain", merge()}).out;
  EXPECT_EQ(without_escapes(plain), plain);
  EXPECT_EQ(run({"explain", merge(), "--color", "never"}).out, plain);
  const std::string coloured = run({"explain", merge(), "--color", "always"}).out;
  EXPECT_NE(coloured, plain);
  EXPECT_EQ(without_escapes(coloured), plain);
  EXPECT_EQ(run({"explain", merge(), "--color", "red"}).code, 2);
  EXPECT_EQ(run({"explain", merge(), "--width", "59"}).code, 2);
}

TEST_F(Layout, a_trace_has_the_colours_of_its_tasks) {
  const std::vector<std::string> plain = {"replay", merge(), "--trace"};
  std::vector<std::string> coloured = plain;
  coloured.insert(coloured.end(), {"--color", "always"});
  EXPECT_EQ(without_escapes(run(coloured).out), run(plain).out);
  EXPECT_TRUE(contains(run(coloured).out, "\033[36m   "));
  for (const char* width : {"60", "72"}) {
    std::vector<std::string> narrow = plain;
    narrow.insert(narrow.end(), {"--width", width});
    const std::string text = run(narrow).out;
    EXPECT_EQ(words_of(text), words_of(run(plain).out));
    for (const std::string& line : lines_of(text)) {
      if (line.starts_with(' ')) EXPECT_LE(line.size(), std::stoul(width)) << line;
    }
  }
}

TEST_F(Layout, a_file_gets_colours_only_from_who_asks) {
  std::ostringstream out;
  const Io terminal{
      .out = out, .err = out, .out_is_terminal = true, .colour = true, .out_columns = [] {
        return std::size_t{72};
      }};
  run_command({"explain", merge(), "-o", path("plain")}, terminal);
  EXPECT_EQ(slurp(path("plain")), run({"explain", merge()}).out);
  run_command({"explain", merge(), "-o", path("coloured"), "--color", "always"}, terminal);
  EXPECT_EQ(slurp(path("coloured")), run({"explain", merge(), "--color", "always"}).out);
}

// What else prints prose or tables.
TEST_F(Layout, other_words_fit_as_well) {
  const std::vector<std::vector<std::string>> kCommands = {
      {"kernels"},
      {"kernels", "v3.0+486cf46f3f9b"},
      {"rules"},
      {"ops"},
      {"coverage", "tests/golden/mremap-merge.litmus", "--all"},
      {"matrix", "tests/golden/mremap-merge.litmus", "--bisect", "--kernel", "v3.0"}};
  for (std::vector<std::string> command : kCommands) {
    SCOPED_TRACE(command[0]);
    const std::string usual = run_from_root(command).out;
    command.insert(command.end(), {"--width", "72"});
    const std::string narrow = run_from_root(command).out;
    EXPECT_EQ(words_of(narrow), words_of(usual));
    for (const std::string& line : lines_of(usual)) EXPECT_LE(line.size(), 100u) << line;
    for (const std::string& line : lines_of(narrow)) EXPECT_LE(line.size(), 72u) << line;
  }
}

}  // namespace
}  // namespace rmap
