// The tree keeps the rules that a program can check: layers, determinism, layout, names.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "core/sites.h"

namespace {

namespace fs = std::filesystem;

struct File {
  std::string path;  // Relative to the root.
  std::string text;
};

// All C++ sources below the given folders.
std::vector<File> sources(std::vector<std::string_view> folders) {
  std::vector<File> files;
  const fs::path root = RMAPFUZZ_SOURCE_DIR;
  for (std::string_view folder : folders) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      const std::string extension = entry.path().extension().string();
      if (extension != ".cc" && extension != ".h" && extension != ".def") continue;
      std::ifstream in(entry.path());
      files.push_back(
          {fs::relative(entry.path(), root).string(), {std::istreambuf_iterator<char>(in), {}}});
    }
  }
  std::sort(files.begin(), files.end(),
            [](const File& a, const File& b) { return a.path < b.path; });
  return files;
}

const std::vector<std::string_view> kEverything = {"bench", "core",      "fuzz",
                                                   "repro", "scheduler", "tests"};

void expect_nowhere(std::vector<std::string_view> folders, std::string_view word,
                    std::string_view why, std::vector<std::string_view> except = {}) {
  for (const File& file : sources(folders)) {
    if (std::find(except.begin(), except.end(), file.path) != except.end()) continue;
    EXPECT_EQ(file.text.find(word), std::string::npos)
        << file.path << ": contains '" << word << "': " << why;
  }
}

// Dependencies point one way: fuzz, repro, tests, bench -> core -> scheduler.
TEST(Tidy, layers_depend_downwards_only) {
  for (std::string_view above : {"\"core/", "\"repro/", "\"fuzz/", "\"tests/"}) {
    expect_nowhere({"scheduler"}, above, "scheduler/ is the lowest layer");
  }
  for (std::string_view above : {"\"repro/", "\"fuzz/", "\"tests/"}) {
    expect_nowhere({"core"}, above, "core/ knows nothing of its users");
  }
  expect_nowhere({"scheduler"}, "Vma", "the scheduler serves any protocol");
  expect_nowhere({"scheduler"}, "anon_vma", "the scheduler serves any protocol");
  expect_nowhere({"core", "repro", "scheduler"}, "LLVMFuzzer", "only fuzz/ knows libFuzzer");
  expect_nowhere({"core"}, "argv", "core/ has no command line");
  expect_nowhere({"core", "fuzz", "repro", "scheduler"}, "boost/context",
                 "only the fiber knows Boost.Context", {"scheduler/fiber.cc"});
}

// An execution is a function of its bytes: no clocks, hash orders, environments or foreign random
// numbers.
TEST(Tidy, the_model_and_the_scheduler_are_deterministic) {
  for (std::string_view banned :
       {"unordered_", "std::hash", "_distribution", "std::shuffle", "<chrono>", "<random>",
        "rand()", "getenv", "<ctime>", "reinterpret_cast<uintptr_t>", "setlocale", "double ",
        "float "}) {
    expect_nowhere({"core", "scheduler"}, banned, "executions must not depend on it");
  }
  expect_nowhere({"core"}, "yield(", "points come from locks and shared words");
}

// OSS-Fuzz builds with libc++, and libc++ 14 has no ranges to speak of.
TEST(Tidy, what_fuzz_targets_consist_of_builds_with_an_older_libcxx) {
  for (std::string_view banned : {"std::ranges::", "std::views::", "std::format"})
    expect_nowhere({"core", "fuzz", "repro", "scheduler"}, banned, "libc++ 14 lacks it");
}

TEST(Tidy, every_file_says_its_licence_and_keeps_to_100_columns) {
  for (const File& file : sources(kEverything)) {
    EXPECT_NE(file.text.find("SPDX-License-Identifier: Apache-2.0"), std::string::npos)
        << file.path << ": add the SPDX line";
    std::size_t line = 1;
    for (std::size_t at = 0; at < file.text.size(); line++) {
      const std::size_t end = std::min(file.text.find('\n', at), file.text.size());
      EXPECT_LE(end - at, 100u) << file.path << ":" << line << ": run clang-format -i";
      at = end + 1;
    }
  }
}

// -Wswitch must list every place that a new rule value concerns.
TEST(Tidy, no_switch_over_a_kernel_rule_has_a_default) {
  expect_nowhere({"core/ops"}, "default:", "let -Wswitch find the places");
}

// Sites that nothing names would be "never reached" for ever.
TEST(Tidy, every_site_is_named_somewhere) {
  const std::vector<File> files = sources({"core"});
  for (std::size_t i = 1; i < std::size(rmap::kSites); i++) {
    const std::string use = "\"" + std::string(rmap::kSites[i]) + "\"_site";
    const bool used = std::any_of(files.begin(), files.end(), [&](const File& f) {
      return f.text.find(use) != std::string::npos;
    });
    EXPECT_TRUE(used) << "core/sites.h: nobody names " << rmap::kSites[i] << "; remove it";
  }
  EXPECT_TRUE(std::is_sorted(std::begin(rmap::kSites), std::end(rmap::kSites)));
}

}  // namespace
