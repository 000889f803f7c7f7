// bisect(): on chains and verdicts that are made up, and on the zoo's races, whose commits are
// known.
// SPDX-License-Identifier: Apache-2.0
#include "repro/compare/bisect.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/kernel/expression.h"
#include "core/program/litmus.h"
#include "repro/compare/bisect_words.h"
#include "tests/repro/fixture.h"

namespace rmap {
namespace {

using Commits = std::set<std::string>;

// v1, then a and b in v2, c.x and c.y in v3, d in v4.
Chain invented() {
  return {{"v1", "v2", "v3", "v4"},
          {{"a", 1, "first"},
           {"b", 1, "second"},
           {"c.x", 2, "third"},
           {"c.y", 2, "fourth"},
           {"d", 3, "fifth"}}};
}

// What "v2+c.x-a" has.
Commits commits_of(const Chain& chain, const std::string& kernel) {
  std::size_t at = std::min(kernel.find_first_of("+-"), kernel.size());
  Commits commits;
  for (const Step& step : chain.steps) {
    if (chain.releases[step.release] <= kernel.substr(0, at)) commits.insert(step.commit);
  }
  while (at < kernel.size()) {
    const std::size_t end = std::min(kernel.find_first_of("+-", at + 1), kernel.size());
    const std::string commit = kernel.substr(at + 1, end - at - 1);
    EXPECT_EQ(commits.contains(commit), kernel[at] == '-') << kernel;
    kernel[at] == '+' ? void(commits.insert(commit)) : void(commits.erase(commit));
    at = end;
  }
  return commits;
}

// Bisects an invented race: `has` says of a kernel's commits whether it is there.
class Race {
 public:
  explicit Race(std::function<Has(const Commits&)> has) : has_(std::move(has)) {}

  Bisection bisect(bool every_commit = false, const std::string& about = "") {
    const Ask ask = [this](const std::string& kernel) -> Answer {
      asked.push_back(kernel);
      const Has has = has_(commits_of(chain, kernel));
      static const std::map<Has, std::string> verdicts = {{Has::no, "never"},
                                                          {Has::yes, "sometimes"},
                                                          {Has::unknown, "unknown"},
                                                          {Has::refused, "refused"},
                                                          {Has::vacuous, "never"}};
      return {has, verdicts.at(has), has == Has::yes ? 1u : 0u, 9, 2, "does not compile"};
    };
    return rmap::bisect(chain, ask, {every_commit, true, about});
  }

  Chain chain = invented();
  std::vector<std::string> asked;

 private:
  std::function<Has(const Commits&)> has_;
};

Has yes_if(bool has) { return has ? Has::yes : Has::no; }

// "+a -c.x": what introduced it and what fixed it.
std::string borders_of(const Chain& chain, const Bisection& b) {
  std::string text;
  for (const Border& border : b.borders) {
    text += text.empty() ? "" : " ";
    text += border.introduced ? "+" : "-";
    for (std::size_t s = border.first; s <= border.last; s++)
      text += (s == border.first ? "" : "|") + chain.steps[s].commit;
  }
  return text;
}

TEST(Bisect, a_race_from_the_start_has_one_fix) {
  Race race([](const Commits& k) { return yes_if(!k.contains("c.x")); });
  const Bisection b = race.bisect();
  EXPECT_EQ(borders_of(race.chain, b), "-c.x");
  const std::vector<std::vector<std::string>> expected = {
      {"introduced before v1, the oldest kernel here: v1 sometimes 1/9 @2"},
      {"fixed by c.x between v2 and v3: third", "before: v2 sometimes 1/9 @2",
       "after, sufficient: v2+c.x never 0/9 @2", "necessary: v3-c.x sometimes 1/9 @2"},
      {"the newest kernel does not have it: v4 never 0/9 @2"},
      {"not asked: 1 kernel between releases that agree, where a finding may have come and gone; "
       "see --every-commit"}};
  EXPECT_EQ(bisect_paragraphs(race.chain, b), expected);
}

// The second half is what counts, and the first makes no difference to it.
TEST(Bisect, halves_of_a_commit_are_told_apart) {
  Race race([](const Commits& k) { return yes_if(!k.contains("c.y")); });
  const Bisection b = race.bisect();
  EXPECT_EQ(borders_of(race.chain, b), "-c.y");
  EXPECT_EQ(b.borders[0].after.kernel, "v3");
  EXPECT_EQ(b.borders[0].sufficient->alone.kernel, "v2+c.y");
}

TEST(Bisect, a_race_comes_goes_and_comes_again) {
  Race race([](const Commits& k) {
    return yes_if((k.contains("a") && !k.contains("c.x")) || k.contains("d"));
  });
  const Bisection b = race.bisect();
  EXPECT_EQ(borders_of(race.chain, b), "+a -c.x +d");
  EXPECT_EQ(sentence_on_the_oldest(b), "");
  EXPECT_EQ(sentence_on_the_newest(b), "not fixed, the newest kernel has it: v4 sometimes 1/9 @2");
}

TEST(Bisect, between_releases_that_agree_only_on_request) {
  Race race([](const Commits& k) { return yes_if(k.contains("c.x") && !k.contains("c.y")); });
  EXPECT_EQ(borders_of(race.chain, race.bisect()), "");
  EXPECT_EQ(race.asked.size(), race.chain.releases.size());
  const Bisection b = race.bisect(true);
  EXPECT_EQ(borders_of(race.chain, b), "+c.x -c.y");
  // v3 has no race, so taking c.x from it undoes nothing; v2 has none that c.y could cure.
  EXPECT_FALSE(b.borders[0].without.has_value());
  EXPECT_FALSE(b.borders[1].sufficient.has_value());
  EXPECT_EQ(b.borders[1].without->kernel, "v3-c.y");
}

// Nothing says which of the two it was, as with the commits that git bisect skips.
TEST(Bisect, what_cannot_be_written_is_skipped_and_the_group_is_named) {
  Race race([](const Commits& k) {
    if (k.contains("c.x") != k.contains("c.y")) return Has::refused;
    return yes_if(!k.contains("c.x"));
  });
  const Bisection b = race.bisect();
  EXPECT_EQ(borders_of(race.chain, b), "-c.x|c.y");
  EXPECT_FALSE(b.borders[0].open);
  EXPECT_TRUE(b.knows_all());
  EXPECT_EQ(border_sentences(race.chain, b.borders[0])[0],
            "fixed by one or more of c.x, c.y between v2 and v3: what lies between makes no sense");
  EXPECT_EQ(b.borders[0].without->kernel, "v3-c.y-c.x");
}

TEST(Bisect, an_unknown_kernel_leaves_a_border_open) {
  Race race([](const Commits& k) {
    if (k.size() >= 2 && k.size() <= 4) return Has::unknown;
    return yes_if(!k.contains("d"));
  });
  const Bisection b = race.bisect();
  EXPECT_EQ(borders_of(race.chain, b), "-b|c.x|c.y|d");
  EXPECT_TRUE(b.borders[0].open);
  EXPECT_FALSE(b.borders[0].sufficient || b.borders[0].without);
  EXPECT_FALSE(b.knows_all());
  EXPECT_EQ(border_words(race.chain, b.borders[0]),
            "fixed by one or more of b, c.x, c.y, d between v1 and v4");
  EXPECT_TRUE(sentence_on_the_unknown(b).starts_with("unknown: v2, v2+c.x, v3; "));
}

// What a program cannot show, no commit has taken away or brought.
TEST(Bisect, a_vacuous_never_is_the_end_of_no_border) {
  Race race([](const Commits& k) { return k.contains("c.x") ? Has::vacuous : Has::yes; });
  const Bisection b = race.bisect();
  EXPECT_EQ(borders_of(race.chain, b), "");
  EXPECT_EQ(sentence_on_the_newest(b), "the newest kernel cannot show it: v4 vacuous never 0/9 @2");
  EXPECT_TRUE(sentence_on_the_vacuous(b).starts_with("vacuous: v3, v4; "));
  Race between([](const Commits& k) {
    if (k.contains("c.x") && !k.contains("d")) return Has::vacuous;
    return yes_if(!k.contains("d"));
  });
  const Bisection open = between.bisect();
  EXPECT_EQ(borders_of(between.chain, open), "-c.x|c.y|d");
  EXPECT_TRUE(open.borders[0].open);
}

// Where all is unknown, nothing is claimed.
TEST(Bisect, nothing_is_known) {
  Race race([](const Commits&) { return Has::unknown; });
  const Bisection b = race.bisect();
  EXPECT_TRUE(b.borders.empty());
  EXPECT_EQ(sentence_on_the_oldest(b), "");
  EXPECT_TRUE(sentence_on_the_newest(b).starts_with("unknown if the newest kernel has it"));
}

TEST(Bisect, a_commit_that_does_it_only_with_another_one) {
  Race race([](const Commits& k) { return yes_if(!k.contains("a") || !k.contains("b")); });
  const Bisection b = race.bisect();
  EXPECT_EQ(borders_of(race.chain, b), "-b");
  const auto sentences = border_sentences(race.chain, b.borders[0]);
  EXPECT_EQ(sentences[3], "not sufficient: v1+b sometimes 1/9 @2; it takes a and b");
  EXPECT_EQ(sentences[4], "alone: v1+a sometimes 1/9 @2");
}

TEST(Bisect, a_commit_that_shows_nothing_without_another_one) {
  Race race([](const Commits& k) {
    if (k.contains("b") && !k.contains("a")) return Has::vacuous;
    return yes_if(!k.contains("b"));
  });
  const Bisection b = race.bisect();
  const auto sentences = border_sentences(race.chain, b.borders[0]);
  EXPECT_EQ(sentences[3], "unknown if sufficient: v1+b vacuous never 0/9 @2");
  EXPECT_TRUE(b.borders[0].sufficient->together.empty());
}

// The release that the question is about lacks what came before the fix.
TEST(Bisect, a_fix_is_tried_on_the_kernel_that_is_asked_about) {
  Race race([](const Commits& k) { return yes_if(!k.contains("a") || !k.contains("d")); });
  const Bisection b = race.bisect(false, "v1");
  EXPECT_EQ(borders_of(race.chain, b), "-d");
  ASSERT_TRUE(b.borders[0].backport.has_value());
  EXPECT_EQ(b.borders[0].backport->alone.kernel, "v1+d");
  EXPECT_EQ(b.borders[0].backport->together, (std::vector<std::size_t>{0, 4}));
  EXPECT_FALSE(race.bisect(false, "v2+x").borders[0].backport.has_value());
}

// d stands on c.y, so that only both can be taken away.
TEST(Bisect, a_commit_is_taken_away_with_what_needs_it) {
  const Chain chain = invented();
  const Ask ask = [&](const std::string& kernel) -> Answer {
    const Commits k = commits_of(chain, kernel);
    if (k.contains("d") && !k.contains("c.y"))
      return {Has::refused, "refused", 0, 0, 0, "half of it", kernel + "-d"};
    const bool has = !k.contains("c.y");
    return {yes_if(has), has ? "always" : "never", has ? 1u : 0u, 1, 2, {}};
  };
  BisectOptions options;
  options.both_ways = true;
  Chain merged = chain;
  merged.releases.erase(merged.releases.begin() + 2);  // v4 has c.x, c.y and d.
  for (Step& step : merged.steps) step.release = std::min<std::size_t>(step.release, 2);
  const Bisection b = bisect(merged, ask, options);
  EXPECT_EQ(borders_of(merged, b), "-c.y");
  EXPECT_EQ(border_sentences(merged, b.borders[0]).back(), "necessary: v4-c.y-d always 1/1 @2");
}

// b alone, half of a series, is no kernel that proves anything.
TEST(Bisect, a_commit_that_cannot_stand_alone_is_not_tried_alone) {
  Race race([](const Commits& k) {
    if (k.contains("b") && !k.contains("a")) return Has::refused;
    return yes_if(!k.contains("b"));
  });
  const Bisection b = race.bisect();
  EXPECT_EQ(borders_of(race.chain, b), "-b");
  EXPECT_EQ(border_sentences(race.chain, b.borders[0])[3],
            "cannot be added by itself: v1+b refused (does not compile); it takes a and b");
}

TEST(Bisect, a_commit_that_makes_no_difference_without_another_is_not_necessary) {
  Race race([](const Commits& k) { return yes_if(!k.contains("a") && !k.contains("b")); });
  const Bisection b = race.bisect();
  EXPECT_EQ(borders_of(race.chain, b), "-a");
  EXPECT_EQ(border_sentences(race.chain, b.borders[0]).back(), "not necessary: v2-a never 0/9 @2");
}

// --- The kernels' chain --------------------------------------------------------------------------
TEST(KernelChain, every_kernel_between_two_releases_can_be_written) {
  const Chain chain = kernel_chain();
  std::string kernel = chain.releases[0];
  for (std::size_t n = 1; n <= chain.steps.size(); n++) {
    kernel += "+" + chain.steps[n - 1].commit;
    ASSERT_TRUE(parse_kernel(kernel).kernel) << parse_kernel(kernel).error;
    const std::size_t release = chain.release_at_most(n);
    if (chain.steps_of(release) == n) {
      EXPECT_EQ(kernel_named(kernel).kernel, kernel_named(chain.releases[release]).kernel);
    }
  }
  EXPECT_EQ(chain.steps_of(chain.releases.size() - 1), chain.steps.size());
}

// A child comes and goes, and nothing more: no kernel of the chain leaks, and none has a race. Half
// of the reference count's series did leak, and was called the culprit.
TEST_F(CommandTest, no_commit_is_called_the_culprit_of_what_half_a_series_does) {
  const std::string file = write("fork-exit.litmus",
                                 "litmus fork-exit\nsetup mmap @0 +1; write @0 +1\n"
                                 "cpu1 fork to mm1; write mm1 @0 +1; exit mm1; exit\n");
  const Ran r = run({"matrix", "--bisect", "--every-commit", "--json", "--rule", "any", file});
  const auto j = nlohmann::json::parse(r.out);
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_EQ(j["rows"].size(), kernel_chain().steps.size() + 1);
  EXPECT_TRUE(j["borders"].empty()) << j["paragraphs"];
}

// --- The zoo -------------------------------------------------------------------------------------
class Zoo : public CommandTest {
 protected:
  static std::string file(const std::string& name) {
    return std::string(RMAPFUZZ_SOURCE_DIR) + "/tests/litmus/" + name + ".litmus";
  }

  // The commits that fixed something, without their halves.
  static Commits fixes(const nlohmann::json& bisection) {
    Commits commits;
    for (const auto& border : bisection["borders"]) {
      if (border["change"] != "fixed") continue;
      for (const auto& c : border["commits"]) {
        const std::string commit = c["commit"];
        commits.insert(commit.substr(0, commit.find('.')));
      }
    }
    return commits;
  }
};

// Those whose kernel is a release without the commit came and went between two releases: then every
// commit is explored without being asked to.
TEST_F(Zoo, the_fix_that_is_found_is_the_one_of_the_entry) {
  std::vector<std::string> args = {"matrix", "--bisect", "--json"};
  std::vector<std::string> expected;
  for (const char* name :
       {"mremap-merge+migrate", "mremap-merge-down+migrate", "mremap-fresh+migrate",
        "mprotect-split+migrate", "degree-double-reuse", "degree-failed-clone", "degree-import",
        "dontunmap-freed-anon-vma", "fork-unwind", "mprotect-merge-unlinked",
        "mremap-clone-before-range", "split-child-chain-order"}) {
    const LitmusResult litmus = parse_litmus(slurp(file(name)));
    ASSERT_TRUE(litmus.litmus) << name;
    expected.push_back(litmus.litmus->entries[0].commit);
    args.push_back(file(name));
  }
  const Ran r = run(args);
  EXPECT_EQ(r.code, 0) << r.err;
  std::istringstream lines(r.out);
  std::size_t n = 0;
  for (std::string line; std::getline(lines, line); n++) {
    const auto bisection = nlohmann::json::parse(line);
    EXPECT_EQ(fixes(bisection), Commits{expected[n]}) << bisection["file"];
  }
  EXPECT_EQ(n, expected.size());
}

// The pointer that MREMAP_DONTUNMAP left behind was there between two commits of 5.13. v5.7 and
// v6.0 agree, and only every single commit shows what came and went.
TEST_F(Zoo, what_came_and_went_between_two_releases_takes_every_commit) {
  const std::string program = write("dontunmap.litmus",
                                    "litmus dontunmap\nsetup mmap @0 +2; write @0 +2\n"
                                    "cpu1 mremap @0 +2 @8 dontunmap; munmap @8 +2; munmap @0 +1\n");
  std::vector<std::string> args = {"matrix",         "--bisect", "--rule",
                                   "use_after_free", "--json",   program};
  const auto releases_alone = nlohmann::json::parse(run(args).out);
  EXPECT_TRUE(releases_alone["borders"].empty());
  EXPECT_GT(releases_alone["not_asked"], 0);
  args.emplace_back("--every-commit");
  const auto all = nlohmann::json::parse(run(args).out);
  EXPECT_EQ(fixes(all), Commits{"ee8ab1903e3d"});
  EXPECT_EQ(all["borders"][0]["commits"][0]["commit"], "1583aa278f5f");
  EXPECT_EQ(all["borders"][0]["commits"][0]["landed"], "5.13");
  EXPECT_EQ(all["not_asked"], 0);
}

// 486cf46f3f9b and 948f017b093a close different manners: v3.0 needs both.
TEST_F(Zoo, the_half_of_the_fix_that_counts_and_what_v3_0_needs_with_it) {
  const Ran r = run({"matrix", "--bisect", "--json", file("mremap-merge+migrate")});
  const auto border = nlohmann::json::parse(r.out)["borders"][0];
  EXPECT_EQ(border["commits"][0]["commit"], "948f017b093a.merge");
  EXPECT_EQ(border["before"]["verdict"], "sometimes");
  EXPECT_EQ(border["after"]["verdict"], "never");
  EXPECT_EQ(border["without"]["kernel"], "v3.3-948f017b093a.merge");
  EXPECT_EQ(border["without"]["verdict"], "sometimes");
  EXPECT_EQ(border["backport"]["alone"]["verdict"], "sometimes");
  EXPECT_EQ(border["backport"]["together"], (nlohmann::json{"486cf46f3f9b", "948f017b093a.merge"}));
}

}  // namespace
}  // namespace rmap
