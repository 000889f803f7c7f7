// minimize: the result is smaller, shows the same finding, is the same every time, and overwrites
// nothing.
// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "tests/repro/fixture.h"

namespace rmap {
namespace {

class Minimize : public CommandTest {
 protected:
  // The merge race among operations that have nothing to do with it.
  std::string noisy() const {
    const std::string file =
        write("noisy.litmus",
              "litmus noisy\n"
              "setup mmap @0 +4; write @0 +4; mremap @1 +1 @8; mmap @20 +2; read @20 +2\n"
              "cpu1 read @20 +1; mremap @8 +1 @1; munmap @20 +1\n"
              "cpu2 migrate @8\nfailures 1\n"
              "expect v3.0 missed_pte sometimes\nwitness v3.0 00\n");
    EXPECT_EQ(run({"litmus", file, "--update", "--preemptions", "2"}).code, 0);
    return file;
  }
  static std::string last_line(const std::string& out) {
    const std::string text = out.substr(0, out.size() - 1);
    return text.substr(text.rfind('\n') + 1);
  }
};

TEST_F(Minimize, the_result_is_smaller_and_has_the_same_signature) {
  const std::string file = noisy();
  const Ran r = run({"minimize", file, "-o", path("small"), "--json"});
  ASSERT_EQ(r.code, 1) << r.err;
  const auto j = nlohmann::json::parse(r.out);
  EXPECT_LE(j["operations"].get<int>(), 5);
  EXPECT_EQ(j["operations_before"], 9);
  const auto replayed =
      nlohmann::json::parse(run({"replay", path("small"), "--kernel", "v3.0", "--json"}).out);
  EXPECT_EQ(replayed["signature"], j["signature"]);
}

TEST_F(Minimize, it_is_deterministic) {
  const std::string file = noisy();
  run({"minimize", file, "-o", path("a")});
  run({"minimize", file, "-o", path("b")});
  EXPECT_FALSE(slurp(path("a")).empty());
  EXPECT_EQ(slurp(path("a")), slurp(path("b")));
}

TEST_F(Minimize, a_minimal_input_stays_as_it_is) {
  run({"minimize", noisy(), "-o", path("a")});
  run({"minimize", path("a"), "--kernel", "v3.0", "-o", path("b")});
  EXPECT_EQ(slurp(path("a")), slurp(path("b")));
}

TEST_F(Minimize, in_a_folder_the_finding_names_the_file) {
  const std::string folder = path("found/v3.0/");
  const Ran first = run({"minimize", merge(), "-o", folder});
  const std::string kept = last_line(first.out).substr(5);
  EXPECT_TRUE(kept.starts_with(folder + "missed_pte-")) << first.out;
  EXPECT_EQ(kept.size(), folder.size() + 11 + 8);
  EXPECT_EQ(last_line(run({"minimize", merge(), "-o", folder}).out), "kept " + kept);
  std::ofstream(kept, std::ios::trunc) << "something else";
  EXPECT_EQ(last_line(run({"minimize", merge(), "-o", folder}).out), "kept " + kept + ".2");
  EXPECT_EQ(slurp(kept), "something else");
}

// With a random strategy and a tail, as a fuzz target finds it.
TEST_F(Minimize, a_tail_is_turned_into_decisions) {
  for (int tail = 1; tail < 256; tail++) {
    const std::string file =
        write("tail.litmus", std::string(kMergeProgram) + "strategy random_walk\ntail " +
                                 std::to_string(tail) + "\n");
    if (run({"replay", file, "--kernel", "v3.0"}).code != 1) continue;
    ASSERT_EQ(run({"minimize", file, "--kernel", "v3.0", "-o", path("small")}).code, 1);
    const Ran shown = run({"show", path("small")});
    EXPECT_FALSE(contains(shown.out, "tail")) << shown.out;
    EXPECT_FALSE(contains(shown.out, "strategy")) << shown.out;
    return;
  }
  FAIL() << "no tail finds the race";
}

TEST_F(Minimize, an_input_without_a_finding_is_refused) {
  const Ran r = run({"minimize", merge(), "--kernel", "v3.7", "-o", path("x")});
  EXPECT_EQ(r.code, 2);
  EXPECT_TRUE(contains(r.err, "shows no finding under v3.7")) << r.err;
  EXPECT_EQ(run({"minimize", merge(), "--rule", "leak", "-o", path("x")}).code, 2);
}

}  // namespace
}  // namespace rmap
