// Which commits go together: what the chain and its needs say, and what is said of half a series.
// SPDX-License-Identifier: Apache-2.0
#include "core/kernel/commit_set.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/kernel/chain.h"
#include "core/kernel/expression.h"

namespace rmap {
namespace {

// Each expression, and what is said of it.
void expect_refusals(const std::vector<std::pair<std::string, std::string>>& cases) {
  for (const auto& [expression, message] : cases) {
    const KernelResult result = parse_kernel(expression);
    EXPECT_FALSE(result.kernel) << expression;
    EXPECT_EQ(result.error, fmt::format("kernel '{}': {}", expression, message));
  }
}

// "v3.0+486cf46f3f9b" and "v3.0-486cf46f3f9b" for every release, commit and half of one.
std::vector<std::string> single_commits() {
  std::set<std::string> all;
  for (std::string_view release : releases()) {
    for (const Change& c : changes()) {
      for (const std::string& commit : {std::string(c.commit), name_of(c)}) {
        for (char sign : {'+', '-'}) all.insert(fmt::format("{}{}{}", release, sign, commit));
      }
    }
  }
  return {all.begin(), all.end()};
}

// "2.6.36" as numbers.
std::vector<int> version(std::string_view text) {
  std::vector<int> numbers;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('.', at), text.size());
    numbers.push_back(std::stoi(std::string(text.substr(at, end - at))));
    at = end + 1;
  }
  return numbers;
}

// --- The table -----------------------------------------------------------------------------------
// So that the kernels between two releases are those of the kernel's own history.
TEST(Chain, is_in_the_order_in_which_commits_landed) {
  std::string_view last = "2.6.33";
  std::string_view release;
  for (const Change& c : changes()) {
    if (c.release.empty() || c.release == kNewest) continue;
    ASSERT_FALSE(c.landed.empty()) << c.commit;
    EXPECT_LE(version(last), version(c.landed)) << c.commit;
    EXPECT_LE(version(c.landed), version(c.release.substr(1))) << c.commit;
    if (c.release != release) {
      const auto at = std::find(releases().begin(), releases().end(), c.release);
      EXPECT_LT(version((at - 1)->substr(1)), version(c.landed)) << c.commit;
    }
    release = c.release;
    last = c.landed;
  }
}

// Of a commit that landed in a release and the one that landed before it, the earlier is needed.
TEST(Chain, what_a_commit_needs_landed_before_it) {
  const auto row_of = [](std::string_view commit) {
    return std::find_if(changes().begin(), changes().end(),
                        [&](const Change& c) { return c.commit == commit; });
  };
  for (const Need& need : needs()) {
    ASSERT_NE(row_of(need.commit), changes().end()) << need.commit;
    ASSERT_NE(row_of(need.needs), changes().end()) << need.needs;
    EXPECT_LT(row_of(need.needs), row_of(need.commit)) << need.commit;
  }
}

// What a row says by the value that it changes is not said once more.
TEST(Chain, no_need_is_written_twice) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const Need& need : needs()) {
    EXPECT_TRUE(seen.emplace(need.commit, need.needs).second) << need.commit;
    for (const Change& c : changes()) {
      if (c.commit != need.commit) continue;
      for (const Change& e : changes()) {
        const bool said = e.commit == need.needs && e.rule == c.rule && e.after == c.before &&
                          e.before != c.after;
        EXPECT_FALSE(said) << c.commit << " changes what " << e.commit << " made";
      }
    }
  }
}

// --- Expressions ---------------------------------------------------------------------------------
TEST(CommitSet, the_order_of_commits_makes_no_difference) {
  const auto kernel = [](std::string_view expression) {
    const KernelResult r = parse_kernel(expression);
    EXPECT_TRUE(r.kernel) << r.error;
    return r.kernel ? r.kernel->kernel : Kernel{};
  };
  EXPECT_EQ(kernel("v2.6.36+01d8b20dec5f+1ce82b69e96c"),
            kernel("v2.6.36+1ce82b69e96c+01d8b20dec5f"));
  EXPECT_EQ(kernel("v3.7-bf181b9f9d8d-523d4e2008fd-38a76013ad80"),
            kernel("v3.7-38a76013ad80-523d4e2008fd-bf181b9f9d8d"));
}

TEST(CommitSet, half_a_series_is_refused_with_the_whole) {
  expect_refusals({
      {"v2.6.36+01d8b20dec5f",
       "'01d8b20dec5f' needs 1ce82b69e96c, which v2.6.36 has not; add it: "
       "v2.6.36+1ce82b69e96c+01d8b20dec5f"},
      // It changes what was made by others, which need others again.
      {"v2.6.36+88c22088bf23",
       "'88c22088bf23' needs 1ce82b69e96c, 01d8b20dec5f, 746b18d421da, 2b575eb64f7a, which v2.6.36 "
       "has not; add them: v2.6.36+1ce82b69e96c+01d8b20dec5f+746b18d421da+2b575eb64f7a+"
       "88c22088bf23"},
      {"v2.6.33+646d87b481da",
       "'646d87b481da' needs 5beb49305251, which v2.6.33 has not; add it: "
       "v2.6.33+5beb49305251+646d87b481da"},
      {"v3.1+bf181b9f9d8d",
       "'bf181b9f9d8d' needs ca42b26ab888, 108d6642ad81, which v3.1 has not; add them: "
       "v3.1+ca42b26ab888+108d6642ad81+bf181b9f9d8d"},
      {"v3.7-108d6642ad81",
       "'108d6642ad81' is needed by bf181b9f9d8d, 523d4e2008fd, 38a76013ad80; take them away, "
       "too: v3.7-38a76013ad80-523d4e2008fd-bf181b9f9d8d-108d6642ad81"},
      {"v3.7-bf181b9f9d8d",
       "'bf181b9f9d8d' is needed by 523d4e2008fd, 38a76013ad80; take them away, too: "
       "v3.7-38a76013ad80-523d4e2008fd-bf181b9f9d8d"},
      // Both at once.
      {"v3.0-eee2acbae955+7a3ef208e662",
       "'eee2acbae955' is needed by 7a3ef208e662; take it away, too: v3.0-eee2acbae955"},
      {"v3.0-5f70b962ccc2+ca42b26ab888+523d4e2008fd",
       "'5f70b962ccc2' is needed by ca42b26ab888, 523d4e2008fd; take them away, too: "
       "v3.0-5f70b962ccc2"},
  });
}

TEST(CommitSet, a_commit_without_effect_is_refused) {
  expect_refusals({
      {"v3.7-948f017b093a",
       "108d6642ad81 changed again what '948f017b093a' had changed; take 108d6642ad81 away "
       "instead, or both"},
      {"v2.6.33+26ba0cb63cb8",
       "'26ba0cb63cb8' changes nothing there; remove it from the expression"},
      {"v3.7+hugh-anon-vma-lock",
       "'hugh-anon-vma-lock' changes move_locks=none, which 38a76013ad80 has changed already; "
       "leave one of them out"},
  });
}

// What is refused for want of others is answered with an expression, and that one is accepted.
TEST(CommitSet, what_a_refusal_says_to_write_is_accepted) {
  uint32_t refused = 0;
  for (const std::string& expression : single_commits()) {
    const auto [kernel, error, whole] = parse_kernel(expression);
    if (whole.empty()) continue;
    refused++;
    const KernelResult advised = parse_kernel(whole);
    EXPECT_TRUE(advised.kernel) << error << "\n" << advised.error;
    EXPECT_TRUE(error.ends_with(": " + whole)) << error;
  }
  EXPECT_GT(refused, 200u);
}

// A contradiction between values is for rules that were set by hand, and for the one patch that
// puts vmas at a list's head.
TEST(CommitSet, commits_alone_contradict_one_another_only_at_a_trees_head) {
  for (const std::string& expression : single_commits()) {
    const std::string error = parse_kernel(expression).error;
    if (error.empty()) continue;
    const bool explained = error.find("nothing") != std::string::npos ||
                           error.find(" need") != std::string::npos ||
                           error.find("changed again") != std::string::npos ||
                           error.find("changed already") != std::string::npos;
    EXPECT_TRUE(explained) << error;
    if (error.find("interval tree") != std::string::npos)
      EXPECT_NE(expression.find("link-at-head"), std::string::npos) << error;
  }
}

}  // namespace
}  // namespace rmap
