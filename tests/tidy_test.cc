// The tree keeps the rules that a program can check: layers, determinism, layout, names.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/sites.h"

namespace {

namespace fs = std::filesystem;

struct File {
  std::string path;  // Relative to the root.
  std::string text;
};

const fs::path kRoot = RMAPFUZZ_SOURCE_DIR;

File read(const fs::path& path) {
  std::ifstream in(path);
  return {fs::relative(path, kRoot).string(), {std::istreambuf_iterator<char>(in), {}}};
}

// The files below the given folders that `wanted` wants.
template <typename Wanted>
std::vector<File> files_below(const std::vector<std::string_view>& folders, Wanted wanted) {
  std::vector<File> files;
  for (std::string_view folder : folders) {
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder))
      if (entry.is_regular_file() && wanted(entry.path())) files.push_back(read(entry.path()));
  }
  std::sort(files.begin(), files.end(),
            [](const File& a, const File& b) { return a.path < b.path; });
  return files;
}

// All C++ sources.
std::vector<File> sources(const std::vector<std::string_view>& folders) {
  return files_below(folders, [](const fs::path& path) {
    const std::string extension = path.extension().string();
    return extension == ".cc" || extension == ".h" || extension == ".def";
  });
}

// All shell scripts: by their names, or by their first lines.
std::vector<File> scripts() {
  std::vector<File> files =
      files_below({"bench", "fuzz", "tests", ".ci", ".clusterfuzzlite"}, [](const fs::path& path) {
        const std::string extension = path.extension().string();
        return extension == ".sh" || (extension.empty() && read(path).text.starts_with("#!"));
      });
  files.push_back(read(kRoot / "run"));
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

// The rooms of a folder, from the lowest to the highest. Each knows itself and those of the lines
// before its own; of the rooms of one line, none knows another. What lies in no room, `main` and
// what all of them share, is checked by eye.
struct House {
  std::string folder;
  std::vector<std::vector<std::string>> rooms;
};
const House kHouses[] = {
    {"core", {{"text"}, {"kernel"}, {"model"}, {"mm"}, {"ops", "oracle", "program"}, {"run"}}},
    {"repro",
     {{"files", "print"},
      {"cli", "run"},
      {"compare", "coverage", "shrink", "trace"},
      {"keep", "story"},
      {"formats"},
      {"soak"},
      {"words"}}},
};

std::size_t line_of(const House& house, const std::string& room) {
  const auto has_room = [&](const std::vector<std::string>& line) {
    return std::find(line.begin(), line.end(), room) != line.end();
  };
  return static_cast<std::size_t>(std::find_if(house.rooms.begin(), house.rooms.end(), has_room) -
                                  house.rooms.begin());
}

// What the file includes that its room must not know; a file without a room knows everything.
std::vector<std::string> turned_arrows(const House& house, const File& file) {
  static const std::regex kPath(R"((\w+)/(\w+)/.*)");
  static const std::regex kInclude(R"re(#include "((\w+)/(\w+)/[^"]*)")re");
  std::smatch own;
  if (!std::regex_match(file.path, own, kPath)) return {};
  const std::size_t line = line_of(house, own[2]);
  if (line == house.rooms.size()) return {"its room is not known"};
  std::vector<std::string> turned;
  for (std::sregex_iterator i(file.text.begin(), file.text.end(), kInclude), end; i != end; ++i) {
    if ((*i)[2] == house.folder && (*i)[3] != own[2] && line_of(house, (*i)[3]) >= line)
      turned.push_back((*i)[1]);
  }
  return turned;
}

TEST(Tidy, rooms_depend_downwards_only) {
  for (const House& house : kHouses) {
    for (const File& file : sources({house.folder})) {
      for (const std::string& include : turned_arrows(house, file))
        ADD_FAILURE() << file.path << ": " << include << ": see kHouses";
    }
  }
}

TEST(Tidy, a_turned_arrow_is_noticed) {
  const auto turned = [](const char* path, const char* include) {
    const File file{path, std::string("#include \"") + include + "\"\n"};
    return !turned_arrows(kHouses[0], file).empty();
  };
  EXPECT_FALSE(turned("core/ops/brk.cc", "core/mm/vma/vma.h"));
  EXPECT_FALSE(turned("core/mm/rmap/rmap.cc", "core/mm/vma/vma.h"));
  EXPECT_FALSE(turned("core/ops/brk.cc", "scheduler/sync.h"));
  EXPECT_TRUE(turned("core/mm/vma/vma.cc", "core/ops/ops.h"));
  EXPECT_TRUE(turned("core/ops/brk.cc", "core/oracle/at_rest.h"));
  EXPECT_TRUE(turned("core/model/world.h", "core/mm/page.h"));
  EXPECT_TRUE(turned("core/attic/brk.cc", "core/text/quote.h"));
}

// A file that is longer has two ideas.
TEST(Tidy, files_of_core_fuzz_and_scheduler_have_at_most_300_lines) {
  for (const File& file : sources({"core", "fuzz", "scheduler"}))
    EXPECT_LE(std::count(file.text.begin(), file.text.end(), '\n'), 300) << file.path;
}

// The text of a page, or what the comments of a source say.
std::string prose_of(const File& file) {
  if (file.path.ends_with(".md")) return file.text;
  std::string prose;
  std::istringstream lines(file.text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t at = line.find("//");
    if (at != std::string::npos) prose += line.substr(at) + "\n";
  }
  return prose;
}

// Of the kernel, and where a name stands for many.
bool is_elsewhere(const std::string& name) {
  static const std::regex kElsewhere(
      R"((include/.*|generic\.h|mm_types\.h|_rules\.h|.*(x|x_test|NAME|WORD|_fuzzer)\.cc))");
  return std::regex_match(name, kElsewhere);
}

TEST(Tidy, files_that_are_named_exist) {
  static const std::regex kName(R"([\w./-]*\w\.(cc|h|def|sh|py|md)\b)");
  const auto any = [](const fs::path&) { return true; };
  std::vector<File> prose =
      files_below({"bench", "core", "corpus", "fuzz", "repro", "scheduler", "tests"}, any);
  std::vector<std::string> paths;
  for (const File& file : prose) paths.push_back("/" + file.path);
  for (const char* page : {"README.md", "CONTRIBUTING.md"}) prose.push_back(read(kRoot / page));
  const auto exists = [&](std::string name) {
    while (name.starts_with('.') || name.starts_with('/')) name.erase(0, 1);
    if (is_elsewhere(name) || fs::exists(kRoot / name)) return true;
    return std::any_of(paths.begin(), paths.end(),
                       [&](const std::string& path) { return path.ends_with("/" + name); });
  };
  for (const File& file : prose) {
    if (!std::regex_search(file.path, std::regex(R"(\.(cc|h|def|md)$)"))) continue;
    const std::string text = prose_of(file);
    for (std::sregex_iterator i(text.begin(), text.end(), kName), end; i != end; ++i)
      EXPECT_TRUE(exists(i->str())) << file.path << ": there is no " << i->str();
  }
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

// What a stranger's file is called says nothing to a terminal: see complain().
TEST(Tidy, errors_are_printed_in_one_place) {
  for (std::string_view stream : {"io.err <<", "io_.err <<"})
    expect_nowhere({"repro"}, stream, "use complain()", {"repro/io.cc", "repro/print/terminal.cc"});
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
  expect_nowhere({"core/mm", "core/ops"}, "default:", "let -Wswitch find the places");
}

// Where code compares, a new value of a rule would be taken for one of the others in silence.
TEST(Tidy, nothing_compares_a_kernel_rule_with_a_value) {
  static const std::regex kCompared(R"(kernel\.\w+ [!=]= \w+::)");
  for (const File& file : sources({"core/mm", "core/model", "core/ops", "core/oracle", "core/run"}))
    EXPECT_FALSE(std::regex_search(file.text, kCompared))
        << file.path << ": ask a question that stands beside the enum, or switch over it";
}

// Sites that nothing names would be "never reached" for ever.
TEST(Tidy, every_site_is_named_somewhere) {
  const std::vector<File> files = sources({"core"});
  for (std::size_t i = 1; i < std::size(rmap::kSites); i++) {
    const std::string use = "\"" + std::string(rmap::kSites[i]) + "\"_site";
    const bool used = std::any_of(files.begin(), files.end(), [&](const File& f) {
      return f.text.find(use) != std::string::npos;
    });
    EXPECT_TRUE(used) << "core/model/sites.h: nobody names " << rmap::kSites[i] << "; remove it";
  }
  EXPECT_TRUE(std::is_sorted(std::begin(rmap::kSites), std::end(rmap::kSites)));
}

// Where a script pipes into a command that ends before it has read everything: then whoever writes
// is killed, and `set -o pipefail` takes that for a failure, now and then.
std::vector<std::string> hasty_pipes(const std::string& script) {
  static const std::string hasty =
      R"(head\b|grep(?: -\S+)* -[A-Za-z]*[qm]|grep [^|;]*>/dev/null|sed [^|;]*[0-9/;{ ]q\b)";
  static const std::regex pipe(R"([^|][|][&\\\s]*()" + hasty + ")");
  std::vector<std::string> found;
  for (std::sregex_iterator it(script.begin(), script.end(), pipe), end; it != end; ++it)
    found.push_back((*it)[1]);
  return found;
}

TEST(Tidy, no_script_pipes_into_a_command_that_ends_early) {
  EXPECT_EQ(hasty_pipes("a | grep -q b").size(), 1u);
  EXPECT_EQ(hasty_pipes("a |\n  grep -v -qE b").size(), 1u);
  EXPECT_EQ(hasty_pipes("a | head -n 1; b | sed '/c/q' | grep d >/dev/null").size(), 3u);
  EXPECT_EQ(hasty_pipes("a || grep -q b c; head -n 1 <d | sed -n 1p | tail -n 1").size(), 0u);
  const std::vector<File> files = scripts();
  EXPECT_GT(files.size(), 20u);
  for (const File& file : files) {
    for (const std::string& command : hasty_pipes(file.text))
      ADD_FAILURE() << file.path << ": '| " << command
                    << "' ends early: use grep -q <<<\"$(...)\", or sed -n 1p, which read all";
  }
}

}  // namespace
