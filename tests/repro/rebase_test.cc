// rebase: after a model has changed, schedules are found again or the loss is said loudly. The
// change is staged: what is kept says another model version, and no longer leads to the finding.
// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "core/program/program.h"
#include "repro/files/file.h"
#include "tests/repro/fixture.h"

namespace rmap {
namespace {

class Rebase : public CommandTest {
 protected:
  std::string kept() const { return kept_merge("kept"); }
  std::string stale() const {
    const std::string text = slurp(kept());
    const std::size_t bytes = text.find("witness  v3.0 ") + 14;
    const std::size_t hash = text.find("witness") - 17;
    std::string now = text.substr(0, bytes) + "01 01 02 07\n";
    return replaced(now.replace(hash, 16, "00000000deadbeef"), kModelWords, "model 1");
  }
};

TEST_F(Rebase, what_is_fine_is_left_alone) {
  const std::string before = slurp(kept());
  const Ran r = run({"rebase", path("kept")});
  EXPECT_EQ(r.code, 0);
  EXPECT_EQ(r.out, "1 file: 1 fine, 0 rebased, 0 failed\n");
  EXPECT_EQ(slurp(path("kept/missed_pte-merge-order.litmus")), before);
}

TEST_F(Rebase, the_line_ends_stay) {
  const std::string before = replaced(slurp(kept()), "\n", "\r\n");
  const std::string file =
      write("kept/missed_pte-merge-order.litmus", replaced(stale(), "\n", "\r\n"));
  EXPECT_EQ(run({"rebase", file}).code, 0);
  EXPECT_EQ(slurp(file), before);
}

TEST_F(Rebase, the_schedule_is_followed) {
  const std::string file = kept();
  const std::string before = slurp(file);
  write("kept/missed_pte-merge-order.litmus", "# mine\n" + stale() + "# the end\n");
  const Ran r = run({"rebase", path("kept")});
  EXPECT_EQ(r.code, 0) << r.out;
  EXPECT_TRUE(contains(r.out, ": rebased: v3.0: followed its schedule\n")) << r.out;
  EXPECT_EQ(slurp(file), "# mine\n" + before + "# the end\n");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(path("kept")), {}), 1);
}

TEST_F(Rebase, with_check_nothing_is_written) {
  const std::string text = stale();
  write("kept/missed_pte-merge-order.litmus", text);
  const Ran r = run({"rebase", path("kept"), "--check"});
  EXPECT_EQ(r.code, 1);
  EXPECT_TRUE(contains(r.out, ":9: would be rebased: v3.0: followed its schedule\n")) << r.out;
  EXPECT_TRUE(contains(r.out, "1 file: 0 fine, 1 to rebase, 0 failed\n")) << r.out;
  EXPECT_EQ(slurp(path("kept/missed_pte-merge-order.litmus")), text);
}

// One object per file, whatever was done; kernels whose regressions hold are not in it.
TEST_F(Rebase, json_says_what_was_done_with_each_file) {
  kept();
  write("kept/a.litmus", replaced(stale(), "v3.0", "v3.3"));
  write("kept/b.litmus", stale());
  std::istringstream out(run({"rebase", path("kept"), "--json"}).out);
  std::vector<nlohmann::json> objects;
  for (std::string line; std::getline(out, line);) objects.push_back(nlohmann::json::parse(line));
  ASSERT_EQ(objects.size(), 3u);
  EXPECT_EQ(objects[0]["file"], path("kept/a.litmus"));
  EXPECT_EQ(objects[0]["state"], "failed");
  EXPECT_EQ(objects[0]["kernels"][0]["found"], false);
  EXPECT_EQ(objects[1]["state"], "rebased");
  const nlohmann::json followed = {
      {"found", true}, {"kernel", "v3.0"}, {"line", 9}, {"what", "followed its schedule"}};
  EXPECT_EQ(objects[1]["kernels"], nlohmann::json::array({followed}));
  EXPECT_EQ(objects[2]["state"], "fine");
  EXPECT_EQ(objects[2]["kernels"], nlohmann::json::array());
}

TEST_F(Rebase, a_schedule_that_leads_elsewhere_is_searched_anew) {
  std::string text = stale();
  for (std::size_t at = 0; (at = text.find(" 1 cpu", at)) != std::string::npos;)
    text.replace(at, 3, " 9 ");
  write("kept/missed_pte-merge-order.litmus", text);
  EXPECT_EQ(run({"regress", path("kept")}).code, 1);
  const Ran r = run({"rebase", path("kept")});
  EXPECT_EQ(r.code, 0) << r.out;
  EXPECT_TRUE(contains(r.out, "searched the schedules with at most")) << r.out;
  const Ran again = run({"regress", path("kept")});
  EXPECT_EQ(again.code, 0) << again.out;
  EXPECT_TRUE(contains(again.out, "1 file: 1 passed, 0 failed, 0 stale")) << again.out;
}

TEST_F(Rebase, a_rule_that_can_no_longer_be_broken_fails_loudly_and_the_others_go_on) {
  const std::string fixed = replaced(stale(), "v3.0", "v3.3");
  const std::string text = stale();
  write("kept/a.litmus", fixed);
  write("kept/b.litmus", "litmus x\nfly\n");
  write("kept/missed_pte-merge-order.litmus", text);
  const Ran r = run({"rebase", path("kept")});
  EXPECT_EQ(r.code, 2);  // Of the unreadable one.
  EXPECT_TRUE(contains(
      r.out,
      path("kept/a.litmus") + ":9: the rule missed_pte can no longer be broken under v3.3: all "))
      << r.out;
  EXPECT_TRUE(contains(r.out,
                       " schedules with at most 3 preemptions were run, and found nothing; more "
                       "preemptions than were tried may break it; if none do, remove the file\n"))
      << r.out;
  EXPECT_TRUE(contains(r.err, "b.litmus:2:1: ")) << r.err;
  EXPECT_TRUE(contains(r.out, "3 files: 0 fine, 1 rebased, 2 failed\n")) << r.out;
  EXPECT_EQ(slurp(path("kept/a.litmus")), fixed);
  EXPECT_NE(slurp(path("kept/missed_pte-merge-order.litmus")), text);
  EXPECT_EQ(run({"rebase", path("kept/a.litmus")}).code, 1);
}

// Only one of two kernels is stale: the lines of the other one stay as somebody wrote them.
TEST_F(Rebase, each_kernel_is_rebased_by_itself) {
  const std::string text = stale() + "witness   v2.6.36   00 00 00 00 01\n";
  write("kept/missed_pte-merge-order.litmus", text);
  const Ran r = run({"rebase", path("kept")});
  EXPECT_EQ(r.code, 1);  // v2.6.36 shows nothing, and keeps no finding.
  EXPECT_TRUE(contains(r.out, "it keeps no finding, so nothing is looked for")) << r.out;
  const std::string now = slurp(path("kept/missed_pte-merge-order.litmus"));
  EXPECT_TRUE(contains(now, kModelWords)) << now;
  EXPECT_TRUE(contains(now, "\nwitness   v2.6.36   00 00 00 00 01\n")) << now;
}

TEST_F(Rebase, what_is_not_written_is_not_rebased) {
  const std::string file = write("kept.litmus", stale());
  const std::string before = slurp(file);
  survive_file_size_limit();
  struct rlimit limit = {};
  ::getrlimit(RLIMIT_FSIZE, &limit);
  const struct rlimit none = {0, limit.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &none);
  const Ran r = run({"rebase", file});
  ::setrlimit(RLIMIT_FSIZE, &limit);
  EXPECT_EQ(r.code, 2);
  EXPECT_EQ(r.out, "1 file: 0 fine, 0 rebased, 1 failed\n");
  EXPECT_TRUE(contains(r.err, "cannot be written: File too large")) << r.err;
  EXPECT_EQ(slurp(file), before);
}

TEST_F(Rebase, a_newer_text_is_never_written_downwards) {
  const std::string file = kept();
  const std::string newer = replaced(stale(), "model 1", "model 9999");
  write("kept/missed_pte-merge-order.litmus", newer);
  const Ran r = run({"rebase", file});
  EXPECT_EQ(r.code, 3);
  EXPECT_TRUE(contains(r.out, "kept by a newer rmapfuzz, model 9999")) << r.out;
  EXPECT_EQ(slurp(file), newer);
}

TEST_F(Rebase, a_wrong_verdict_is_for_people) {
  const std::string file = kept();
  const std::string wrong = replaced(stale(), "missed_pte sometimes", "missed_pte never");
  write("kept/missed_pte-merge-order.litmus", wrong);
  const Ran r = run({"rebase", file});
  EXPECT_EQ(r.code, 1);
  EXPECT_TRUE(contains(r.out, "the text expects v3.0 missed_pte never")) << r.out;
  EXPECT_EQ(slurp(file), wrong);
}

// Schedule and witness disagree, and what they break is noticed late.
TEST_F(Rebase, a_lost_or_wrong_witness_is_written_anew) {
  const std::string text =
      slurp(std::string(RMAPFUZZ_SOURCE_DIR) + "/repro/regressions/unreachable-stack-pgoff.litmus");
  const std::string file = write("kept.litmus", replaced(text, " 00 01\n", " 00 02\n"));
  EXPECT_EQ(run({"rebase", file}).code, 0);
  EXPECT_EQ(slurp(file), text);
}

TEST_F(Rebase, a_file_keeps_its_rights_and_a_link_stays_one) {
  const std::string file = kept();
  namespace fs = std::filesystem;
  write("kept/missed_pte-merge-order.litmus", stale());
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write | fs::perms::others_read);
  fs::create_symlink(file, path("link.litmus"));
  EXPECT_EQ(run({"rebase", path("link.litmus")}).code, 0);
  EXPECT_TRUE(fs::is_symlink(path("link.litmus")));
  EXPECT_TRUE(contains(slurp(file), kModelWords));
  EXPECT_EQ(fs::status(file).permissions(),
            fs::perms::owner_read | fs::perms::owner_write | fs::perms::others_read);
}

}  // namespace
}  // namespace rmap
