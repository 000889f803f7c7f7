// Hostile input: whatever a file holds, the command explains itself in one line and does not crash.
// SPDX-License-Identifier: Apache-2.0
#include "repro/files/input.h"

#include "core/program/program.h"
#include "scheduler/decisions.h"
#include "tests/repro/fixture.h"

namespace rmap {
namespace {

class InputTest : public CommandTest {
 protected:
  // Every word that reads a file refuses it with exit code 2 and one line that starts with its
  // name.
  void expect_refused(const std::string& file, const std::string& why) const {
    for (const char* word : {"replay", "show", "explain", "litmus", "matrix", "assemble"}) {
      const Ran r = run({word, file});
      EXPECT_EQ(r.code, 2) << word;
      EXPECT_TRUE(r.err.starts_with(file + ":")) << r.err;
      EXPECT_TRUE(contains(r.err, why)) << r.err;
      EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
      EXPECT_EQ(r.out, "");
    }
    EXPECT_EQ(run({"minimize", file, "-o", path("out")}).code, 2);
    EXPECT_FALSE(std::filesystem::exists(path("out")));
  }
};

TEST_F(InputTest, a_missing_file) { expect_refused(path("none"), "no such file"); }
TEST_F(InputTest, a_directory) { expect_refused(folder_, "is a directory"); }
TEST_F(InputTest, an_empty_file) { expect_refused(write("empty", ""), "is empty"); }
TEST_F(InputTest, a_megabyte_of_ff) {
  expect_refused(write("ff", std::string(1 << 20, '\xff')), "format version 255");
}
TEST_F(InputTest, a_megabyte_of_zero) {
  expect_refused(write("00", std::string(1 << 20, '\0')), "format version 0");
}
// What an editor made of a text is not taken for bytes.
TEST_F(InputTest, text_in_another_encoding_is_named_with_its_place) {
  const std::string utf16("\xff\xfel\0i\0t\0m\0u\0s\0", 14);
  const std::string text = kMergeProgram;
  const std::pair<std::string, std::string> texts[] = {
      {utf16, ":1:1: is text in UTF-16; save it as plain UTF-8"},
      {"\xef\xbb\xbf" + text, ":1:1: is text with a byte order mark; save it as plain UTF-8"},
      {std::string("\xff\xfe\0\0l\0\0\0", 8), ":1:1: is text in UTF-32"},
      {"litmus x\n# caf\xe9\n", ":2:6: the byte e9 is no UTF-8; save the text as UTF-8"},
      {std::string("litmus x\nset\0up\n", 16), ":2:4: a control character (00)"},
      {"litmus x\n# \xc2\x9b"
       "31m\n",
       ":2:3: a control character"},
      {text + "# " + std::string(70'000, 'x'), ":5:1: a line of 70002 bytes"},
  };
  for (const auto& [content, why] : texts) {
    const std::string file = write("text.litmus", content);
    expect_refused(file, file + why);
  }
  EXPECT_EQ(run({"show", write("utf8.litmus", text + "# caf\xc3\xa9\n")}).code, 0);
}

TEST_F(InputTest, a_long_word_is_quoted_in_part) {
  const Ran r = run({"show", write("text", "litmus x\n" + std::string(60'000, 'y') + "\n")});
  EXPECT_TRUE(contains(r.err, "'" + std::string(80, 'y') + "...' starts no line")) << r.err;
  EXPECT_LT(r.err.size(), 1000u);
}

TEST_F(InputTest, a_truncated_header) {
  expect_refused(write("short", std::string("\1\0\2", 3)), "truncated");
}
TEST_F(InputTest, text_that_is_no_litmus) { expect_refused(write("text", "hello\n"), ":1:1: "); }
TEST_F(InputTest, a_file_of_spaces) {
  expect_refused(write("text", std::string(5000, ' ')), "litmus NAME");
}

TEST_F(InputTest, an_error_in_litmus_text_has_line_and_column) {
  const std::string file = write("bad.litmus", "litmus x\nsetup mmap @0 +2; fly @1\n");
  expect_refused(file, file + ":2:19: 'fly' is no operation");
}

// Decoding is total, so a fuzz target's finding can be replayed even if it was cut off; but the
// user is told.
TEST_F(InputTest, truncated_operations_are_mentioned) {
  const std::string file = write("cut", std::string("\1\0\5\0\0\0\0\0", 8) + std::string(12, '\0'));
  const Ran r = run({"replay", file});
  EXPECT_EQ(r.code, 0);
  EXPECT_TRUE(contains(r.err, "announces 5 operations but holds 1")) << r.err;
}

TEST_F(InputTest, random_bytes_never_crash) {
  sched::SplitMix random(1);
  for (int i = 0; i < 300; i++) {
    std::string content(random.below(200), '\0');
    for (char& c : content) c = static_cast<char>(random.below(256));
    if (i % 2 == 0 && !content.empty()) content[0] = kFormatVersion;
    const std::string file = write("random", content);
    const Ran shown = run({"show", file});
    EXPECT_TRUE(shown.code == 0 || shown.code == 2);
    EXPECT_EQ(shown.code == 2, !shown.err.empty() && shown.out.empty());
  }
}

TEST_F(InputTest, every_truncation_of_an_input_runs_or_is_refused) {
  ASSERT_EQ(run({"assemble", merge(), "-o", path("whole")}).code, 0);
  const std::string whole = slurp(path("whole"));
  std::vector<std::string> args = {"replay", "--kernel", "v3.0"};
  for (std::size_t n = 8; n < whole.size(); n++) {
    args.push_back(write("cut" + std::to_string(n), whole.substr(0, n)));
  }
  const Ran r = run(args);
  EXPECT_TRUE(r.code == 0 || r.code == 1) << r.err;
}

TEST_F(InputTest, bad_kernel_names) {
  for (const char* kernel : {"v9.9", "v3.0+", "v3.0+nothing", "v3.0{", "v3.0{}}", "{", "+",
                             "v3.0+486cf46f3f9b+486cf46f3f9b"}) {
    for (const char* word : {"replay", "explain", "litmus", "assemble"}) {
      const Ran r = run({word, merge(), "--kernel", kernel});
      EXPECT_EQ(r.code, 2) << word << " " << kernel;
      EXPECT_TRUE(contains(r.err, "kernel '")) << r.err;
    }
    EXPECT_EQ(run({"kernels", kernel}).code, 2) << kernel;
  }
}

// Such a word stands in its own beginning with three dots behind it.
TEST_F(InputTest, a_long_word_of_dots_is_an_error_like_others) {
  const std::string file = write("dots.litmus", "litmus dots\n" + std::string(83, '.') + "\n");
  const InputResult result = load_input(file);
  EXPECT_FALSE(result.input);
  EXPECT_TRUE(contains(result.error, ":2:1: '" + std::string(80, '.') + "...'")) << result.error;
}

}  // namespace
}  // namespace rmap
