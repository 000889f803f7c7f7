// Where the input of a crash will be: as libFuzzer names it.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/artifact.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/files.h"

namespace rmap {
namespace {

std::vector<uint8_t> bytes(const std::string& text) { return {text.begin(), text.end()}; }

TEST(Sha1, is_the_published_hash) {
  EXPECT_EQ(sha1({}), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(sha1(bytes("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(sha1(bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
}

TEST(Artifacts, a_new_input_gets_libfuzzers_name) {
  const std::string name = "crash-a9993e364706816aba3e25717850c26c9cd0d89d";
  EXPECT_EQ(Artifacts({"-runs=1"}).file_of(bytes("abc")), "./" + name);
  EXPECT_EQ(Artifacts({"-artifact_prefix=out/", "corpus"}).file_of(bytes("abc")), "out/" + name);
  EXPECT_EQ(Artifacts({"-exact_artifact_path=x"}).file_of(bytes("abc")), "x");
}

TEST(Artifacts, an_input_that_was_given_is_where_it_was) {
  const TempFolder folder(::testing::TempDir());
  const std::string path = folder.path() + "/artifact";
  std::ofstream(path, std::ios::binary) << "abc";
  EXPECT_EQ(Artifacts({"-artifact_prefix=out/", path}).file_of(bytes("abc")), path);
  EXPECT_NE(Artifacts({path}).file_of(bytes("abd")), path);
}

TEST(Artifacts, an_input_is_looked_for_in_folders_that_were_given) {
  const TempFolder temp(::testing::TempDir());
  const std::string& folder = temp.path();
  std::filesystem::create_directories(folder + "/below");
  for (const char* name : {"/below/b", "/below/c"})
    std::ofstream(folder + name, std::ios::binary) << "abc";
  EXPECT_EQ(Artifacts({"-runs=1", folder}).file_of(bytes("abc")), folder + "/below/b");
  EXPECT_EQ(Artifacts({folder, "-exact_artifact_path=x"}).file_of(bytes("abd")), "x");
}

}  // namespace
}  // namespace rmap
