// Files: written whole or not at all, whatever is in the way; and what is there stays.
// SPDX-License-Identifier: Apache-2.0
#include "repro/files/file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "tests/repro/fixture.h"

namespace rmap {
namespace {

namespace fs = std::filesystem;

class FileTest : public CommandTest {
 protected:
  std::size_t files_there() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }
};

TEST_F(FileTest, an_empty_file_is_taken_and_another_content_is_not) {
  const std::string file = write("f", "");
  EXPECT_EQ(write_file(file, "one", false), "");
  EXPECT_EQ(write_file(file, "one", false), "");
  EXPECT_EQ(write_file(file, "two", false),
            file + ": exists with another content; take another name, or --force");
  EXPECT_EQ(slurp(file), "one");
  EXPECT_EQ(write_file(file, "two", true), "");
  EXPECT_EQ(slurp(file), "two");
  EXPECT_EQ(files_there(), 1u);
}

TEST_F(FileTest, rights_and_links_stay) {
  const std::string file = write("f", "one");
  ::chmod(file.c_str(), 0640);
  fs::create_symlink("f", path("link"));
  fs::create_symlink("new", path("dangling"));
  EXPECT_EQ(write_file(path("link"), "two", true), "");
  EXPECT_EQ(write_file(path("dangling"), "three", false), "");
  EXPECT_TRUE(fs::is_symlink(path("link")) && fs::is_symlink(path("dangling")));
  EXPECT_EQ(slurp(file), "two");
  EXPECT_EQ(slurp(path("new")), "three");
  EXPECT_EQ(static_cast<unsigned>(fs::status(file).permissions()), 0640u);
}

TEST_F(FileTest, the_longest_name_is_long_enough) {
  EXPECT_EQ(write_file(path(std::string(255, 'n')), "x", false), "");
  const std::string longer = path("new/" + std::string(256, 'n'));
  EXPECT_EQ(write_file(longer, "x", false),
            longer + ": cannot be written: File name too long; take a shorter name");
  EXPECT_EQ(files_there(), 1u);  // No folder, no part.
}

TEST_F(FileTest, a_device_is_only_written_to) {
  EXPECT_EQ(write_file("/dev/null", "x", false), "");
  EXPECT_EQ(write_file("/dev/full", "x", false),
            "/dev/full: cannot be written: No space left on device; make room on the disk, or name "
            "another folder");
}

TEST_F(FileTest, what_is_in_the_way_is_named) {
  EXPECT_EQ(write_file(folder_, "x", true), folder_ + ": is a directory; name a file in it");
  const std::string below = write("f", "x") + "/g";
  EXPECT_EQ(write_file(below, "x", false),
            below + ": cannot be written: Not a directory; check the file and its folder");
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  fs::create_directory(path("closed"));
  ::chmod(path("closed").c_str(), 0500);
  EXPECT_EQ(write_file(path("closed/f"), "x", false),
            path("closed/f") +
                ": cannot be written: Permission denied; check the rights of the file and its "
                "folder");
}

// --- Words: standard output, and the input's own file --------------------------------------------

TEST_F(FileTest, a_dash_is_standard_output_and_the_rest_is_said_elsewhere) {
  const std::string bytes = run({"assemble", merge()}).out;
  EXPECT_EQ(run({"assemble", merge(), "-o", "-"}).out, bytes);
  const Ran assembled = run({"assemble", merge(), "-o", "-", "--json"});
  EXPECT_EQ(assembled.out, bytes);
  EXPECT_EQ(nlohmann::json::parse(assembled.err)["out"], "-");
  EXPECT_EQ(run({"explain", merge(), "-o", "-"}).out, run({"explain", merge()}).out);
  EXPECT_TRUE(run({"coverage", merge(), "-o", "-"}).out.starts_with("1 input under"));
  const Ran minimized = run({"minimize", merge(), "--kernel", "v3.0", "-o", "-"});
  EXPECT_EQ(minimized.code, 1);
  ASSERT_FALSE(minimized.out.empty());
  EXPECT_EQ(minimized.out[0], kFormatVersion);
  EXPECT_TRUE(contains(minimized.err, "kept -\n")) << minimized.err;
  const Ran regress = run({"regress", kept_merge("kept"), "--junit", "-"});
  EXPECT_TRUE(regress.out.starts_with("<?xml")) << regress.out;
  EXPECT_TRUE(regress.out.ends_with("</testsuites>\n")) << regress.out;
  EXPECT_TRUE(contains(regress.err, "1 file: 1 passed")) << regress.err;
  EXPECT_FALSE(fs::exists("-"));
}

TEST_F(FileTest, no_word_overwrites_its_input_by_whatever_name) {
  const std::string text = slurp(merge());
  fs::create_symlink("merge.litmus", path("symbolic"));
  fs::create_hard_link(merge(), path("hard"));
  fs::create_directory(path("sub"));
  for (const std::string& name : {merge(), path("symbolic"), path("hard"), path("./merge.litmus"),
                                  path("sub/../merge.litmus")}) {
    for (const char* word : {"assemble", "explain", "coverage", "minimize"}) {
      const Ran r = run({word, merge(), "-o", name, "--force"});
      EXPECT_EQ(r.code, 2) << word << " " << name;
      EXPECT_EQ(r.err, name + ": is an input, which stays; name another output\n");
    }
    EXPECT_EQ(run({"regress", merge(), "--junit", name}).code, 2);
    EXPECT_EQ(slurp(merge()), text);
  }
  const Ran r = run({"coverage", folder_, "-o", merge(), "--force"});  // In the input's folder.
  EXPECT_EQ(r.code, 2);
  EXPECT_EQ(slurp(merge()), text);
}

TEST_F(FileTest, a_word_that_cannot_write_leaves_nothing_behind) {
  for (const char* word : {"assemble", "explain", "coverage", "minimize"}) {
    const std::string out = path("new/folder/" + std::string(256, 'n'));
    const Ran r = run({word, merge(), "-o", out});
    EXPECT_EQ(r.code, 2) << word;
    EXPECT_TRUE(contains(r.err, out + ": cannot be written: File name too long")) << r.err;
  }
  EXPECT_EQ(files_there(), 1u);
}

// --- Words: no input is missing in JSON ----------------------------------------------------------

TEST_F(FileTest, what_cannot_be_read_is_in_the_json_too) {
  const std::string none = path("none");
  const std::string error = none + ": no such file; check the name";
  for (std::vector<std::string> args : {std::vector<std::string>{"replay"},
                                        {"show"},
                                        {"litmus"},
                                        {"rebase"},
                                        {"keep", "-o", path("kept")},
                                        {"minimize", "-o", path("small/")}}) {
    args.insert(args.end(), {none, "--json"});
    const Ran r = run(args);
    EXPECT_EQ(r.code, 2) << args[0];
    const auto j = nlohmann::json::parse(r.out.substr(0, r.out.find('\n')), nullptr, false);
    ASSERT_TRUE(j.is_object()) << args[0] << r.out;
    EXPECT_EQ(j["file"], none) << args[0];
    EXPECT_EQ(j["error"], error) << args[0];
    EXPECT_TRUE(contains(r.err, error)) << r.err;
  }
  const auto regress = nlohmann::json::parse(run({"regress", none, folder_, "--json"}).out);
  EXPECT_EQ(regress["remarks"][0]["what"], error);
  EXPECT_EQ(regress["errors"][0]["file"], folder_);
  const auto coverage = nlohmann::json::parse(
      run({"coverage", none, folder_, write("b\xff", "\x07"), "--format", "json"}).out);
  EXPECT_EQ(coverage["unusable"].size(), 2u);
}

}  // namespace
}  // namespace rmap
