// The seeds in corpus/: named by their content, canonical, of a version that is known. What they
// reach is checked by targets_test.sh.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "core/program/program.h"
#include "fuzz/artifact.h"

namespace rmap {
namespace {

namespace fs = std::filesystem;

template <typename Visit>
void for_each_seed(const fs::path& folder, const Visit& visit) {
  std::size_t seeds = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().string());
    std::ifstream in(entry.path(), std::ios::binary);
    const std::vector<char> content{std::istreambuf_iterator<char>(in), {}};
    visit(entry.path(), std::vector<uint8_t>(content.begin(), content.end()));
    seeds++;
  }
  EXPECT_GT(seeds, 20u) << folder;
}

TEST(Corpus, is_named_by_content_and_small) {
  for (const auto& target : fs::directory_iterator(RMAPFUZZ_SOURCE_DIR "/corpus")) {
    if (!target.is_directory()) continue;
    std::size_t bytes = 0;
    for_each_seed(target.path(), [&](const fs::path& path, const std::vector<uint8_t>& seed) {
      EXPECT_EQ(path.filename().string(), sha1(seed));
      EXPECT_LE(seed.size(), 4096u);
      bytes += seed.size();
    });
    EXPECT_LT(bytes, 1'000'000u) << target.path();
  }
}

TEST(Corpus, programs_are_canonical_and_say_their_version) {
  for_each_seed(RMAPFUZZ_SOURCE_DIR "/corpus/rmap_fuzzer",
                [](const fs::path&, const std::vector<uint8_t>& seed) {
                  Program p;
                  ASSERT_TRUE(decode(seed, p));
                  EXPECT_EQ(encode(p), seed);
                });
}

}  // namespace
}  // namespace rmap
