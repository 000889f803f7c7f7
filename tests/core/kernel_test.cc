// Kernel expressions: what they name, and what is said of those that name nothing.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/kernel/chain.h"
#include "core/kernel/expression.h"
#include "core/kernel/names.h"
#include "core/text/quote.h"

namespace rmap {
namespace {

Kernel named(std::string_view expression) {
  const KernelResult result = parse_kernel(expression);
  EXPECT_TRUE(result.kernel.has_value()) << result.error;
  return result.kernel ? result.kernel->kernel : Kernel{};
}

std::string error_of(std::string_view expression) {
  const KernelResult result = parse_kernel(expression);
  EXPECT_FALSE(result.kernel.has_value()) << expression;
  return result.error;
}

TEST(KernelExpression, every_release_has_a_name) {
  for (std::string_view release : releases()) {
    EXPECT_EQ(parse_kernel(release).kernel->name, release);
  }
  EXPECT_EQ(named("v2.6.33"), Kernel{});
  EXPECT_EQ(releases().front(), "v2.6.33");
  EXPECT_EQ(releases().back(), kNewest);
}

TEST(KernelExpression, no_two_releases_are_the_same) {
  for (std::string_view a : releases()) {
    for (std::string_view b : releases()) EXPECT_EQ(named(a) == named(b), a == b);
  }
}

// Written out, because it is what all results are about: what the first release does, and what each
// other one does differently from the one before.
TEST(KernelExpression, the_releases_are_these) {
  const auto rules = [](std::string_view k) { return describe(named(k)); };
  const auto news = [&](std::size_t release) {
    const auto before = rules(releases()[release - 1]);
    std::string text(releases()[release]);
    for (std::size_t i = 0; i < before.size(); i++) {
      const std::string now = rules(releases()[release])[i];
      if (now != before[i]) text += " " + now;
    }
    return text;
  };
  EXPECT_EQ(
      fmt::format("{}", fmt::join(rules("v2.6.33"), " ")),
      "anon_topology=single anon_lock=spinlock lock_scope=own rmap_index=list link_insert=tail "
      "prepare_insert=tail prepare_share=any prepare_lock=always prepare_lost=leaks_element "
      "clone_lock=per_element unlink_passes=one clone_order=reversed clone_alloc=one_by_one "
      "clone_unwind=keeps_anon_vma fork_unwind=keeps_chain reuse=none fork_share=none "
      "unlink_pointer=kept anon_refs=list put_root=first late_get=inside_rcu page_lock=unchecked "
      "migrate_pin=rcu merge_anon=equal_or_none adjust_lock=own_or_import import_source=itself "
      "import_order=clone_first swallow_import=each_round merge_right=middle_stays "
      "grow_down_pgoff=moved copy_link=clone_then_range copy_import=none copy_fork=merges "
      "keep_source=may_merge merge_oom=splits unaccount=never unmap_lock=write stack_pgoff=wraps "
      "stack_lock=anon_vma stack_mmap=read expand_merge=never merge_order=as_found "
      "rollback_order=as_found move_locks=none mremap_span=one_vma move_start=exact "
      "move_chunk=latency_limit table_move=never dontunmap=unknown dontunmap_pgoff=kept "
      "add_rmap=sets_own add_rmap_check=inside_vma walk_asserts=each_entry "
      "migration_peek=unlocked entry_wait=holds_reference unmapped_page=let_go move_retry=whole "
      "entry_asserts=wait exclusive=unknown mprotect_write=never wp_reuse=mapcount "
      "wp_mapping=kept");
  std::vector<std::string> steps;
  for (std::size_t i = 1; i < releases().size(); i++) steps.push_back(news(i));
  EXPECT_EQ(
      fmt::format("{}", fmt::join(steps, "\n")),
      "v2.6.34 anon_topology=chains prepare_insert=head prepare_share=singular "
      "prepare_lost=frees_element clone_order=faithful fork_unwind=unlinks_chain "
      "adjust_lock=never import_source=exporter add_rmap=sets_oldest wp_mapping=moved\n"
      "v2.6.35 anon_refs=external migrate_pin=external\n"
      "v2.6.36 lock_scope=root prepare_insert=tail page_lock=recheck_mapped "
      "adjust_lock=unless_only_end add_rmap=kept\n"
      "v3.0 anon_lock=mutex clone_lock=per_tree unlink_passes=two anon_refs=counted "
      "page_lock=refcount migrate_pin=get merge_anon=singular_if_none "
      "adjust_lock=start_or_import stack_pgoff=checked add_rmap_check=none\n"
      "v3.1 migration_peek=locked\n"
      "v3.3 merge_order=move_to_tail rollback_order=move_to_tail entry_asserts=fork_and_zap_too\n"
      "v3.7 rmap_index=interval_tree adjust_lock=always copy_link=range_then_clone "
      "merge_order=as_found rollback_order=as_found move_locks=if_needed\n"
      "v3.19 anon_lock=rwsem reuse=degree put_root=last late_get=outside_rcu "
      "import_order=publish_first unmapped_page=not_walked\n"
      "v4.0 clone_unwind=clears_anon_vma\n"
      "v5.7 swallow_import=up_front merge_right=next_stays unmap_lock=downgraded "
      "move_chunk=table table_move=locks_if_needed dontunmap=keeps_chain walk_asserts=none "
      "entry_wait=drops_reference unmapped_page=migrated\n"
      "v6.0 reuse=children_and_active unlink_pointer=cleared unmap_lock=downgraded_unless_stack "
      "table_move=locks_always dontunmap=unlinks_chain entry_wait=no_reference exclusive=reused "
      "mprotect_write=exclusive wp_reuse=refcount\n"
      "v6.16 merge_anon=unfaulted_too merge_oom=fails unaccount=unfaulted unmap_lock=downgraded "
      "stack_mmap=write "
      "expand_merge=with_next move_start=table move_retry=move_only\n"
      "v6.19 copy_import=clones copy_fork=refused mremap_span=many\n"
      "newest clone_order=reversed clone_alloc=all_first clone_unwind=frees_and_clears "
      "fork_unwind=allocates_first keep_source=never_merges "
      "dontunmap_pgoff=reset");
}

// The commits of a release, each once, in the order of the chain.
std::vector<std::string> commits_of(std::string_view release) {
  std::vector<std::string> commits;
  for (const Change& c : changes()) {
    if (c.release == release &&
        std::find(commits.begin(), commits.end(), c.commit) == commits.end())
      commits.emplace_back(c.commit);
  }
  return commits;
}

TEST(KernelExpression, a_release_is_the_one_before_with_its_commits) {
  for (std::size_t i = 1; i < releases().size(); i++) {
    std::string expression(releases()[i - 1]);
    for (const std::string& c : commits_of(releases()[i])) expression += "+" + c;
    EXPECT_EQ(named(expression), named(releases()[i])) << expression;
  }
}

TEST(KernelExpression, a_release_without_its_commits_is_the_one_before) {
  for (std::size_t i = 1; i < releases().size(); i++) {
    std::string expression(releases()[i]);
    const std::vector<std::string> commits = commits_of(releases()[i]);
    for (auto c = commits.rbegin(); c != commits.rend(); ++c) expression += "-" + *c;
    EXPECT_EQ(named(expression), named(releases()[i - 1])) << expression;
  }
}

TEST(KernelExpression, the_commits_up_to_a_release_make_that_release) {
  EXPECT_EQ(named("v3.0+486cf46f3f9b"), named("v3.1"));
  EXPECT_EQ(named("v3.0+486cf46f3f9b+948f017b093a+9f9f1acd713d"), named("v3.3"));
  EXPECT_EQ(named("v3.0+9f9f1acd713d+948f017b093a+486cf46f3f9b"), named("v3.3"));
}

TEST(KernelExpression, taking_them_away_leads_back) {
  EXPECT_EQ(named("v3.3-948f017b093a-9f9f1acd713d"), named("v3.1"));
  EXPECT_EQ(named("v3.3-486cf46f3f9b-948f017b093a-9f9f1acd713d"), named("v3.0"));
}

TEST(KernelExpression, a_commit_has_halves) {
  EXPECT_EQ(named("v3.1+948f017b093a.merge+948f017b093a.rollback"), named("v3.1+948f017b093a"));
  EXPECT_EQ(named("v3.3-9f9f1acd713d-948f017b093a.merge"), named("v3.1+948f017b093a.rollback"));
  EXPECT_NE(named("v3.3-948f017b093a.merge"), named("v3.3-948f017b093a.rollback"));
  EXPECT_EQ(named("v3.3-948f017b093a.merge").merge_order, MergeOrder::as_found);
  EXPECT_EQ(named("v3.3-948f017b093a.merge").rollback_order, RollbackOrder::move_to_tail);
}

// A commit's name may have dashes in it.
TEST(KernelExpression, a_patch_that_never_landed_can_be_added) {
  Kernel k = named("v3.0");
  k.move_locks = MoveLocks::always;
  EXPECT_EQ(named("v3.0+hugh-anon-vma-lock"), k);
  EXPECT_EQ(named("v3.0+hugh-anon-vma-lock+486cf46f3f9b").migration_peek, MigrationPeek::locked);
}

// By itself, or with what it needs and what needs it.
TEST(KernelExpression, every_commit_can_be_added_to_or_taken_from_some_release) {
  const auto is_accepted = [](const std::string& expression) {
    const KernelResult r = parse_kernel(expression);
    return r.kernel || parse_kernel(r.whole).kernel;
  };
  for (const Change& c : changes()) {
    bool used = false;
    for (std::string_view release : releases()) {
      for (char sign : {'+', '-'})
        used |= is_accepted(fmt::format("{}{}{}", release, sign, c.commit));
    }
    EXPECT_TRUE(used) << c.commit;
  }
}

TEST(KernelExpression, rules_can_be_set_one_by_one) {
  EXPECT_EQ(named("v3.0{migration_peek=locked}"), named("v3.1"));
  EXPECT_EQ(
      named("v3.0{migration_peek=locked,merge_order=move_to_tail,rollback_order=move_to_tail}"),
      named("v3.3-9f9f1acd713d"));
  EXPECT_EQ(named("v3.1{migration_peek=unlocked}"), named("v3.0"));
  EXPECT_EQ(named("v3.0{}"), named("v3.0"));
}

// Each value of each rule, as its name is printed, is accepted under some release.
TEST(KernelExpression, no_value_of_a_rule_is_out_of_reach) {
  for (const KernelRule& rule : kernel_rules()) {
    for (std::string_view value : rule.values) {
      const std::string wanted = fmt::format("{}={}", rule.name, value);
      bool reached = false;
      for (std::string_view release : releases()) {
        const KernelResult r = parse_kernel(fmt::format("{}{{{}}}", release, wanted));
        if (!r.kernel) continue;
        const auto rules = describe(r.kernel->kernel);
        EXPECT_NE(std::find(rules.begin(), rules.end(), wanted), rules.end()) << release << wanted;
        reached = true;
      }
      EXPECT_TRUE(reached) << wanted;
    }
  }
}

TEST(KernelExpression, a_changes_table_row_says_what_it_does) {
  for (const Change& c : changes()) {
    EXPECT_FALSE(c.commit.empty());
    EXPECT_NE(c.before, c.after) << c.commit;
    bool taken = false;
    for (std::string_view release : releases())
      taken |=
          parse_kernel(fmt::format("{}{{{}={}}}", release, c.rule, c.after)).kernel.has_value();
    EXPECT_TRUE(taken) << c.rule << "=" << c.after;
  }
}

// A row without a sentence belongs to the commit of the row before, which has one.
TEST(KernelExpression, every_commit_has_a_sentence) {
  std::string_view before;
  for (const Change& c : changes()) {
    EXPECT_TRUE(!c.sentence.empty() || c.commit == before) << c.commit;
    EXPECT_FALSE(c.sentence.ends_with('.')) << c.sentence;
    before = c.commit;
  }
}

// Each message repeats the expression, says what is wrong and what would be right.
TEST(KernelExpression, errors_say_what_would_be_right) {
  const std::string known = fmt::format("known: {}", fmt::join(releases(), ", "));
  std::vector<std::string_view> names;
  for (const KernelRule& rule : kernel_rules()) names.push_back(rule.name);
  const std::string rules = fmt::format("known: {}", fmt::join(names, ", "));
  EXPECT_TRUE(known.starts_with("known: v2.6.33, v2.6.34, ") && known.ends_with(", newest"));
  EXPECT_TRUE(rules.starts_with("known: anon_topology, ") && rules.ends_with(", wp_mapping"));
  const struct {
    const char* expression;
    std::string message;
  } cases[] = {
      {"", "no release is called ''; " + known},
      {"v2", "no release is called 'v2'; " + known},
      {" v3.0", "no release is called ' v3.0' (did you mean v3.0?); " + known},
      {"v3.0\033[2J\n", "no release is called 'v3.0\\x1b[2J\\x0a'; " + known},
      {"+486cf46f3f9b", "no release is called ''; " + known},
      {"v3.1+486cf46f3f9b",
       "'486cf46f3f9b' is already there, so adding it changes nothing; remove it from the "
       "expression"},
      {"v3.0-486cf46f3f9b",
       "'486cf46f3f9b' is not there, so taking it changes nothing; remove it from the expression"},
      {"v3.0{peek=locked}", "no rule is called 'peek'; " + rules},
      {"v3.0{move_lock=always}",
       "no rule is called 'move_lock' (did you mean move_locks?); " + rules},
      {"v3.0{move_locks=alway}",
       "rule move_locks has no value 'alway' (did you mean always?); it can be: none, if_needed, "
       "always"},
      {"v3.0{move_locks=always,move_locks=never}",
       "rule move_locks has no value 'never'; it can be: none, if_needed, always"},
      {"v3.0{move_locks=always,move_locks=none}", "rule move_locks is given twice; leave one out"},
      {"v3.0{move_locks=none,merge_order=as_found,move_locks=none}",
       "rule move_locks is given twice; leave one out"},
      {"v3.0+486cf46f3f9b+486c", "'486cf46f3f9b' is given twice; leave one out"},
      {"v3.3-948f017b093a+948f017b093a",
       "'948f017b093a' is both added and taken away; leave out both"},
      {"v3.0+hugh-anon-vma-lock-hugh-anon-vma-lock",
       "'hugh-anon-vma-lock' is both added and taken away; leave out both"},
      {"v3.1+948f017b093a.middle", "948f017b093a has no half 'middle'; it has: merge, rollback"},
      {"v3.1+948f017b093a.rolback",
       "948f017b093a has no half 'rolback' (did you mean rollback?); it has: merge, rollback"},
      {"v3.0+486cf46f3f9b.", "486cf46f3f9b has no halves; write it without '.'"},
      {"v3.0+948",
       "'948' is too short for a commit, and may be 948f017b093a; give 4 digits or more"},
      {"v3.0{migration_peek=maybe}",
       "rule migration_peek has no value 'maybe'; it can be: unlocked, locked"},
      {"v3.0{migration_peek}", "rule migration_peek has no value ''; it can be: unlocked, locked"},
      {"v3.0{migration_peek=locked", "'{' is not closed; write {rule=value,...}"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(error_of(c.expression),
              fmt::format("kernel '{}': {}", printable(c.expression), c.message));
}

TEST(KernelExpression, an_unknown_commit_is_answered_with_where_they_are_listed) {
  // The last is one digit longer than any commit's.
  const std::string long_id(41, '9');
  for (const std::string& wrong : {std::string("abc"), std::string("middle.merge"), long_id}) {
    EXPECT_EQ(error_of(fmt::format("v3.0+{}", wrong)),
              fmt::format("kernel 'v3.0+{0}': no commit is called '{0}'", wrong));
  }
}

TEST(KernelExpression, a_mistyped_commit_is_answered_with_the_one_that_was_meant) {
  const struct {
    const char* expression;
    const char* message;
  } cases[] = {
      {"v3.0+486cf46f3f9c", "no commit is called '486cf46f3f9c' (did you mean 486cf46f3f9b?)"},
      {"v3.0+hugh-anon-vma-lok",
       "no commit is called 'hugh-anon-vma-lok' (did you mean hugh-anon-vma-lock?)"},
      {"v3.0+hugh-anon-vma",
       "no commit is called 'hugh-anon-vma' (did you mean hugh-anon-vma-lock?)"},
      {"v3.0+link-at-haed+486cf46f3f9b",
       "no commit is called 'link-at-haed' (did you mean link-at-head?)"},
  };
  for (const auto& c : cases)
    EXPECT_NE(error_of(c.expression).find(c.message), std::string::npos) << error_of(c.expression);
}

TEST(KernelExpression, a_change_in_the_place_of_a_release_is_answered_with_what_to_write) {
  const std::pair<const char*, const char*> cases[] = {
      {"948f017b093a", "v3.1+948f017b093a, or from which it is taken, v3.3-948f017b093a"},
      {"948f017b093a9baac23855fcd920d3a970b71bb6", "v3.1+948f017b093a, or "},
      {"hugh-anon-vma-lock", "newest+hugh-anon-vma-lock"},
  };
  for (const auto& [expression, message] : cases)
    EXPECT_NE(error_of(expression).find(message), std::string::npos) << error_of(expression);
}

// --- Names as people paste them ------------------------------------------------------------------

TEST(KernelNames, are_spelled_as_the_chain_does) {
  const std::pair<const char*, const char*> cases[] = {
      {"3.1", "v3.1"},
      {"V3.1", "v3.1"},
      {"v3.1.0", "v3.1"},
      {"linux-3.1", "v3.1"},
      {"Linux-3.1.0", "v3.1"},
      {"2.6.36", "v2.6.36"},
      {"linux-2.6.33.0", "v2.6.33"},
      {"6.16", "v6.16"},
      {"NEWEST", "newest"},
      {"linux-3.1+948f017b093a", "v3.1+948f017b093a"},
      {"3.1+948f017b093a9baac23855fcd920d3a970b71bb6", "v3.1+948f017b093a"},
      {"v3.1+948F017B093A9BAAC23855FCD920D3A970B71BB6.merge", "v3.1+948f017b093a.merge"},
      {"v3.1+948f", "v3.1+948f017b093a"},
      {"v3.3-948F0.ROLLBACK", "v3.3-948f017b093a.rollback"},
      {"v3.0+HUGH-anon-vma-lock", "v3.0+hugh-anon-vma-lock"},
      {"3.0+hugh-anon-vma-lock+486c{merge_order=as_found}",
       "v3.0+hugh-anon-vma-lock+486cf46f3f9b{merge_order=as_found}"},
  };
  for (const auto& [typed, spelled] : cases) {
    const KernelResult result = parse_kernel(typed);
    ASSERT_TRUE(result.kernel) << result.error;
    EXPECT_EQ(result.kernel->name, spelled);
    EXPECT_EQ(result.kernel->kernel, named(spelled));
  }
}

// Four digits are enough for any commit of the chain, today; what is shorter lists what it may be.
TEST(KernelNames, a_prefix_names_a_commit_if_it_names_one) {
  for (const Change& c : changes()) {
    if (c.commit.find_first_not_of("0123456789abcdef") != std::string_view::npos) continue;
    for (std::size_t n = 4; n <= c.commit.size(); n++)
      EXPECT_EQ(commit_named(c.commit.substr(0, n)).name, c.commit);
  }
  EXPECT_EQ(commit_named("7").wrong,
            "'7' is too short for a commit, and may be 746b18d421da, 7f39dda9d86f, 7a3ef208e662, "
            "734537c9cb72; give 4 digits or more");
}

// The message says between which releases it lies, what came there, and what to type; and that can
// be typed.
TEST(KernelNames, a_release_that_is_not_modelled_is_placed_between_those_that_are) {
  EXPECT_EQ(error_of("v5.15"),
            "kernel 'v5.15': v5.15 is not modelled by itself: it lies between v5.7 and v6.0; type "
            "v5.7+246c320a8cfe+09854ba94c6a+1583aa278f5f+ee8ab1903e3d+97113eb39fa7, which has all "
            "that it has of what is modelled");
  EXPECT_EQ(error_of("v3.2"),
            "kernel 'v3.2': v3.2 is not modelled by itself: it lies between v3.1 and v3.3; type "
            "v3.1, which has all that it has of what is modelled");
  // Of what landed in a release, its candidates may have some.
  EXPECT_EQ(error_of("v3.0-rc3"),
            "kernel 'v3.0-rc3': v3.0-rc3 is not modelled by itself: it lies between v2.6.36 and "
            "v3.0; type v2.6.36+1ce82b69e96c+01d8b20dec5f+a626ca6a6564, which has all that it has "
            "of what is modelled, and a + before each commit that it has besides");
  EXPECT_EQ(error_of("linux-2.6.32"),
            "kernel 'linux-2.6.32': linux-2.6.32 is older than v2.6.33, the first release that is "
            "modelled; type v2.6.33");
  EXPECT_EQ(error_of("7.0"),
            "kernel '7.0': 7.0 is younger than v6.19, the last release that is modelled; type "
            "v6.19+bfc2b13b05a1+91901a441fa1+542eda1a8329+3a206a8649f8, which has all that it has "
            "of what is "
            "modelled; or newest, which has all fixes that are known");
  EXPECT_EQ(error_of("v3.0.101+486cf46f3f9b"),
            "kernel 'v3.0.101+486cf46f3f9b': v3.0.101 is v3.0 with backports, which are not "
            "modelled; type v3.0 and a + before each commit that it has besides");
  const std::pair<const char*, const char*> cases[] = {
      {"v6.3", "between v6.0 and v6.16;"},
      {"6.17", "between v6.16 and v6.19;"},
      {"v6.16-rc3", "between v6.0 and v6.16;"},
      {"linux-5.15.y", "between v5.7 and v6.0;"},
      {"5.4.0-91-generic", "between v4.0 and v5.7;"},
      {"2.6.39", "between v2.6.36 and v3.0;"},
      {"v3.2", "between v3.1 and v3.3;"},
      {"v2.6.33-rc1", "is older than v2.6.33,"},
      {"3.1.y", "is v3.1 with backports,"},
      {"v2.6.35.14", "is v2.6.35 with backports,"}};
  for (const auto& [typed, where] : cases) {
    const std::string error = error_of(typed);
    EXPECT_NE(error.find(where), std::string::npos) << error;
    if (error.find(" lies between ") == std::string::npos) continue;
    const std::string advice = error.substr(error.rfind("; type ") + 7);
    EXPECT_TRUE(parse_kernel(advice.substr(0, advice.find(','))).kernel) << error;
  }
}

// Combinations that no code could be written for. Each message says what to add or to use instead.
TEST(KernelExpression, contradictions_are_explained) {
  const std::string tail =
      "an interval tree is sorted by pgoff, so nothing can be moved to its tail; use move_locks "
      "instead of move_to_tail";
  const std::string head = "an interval tree is sorted by pgoff, so nothing can be put at its head";
  const std::string pin =
      "page_lock_anon_vma() and page_get_anon_vma() pin by the anon_vma's count; use "
      "anon_refs=counted";
  const std::string reference =
      "migration has no count to take a reference by; use anon_refs=external or counted";
  const struct {
    const char* expression;
    std::string message;
  } cases[] = {
      {"v3.7{merge_order=move_to_tail}", tail},
      {"v3.7{rollback_order=move_to_tail}", tail},
      {"v3.7+link-at-head", head},
      {"newest{prepare_insert=head}", head},
      {"v3.0{move_locks=if_needed}",
       "move_locks=if_needed compares pgoffs, which says nothing about the order of a list; use "
       "always, or rmap_index=interval_tree"},
      {"v2.6.36{page_lock=refcount}", pin},
      {"v2.6.36{page_lock=trust_refcount}", pin},
      {"v2.6.36{migrate_pin=get}", pin},
      {"v2.6.34{migrate_pin=external}", reference},
      {"v2.6.34{migrate_pin=lock_and_get}", reference},
      {"v2.6.35{anon_refs=list}", reference},
      {"v3.0{lock_scope=own}",
       "anon_vmas without a common lock are locked one by one; use lock_scope=root"},
      {"v3.0{lock_scope=own,clone_lock=per_element}",
       "the count of anon_vmas holds their roots; use lock_scope=root"},
      {"v3.0{fork_share=with_previous}",
       "fork shares no anon_vma where it reuses none; use reuse=degree or children_and_active"},
      {"v2.6.36{unlink_passes=two}",
       "unlink_anon_vmas() drops the vmas' reference in its second pass; use anon_refs=counted"},
      {"v4.0{unlink_passes=one}",
       "only an unlink_anon_vmas() of two passes counts users and clears vma->anon_vma; use "
       "unlink_passes=two"},
      {"v2.6.36{anon_lock=mutex}",
       "a sleeping anon_vma lock cannot be taken inside page_lock_anon_vma()'s RCU section; use "
       "page_lock=get_and_lock, trust_refcount or refcount"},
      {"v2.6.35{anon_lock=rwsem}",
       "a sleeping anon_vma lock cannot be taken inside page_lock_anon_vma()'s RCU section; use "
       "page_lock=get_and_lock, trust_refcount or refcount"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(error_of(c.expression), fmt::format("kernel '{}': {}", c.expression, c.message));
}

// v2.6.33 has one anon_vma for each vma. What is about chains is refused, with the rule to set.
TEST(KernelExpression, rules_about_chains_want_chains) {
  uint32_t refused = 0;
  for (const KernelRule& rule : kernel_rules()) {
    for (std::string_view value : rule.values) {
      const std::string set = fmt::format("{}={}", rule.name, value);
      const KernelResult r = parse_kernel(fmt::format("v2.6.33{{{}}}", set));
      if (r.kernel || r.error.find("about chains") == std::string::npos) continue;
      refused++;
      EXPECT_EQ(r.error, fmt::format("kernel 'v2.6.33{{{}}}': {} is about chains of anon_vmas; use "
                                     "anon_topology=chains",
                                     set, set));
      // The advice is good: with chains, nobody speaks of chains any more.
      const KernelResult with =
          parse_kernel(fmt::format("v2.6.33{{anon_topology=chains,{}}}", set));
      EXPECT_EQ(with.error.find("about chains"), std::string::npos) << with.error;
    }
  }
  EXPECT_EQ(refused, 31u);
}

// Not a line of it may be reachable by a crash.
TEST(KernelExpression, odd_texts_are_refused_quietly) {
  for (const char* text : {"{",
                           "}",
                           "{}",
                           "+",
                           "-",
                           "v3.0+",
                           "v3.0-",
                           "v3.0+-",
                           "v3.0{=}",
                           "v3.0{,}",
                           "v3.0{{}",
                           "v3.0.",
                           "v3.0+486cf46f3f9b.",
                           "v3.0+486cf46f3f9b.x",
                           "v3.0+hugh-anon",
                           "newest+",
                           "v3.0{}x",
                           " v3.0",
                           "linux-",
                           "linux",
                           "v",
                           "v.",
                           "v3",
                           "v3.",
                           "v3..0",
                           "3.0.",
                           "v3.0-rc",
                           "-rc1",
                           "v99999999999999999999.1",
                           "v3.0+.merge",
                           "v3.0+486c.",
                           "v3.0.y.y",
                           "3.y",
                           "\n"}) {
    EXPECT_FALSE(error_of(text).empty()) << text;
  }
  for (char c : {'v', '+', '-', '{', '.', '9', 'a', ','}) {
    for (const char* before : {"", "v3.0+", "v3.0-", "v3.0{"}) {
      const std::string error = error_of(before + std::string(100'000, c));
      EXPECT_LT(error.size(), 3'000u) << error.substr(0, 300);
      EXPECT_EQ(error.find('\n'), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace rmap
