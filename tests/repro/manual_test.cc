// What the command says about itself: help, the man page, and what bash completes.
// SPDX-License-Identifier: Apache-2.0
#include "repro/cli/manual.h"

#include <array>
#include <cstdio>

#include "repro/print/text.h"
#include "tests/repro/fixture.h"

namespace rmap {
namespace {

const char* const kWordNames[] = {
    "replay", "explain",  "show", "assemble", "litmus", "matrix", "minimize", "keep",  "regress",
    "rebase", "coverage", "soak", "kernels",  "rules",  "ops",    "sites",    "points"};

struct Shell {
  int code;
  std::string out;  // And what it says of errors.
};
Shell shell(const std::string& command) {
  Shell s{-1, {}};
  std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return s;
  std::array<char, 4096> part;
  while (const std::size_t n = std::fread(part.data(), 1, part.size(), pipe))
    s.out.append(part.data(), n);
  s.code = ::pclose(pipe);
  return s;
}

class ManualTest : public CommandTest {
 protected:
  // What bash completes when the cursor stands behind the last word.
  std::string completed(const std::string& words) const {
    const std::string script =
        write("complete.bash", run({"--completion", "bash"}).out + "cd " + folder_ +
                                   "\nCOMP_WORDS=(" + words +
                                   ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_rmapfuzz\n"
                                   "printf '%s ' \"${COMPREPLY[@]}\"\n");
    const Shell s = shell("bash -u " + script);
    EXPECT_EQ(s.code, 0) << s.out;
    return s.out;
  }
};

// --- Help ----------------------------------------------------------------------------------------

// But for the example, which is to be pasted.
TEST_F(ManualTest, help_fits_a_terminal) {
  for (std::size_t columns : {60u, 80u, 120u, 300u}) {
    std::ostringstream out, err;
    Io io{out, err};
    io.out_is_terminal = true;
    io.out_columns = [&] { return columns; };
    for (const char* word : kWordNames) run_command({word, "--help"}, io);
    run_command({"--help"}, io);
    std::size_t longest = 0;
    for (const std::string& line : lines_of(out.str())) {
      if (!line.starts_with("  ./run ")) longest = std::max(longest, line.size());
    }
    EXPECT_LE(longest, std::min<std::size_t>(columns, 100));
    EXPECT_GT(longest, std::min<std::size_t>(columns, 100) - 10);
  }
}

TEST_F(ManualTest, help_of_a_word_can_be_asked_for_in_two_ways) {
  for (const char* word : kWordNames) {
    const Ran r = run({"help", word});
    EXPECT_EQ(r.code, 0);
    EXPECT_EQ(r.out, run({word, "--help"}).out);
    EXPECT_TRUE(r.out.starts_with(std::string("usage: rmapfuzz ") + word)) << r.out;
    EXPECT_TRUE(contains(run({"help"}).out, std::string("\n  ") + word + " "));
  }
  EXPECT_EQ(run({"help"}).out, run({"--help"}).out);
  EXPECT_EQ(run({"help", "help"}).out, run({"--help"}).out);
}

TEST_F(ManualTest, without_a_word_the_help_is_an_error) {
  const Ran r = run({});
  EXPECT_EQ(r.code, 2);
  EXPECT_EQ(r.err, run({"--help"}).out);
}

TEST_F(ManualTest, defaults_and_what_excludes_what_are_told) {
  EXPECT_TRUE(contains(run({"help", "regress"}).out, "(default: repro/regressions)"));
  EXPECT_TRUE(contains(run({"help", "litmus"}).out, "(not\n                   with --kernel"));
}

// --- The man page --------------------------------------------------------------------------------

TEST_F(ManualTest, a_man_page_has_its_sections_words_and_options) {
  const Ran r = run({"--man"});
  EXPECT_EQ(r.code, 0);
  for (const char* section : {"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "WORDS", "EXAMPLES",
                              "EXIT STATUS", "ENVIRONMENT", "FILES", "SEE ALSO"})
    EXPECT_TRUE(contains(r.out, std::string("\n.SH ") + section + "\n")) << section;
  for (const char* word : kWordNames)
    EXPECT_TRUE(contains(r.out, std::string(".SS rmapfuzz ") + word + " ")) << word;
  EXPECT_TRUE(contains(r.out, "\n.B \\-\\-expect\\-finding\n"));
  EXPECT_TRUE(contains(r.out, "\n.B NO_COLOR\n"));
}

TEST_F(ManualTest, a_man_page_is_clean_roff) {
  if (shell("command -v groff").code != 0) GTEST_SKIP() << "groff is not installed";
  const std::string page = write("rmapfuzz.1", run({"--man"}).out);
  EXPECT_EQ(shell("groff -man -Tutf8 -ww -z " + page).out, "");
  const std::string read = shell("groff -man -Tascii -P-c -P-b -P-u " + page).out;
  EXPECT_TRUE(contains(read, "regressions/")) << read;
  EXPECT_TRUE(contains(read, "--kernel KERNEL")) << read;
}

// --- What bash completes -------------------------------------------------------------------------

TEST_F(ManualTest, bash_completes_words_and_options) {
  EXPECT_EQ(completed("rmapfuzz rep"), "replay ");
  EXPECT_EQ(completed("rmapfuzz --v"), "--version ");
  EXPECT_EQ(completed("rmapfuzz help mi"), "minimize ");
  EXPECT_EQ(completed("rmapfuzz replay --t"), "--trace ");
  EXPECT_EQ(completed("rmapfuzz replay x --kernel v3.0 --e"), "--early ");
  EXPECT_EQ(completed("rmapfuzz fly --"), " ");
  EXPECT_EQ(completed("./run rmapfuzz exp"), "explain ");
  EXPECT_EQ(completed("./run rmapfuzz explain --form"), "--format ");
  for (const char* word : kWordNames)
    EXPECT_TRUE(contains(completed("rmapfuzz ''"), std::string(word) + " ")) << word;
}

TEST_F(ManualTest, bash_completes_what_options_can_be) {
  EXPECT_EQ(completed("rmapfuzz replay --kernel v3.1"), "v3.1 v3.19 ");
  EXPECT_EQ(completed("rmapfuzz replay --kernel = v6.1"), "v6.16 v6.19 ");
  EXPECT_EQ(completed("rmapfuzz kernels new"), "newest ");
  EXPECT_EQ(completed("rmapfuzz kernels v3.0+hugh-an"), "v3.0+hugh-anon-vma-lock ");
  EXPECT_EQ(completed("rmapfuzz replay --kernel v3.3+523d4e2008fd-948f017b093a.m"),
            "v3.3+523d4e2008fd-948f017b093a.merge ");
  EXPECT_EQ(completed("rmapfuzz minimize --rule missed"), "missed_pte ");
  EXPECT_EQ(completed("rmapfuzz replay --without una"), " ");
  EXPECT_EQ(completed("rmapfuzz replay --without unr"), "unreachable ");
  EXPECT_EQ(completed("rmapfuzz explain --format p"), "perfetto ");
  EXPECT_EQ(completed("rmapfuzz coverage --format ''"), "text json html ");
  EXPECT_EQ(completed("rmapfuzz rules missed"), "missed_pte ");
  EXPECT_EQ(completed("rmapfuzz ops mr"), "mremap ");
  EXPECT_EQ(completed("rmapfuzz --completion ''"), "bash ");
  EXPECT_EQ(completed("rmapfuzz soak --jobs ''"), " ");
}

TEST_F(ManualTest, bash_completes_files_elsewhere) {
  write("one.litmus", "");
  write("one more.litmus", "");
  EXPECT_EQ(completed("rmapfuzz replay one.l"), "one.litmus ");
  EXPECT_EQ(completed("rmapfuzz replay --json 'one m'"), "one more.litmus ");
  EXPECT_EQ(completed("rmapfuzz minimize x -o one.l"), "one.litmus ");
  EXPECT_EQ(completed("rmapfuzz minimize x --output = one.l"), "one.litmus ");
  EXPECT_EQ(completed("rmapfuzz rules one.l"), " ");
}

TEST_F(ManualTest, only_a_shell_that_is_known_is_completed_for) {
  EXPECT_EQ(run({"--completion"}).code, 2);
  EXPECT_EQ(run({"--completion", "fish"}).code, 2);
  EXPECT_TRUE(contains(run({"--completion", "fish"}).err, "knows bash"));
}

}  // namespace
}  // namespace rmap
