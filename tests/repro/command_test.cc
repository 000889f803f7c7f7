// The command as a whole: words, help, and exit codes.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/text/hint.h"
#include "core/program/program.h"
#include "tests/repro/fixture.h"

namespace rmap {
namespace {

class Command : public CommandTest {};

TEST_F(Command, the_worst_exit_code_counts) {
  EXPECT_EQ(worse(0, 3), 3);
  EXPECT_EQ(worse(3, 1), 1);
  EXPECT_EQ(worse(2, 1), 2);
  EXPECT_EQ(run({"replay", merge()}).code, 1);
  EXPECT_EQ(run({"replay", merge(), "--kernel", "v3.7"}).code, 0);
  EXPECT_EQ(run({"replay", path("none"), merge()}).code, 2);
}

TEST_F(Command, usage_errors_exit_with_2) {
  for (const auto& args :
       std::vector<std::vector<std::string>>{{},
                                             {"fly"},
                                             {"replay"},
                                             {"replay", "--fly"},
                                             {"minimize", "x"},
                                             {"rules", "missed", "x"},
                                             {"litmus", "x", "--preemptions", "-1"}}) {
    const Ran r = run(args);
    EXPECT_EQ(r.code, 2);
    EXPECT_TRUE(contains(r.err, "--help")) << r.err;
    EXPECT_EQ(r.out, "");
  }
}

TEST_F(Command, an_unknown_word_is_named_and_the_words_are_listed) {
  const Ran r = run({"foo"});
  EXPECT_EQ(r.code, 2);
  EXPECT_TRUE(contains(r.err, "unknown word 'foo'")) << r.err;
  EXPECT_TRUE(contains(r.err, "replay, explain, ")) << r.err;
}

// One line each, which says what was meant.
TEST_F(Command, a_slip_of_the_pen_is_recognised) {
  const std::string text = merge();
  const std::pair<std::vector<std::string>, const char*> cases[] = {
      {{"repaly"}, "unknown word 'repaly' (did you mean replay?)"},
      {{"help", "repaly"}, "unknown word 'repaly' (did you mean replay?)"},
      {{"--versoin"}, "(did you mean --version?)"},
      {{"replay", text, "--kernl", "v3.0"}, "'--kernl' (did you mean --kernel?)"},
      {{"replay", "--kernl=v3.0"}, "'--kernl' (did you mean --kernel?)"},
      {{"replay", text, "--kernel", "newset"}, "'newset' (did you mean newest?)"},
      {{"replay", text, "--kernel", "v3.0+486cf46f3f9a"}, "(did you mean 486cf46f3f9b?)"},
      {{"replay", text, "--without", "missed_ptes"}, "(did you mean missed_pte?)"},
      {{"minimize", text, "-o", path("x"), "--rule", "missed_ptes"}, "(did you mean missed_pte?)"},
      {{"matrix", text, "--bisect", "--rule", "misssed_pte"}, "(did you mean missed_pte?)"},
      {{"explain", text, "--format", "colums"}, "(did you mean columns?)"},
      {{"coverage", text, "--format", "htlm"}, "(did you mean html?)"},
      {{"ops", "mremp"}, "no operation matches 'mremp' (did you mean mremap?)"},
      {{"rules", "mised_pte"}, "(did you mean missed_pte?)"},
      {{"sites", "move_ptes/anonvma"}, "(did you mean move_ptes/anon_vma?)"},
      {{"points", "vm_ned"}, "(did you mean vm_end?)"}};
  for (const auto& [args, hint] : cases) {
    const Ran r = run(args);
    EXPECT_EQ(r.code, 2) << hint;
    EXPECT_TRUE(contains(r.err, hint)) << r.err;
    EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
    EXPECT_EQ(r.out, "");
  }
}

// Whatever is typed is answered with a line of harmless characters that is not endless.
TEST_F(Command, hostile_words_are_quoted) {
  const std::string huge(100'000, 'x');
  const std::string control = "\033[2J\r\n";
  for (const std::string& odd : {std::string(), huge, control}) {
    for (const auto& args :
         std::vector<std::vector<std::string>>{{odd},
                                               {"help", odd},
                                               {"--" + odd},
                                               {"replay", "--" + odd + "x"},
                                               {"replay", "x", "--kernel", odd},
                                               {"rules", odd + "["},
                                               {"rules", "x", odd},
                                               {"kernels", "v3.0+" + odd},
                                               {"kernels", "v3.0{" + odd + "}x"},
                                               {"explain", "x", "--format", odd},
                                               {"coverage", "x", "--format", odd},
                                               {"matrix", "x", "--bisect", "--rule", odd},
                                               {"replay", "x", "--without", odd + "y"},
                                               {"soak", "--hours", odd}}) {
      const Ran r = run(args);
      EXPECT_EQ(r.code, 2) << args[0];
      EXPECT_LT(r.err.size(), 5'000u) << r.err.substr(0, 200);
      EXPECT_FALSE(contains(r.err, "\033") || contains(r.err, "\r")) << r.err;
      EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
    }
  }
}

// The same for names of files: one that is missing, a folder, no input, a check that fails, an
// output that is there.
TEST_F(Command, hostile_paths_are_quoted) {
  const std::string odd = "a\033[2J\nb";
  std::filesystem::create_directory(path(odd + " folder"));
  const std::string wrong = std::string(kMergeProgram) + "expect v3.0 missed_pte never\n";
  const std::vector<std::string> paths = {
      path(odd), path(odd + " folder"), write(odd + " bytes", "\x07"), write(odd + " text", wrong)};
  for (const std::string& p : paths) {
    for (const auto& args :
         std::vector<std::vector<std::string>>{{"replay", p},
                                               {"explain", p, "-o", p},
                                               {"show", p + "no"},
                                               {"assemble", merge(), "-o", p},
                                               {"litmus", p},
                                               {"litmus", "--table", p},
                                               {"matrix", p + "/x"},
                                               {"minimize", p, "-o", p},
                                               {"keep", p},
                                               {"regress", p},
                                               {"regress", "--junit", p, merge()},
                                               {"rebase", p},
                                               {"coverage", p, "-o", p}}) {
      const Ran r = run(args);
      EXPECT_FALSE(contains(r.err + r.out, "\033") || contains(r.err + r.out, "\nb"))
          << r.err + r.out;
    }
  }
  const std::string err = run({"replay", path("no " + odd)}).err;
  EXPECT_TRUE(err.ends_with("/no a\\x1b[2J\\x0ab: no such file; check the name\n")) << err;
}

TEST_F(Command, a_list_takes_a_part_of_a_name_or_a_pattern) {
  EXPECT_EQ(run({"sites", "move_ptes/*ptl"}).out, "move_ptes/new_ptl\nmove_ptes/old_ptl\n");
  EXPECT_EQ(run({"sites", "ptes/old"}).out, "move_ptes/old_ptl\n");
  EXPECT_EQ(run({"sites", "PTES/OLD"}).out, "move_ptes/old_ptl\n");
  EXPECT_TRUE(run({"rules", "missed"}).out.starts_with("missed_pte "));
  EXPECT_FALSE(contains(run({"rules", "missed"}).out, "stale_entry"));
  EXPECT_TRUE(run({"ops", "m?p*"}).code == 2 && run({"ops", "m*p"}).code == 0);
  EXPECT_EQ(run({"ops", "fork", "--json"}).out,
            "{\"meaning\":\"copy the address space, copy-on-write, to an mm that has nothing "
            "mapped\",\"operation\":\"fork\",\"schema\":\"rmapfuzz/ops/1\",\"usage\":\"fork [mmN] "
            "to mmN\"}\n");
  const std::string fields = run({"points", "vm_end", "--json"}).out;
  EXPECT_TRUE(contains(fields, "\"vm_end\"") && !contains(fields, "vm_pgoff")) << fields;
  EXPECT_EQ(run({"rules", ""}).out, run({"rules"}).out);
}

TEST_F(Command, a_kernel_is_printed_as_the_chain_spells_it) {
  const Ran r = run({"replay", merge(), "--kernel", "linux-3.0+486C"});
  EXPECT_TRUE(contains(r.out, "kernel      v3.0+486cf46f3f9b\n")) << r.out << r.err;
  EXPECT_TRUE(run({"kernels", "3.1.0"}).out.starts_with("kernel v3.1\n  v3.1\n"));
}

// A variable of the shell that is not set: its file would be another one.
TEST_F(Command, an_option_is_never_empty) {
  for (const auto& args :
       std::vector<std::vector<std::string>>{{"keep", merge(), "-o", "", "--name", "x"},
                                             {"minimize", merge(), "-o", ""},
                                             {"assemble", merge(), "-o", ""},
                                             {"regress", merge(), "--junit", ""},
                                             {"keep", merge(), "-o", path(""), "--name", ""}}) {
    const Ran r = run(args);
    EXPECT_EQ(r.code, 2) << args[0];
    EXPECT_TRUE(contains(r.err, " is empty; give it a value, or leave it out")) << r.err;
    EXPECT_EQ(r.out, "");
  }
}

TEST_F(Command, no_number_is_no_number) {
  const Ran r = run({"soak", "--hours", "nan"});
  EXPECT_EQ(r.code, 2);
  EXPECT_TRUE(contains(r.err, "'nan' is no number")) << r.err;
}

TEST_F(Command, keep_wants_a_folder) {
  const Ran r = run({"keep", merge(), "-o", "-"});
  EXPECT_EQ(r.code, 2);
  EXPECT_TRUE(contains(r.err, "keep: writes files into a folder, and - is none")) << r.err;
}

TEST_F(Command, explain_says_in_json_what_it_could_not_read) {
  const Ran r = run({"explain", "--format", "json", path("none")});
  EXPECT_EQ(r.code, 2);
  EXPECT_TRUE(contains(r.out, "rmapfuzz/error/1")) << r.out;
}

TEST_F(Command, an_early_sign_is_not_proposed_in_its_own_place) {
  const Ran r = run({"matrix", "--bisect", "--rule", "early_order", merge()});
  EXPECT_EQ(r.code, 2);
  EXPECT_FALSE(contains(r.err, "did you mean")) << r.err;
  EXPECT_TRUE(contains(r.err, "`" + tool() + " rules` lists them")) << r.err;
}

TEST_F(Command, an_empty_kernel_is_not_the_default) {
  for (const char* word : {"replay", "explain", "assemble", "litmus"}) {
    const Ran r = run({word, merge(), "--kernel", ""});
    EXPECT_EQ(r.code, 2) << word;
    EXPECT_TRUE(contains(r.err, "a kernel expression is wanted")) << r.err;
    EXPECT_EQ(r.out, "");
  }
  for (const auto& args : std::vector<std::vector<std::string>>{
           {"points", "--kernel", ""}, {"kernels", ""}, {"replay", merge(), "--kernel="}}) {
    EXPECT_EQ(run(args).code, 2) << args[0];
  }
}

TEST_F(Command, help_shows_an_example_of_each_word) {
  EXPECT_EQ(run({"--help"}).code, 0);
  for (const char* word :
       {"replay", "explain", "show", "assemble", "litmus", "matrix", "minimize", "keep", "regress",
        "rebase", "kernels", "rules", "ops", "sites", "points"}) {
    const Ran r = run({word, "--help"});
    EXPECT_EQ(r.code, 0);
    EXPECT_TRUE(contains(r.out, std::string("./run rmapfuzz ") + word)) << r.out;
  }
}

TEST_F(Command, version_names_the_model_version) {
  const Ran r = run({"--version"});
  EXPECT_EQ(r.code, 0);
  EXPECT_TRUE(contains(r.out, "model version " + std::to_string(kModelVersion))) << r.out;
}

TEST_F(Command, tables_have_a_row_for_each_thing) {
  EXPECT_TRUE(contains(run({"rules"}).out, "missed_pte"));
  EXPECT_TRUE(contains(run({"ops"}).out, "mremap [mmN] @ADDRESS +LENGTH [@ADDRESS] "));
  EXPECT_TRUE(contains(run({"sites"}).out, "\nmove_ptes/old_ptl\n"));
  EXPECT_TRUE(contains(run({"points", "--kernel", "v3.0"}).out, "racy"));
  EXPECT_TRUE(contains(run({"kernels"}).out, "in none of these releases\n  hugh-anon-vma-lock"));
}

TEST_F(Command, json_is_one_object_with_sorted_keys_per_line) {
  for (const char* word : {"rules", "ops", "sites", "kernels", "points"}) {
    const Ran r = run({word, "--json"});
    EXPECT_EQ(r.code, 0);
    EXPECT_TRUE(r.out.starts_with("{\"")) << r.out;
    EXPECT_TRUE(r.out.ends_with("}\n")) << r.out;
  }
}

TEST_F(Command, a_kernel_expression_is_explained) {
  const Ran r = run({"kernels", "v3.0+486cf46f3f9b"});
  EXPECT_EQ(r.code, 0);
  EXPECT_TRUE(contains(r.out, "differs from v3.0: migration_peek=locked (there: unlocked)"))
      << r.out;
  EXPECT_TRUE(contains(r.out, "is v3.1\n")) << r.out;
}

// Its release, every commit with its sentence, and what comes of them.
TEST_F(Command, the_parts_of_a_kernel_expression_are_explained) {
  const Ran r = run({"kernels", "v3.3-948f017b093a+hugh-anon-vma-lock"});
  EXPECT_TRUE(
      r.out.starts_with("kernel v3.3-948f017b093a+hugh-anon-vma-lock\n"
                        "  v3.3\n"
                        "  without 948f017b093a.merge     3.3    copy_vma() moves a destination "
                        "that it merged behind the\n"
                        "                                        source in the anon_vma lists\n"
                        "  without 948f017b093a.rollback  3.3    move_vma() moves the source "
                        "behind the destination before it\n"
                        "                                        moves entries back\n"
                        "  with    hugh-anon-vma-lock            move_ptes() takes the anon_vma "
                        "lock (Hugh Dickins, October\n"
                        "                                        2011; never merged)\n"
                        "rules\n"
                        "  anon_topology=chains\n"))
      << r.out;
  EXPECT_TRUE(contains(
      r.out,
      "differs from v3.3: merge_order=as_found (there: move_to_tail),\n"
      "  rollback_order=as_found (there: move_to_tail), move_locks=always (there: none)\n"))
      << r.out;
  EXPECT_FALSE(contains(r.out, "\nis ")) << r.out;
}

// A release of the chain has what came in the kernels before it, too.
TEST_F(Command, a_commit_is_listed_with_the_kernel_in_which_it_landed) {
  const std::string text = run({"kernels"}).out;
  EXPECT_TRUE(contains(text, "\n  8d7071af8907           6.5    a stack grows under")) << text;
  EXPECT_TRUE(contains(text, "\n  4e4a9eb92133           5.5    a child's vma shares")) << text;
  EXPECT_TRUE(contains(text, "\n  hugh-anon-vma-lock            move_ptes() takes")) << text;
  const std::string json = run({"kernels", "--json"}).out;
  EXPECT_TRUE(contains(json, "\"commit\":\"8d7071af8907\",\"half\":\"\",\"landed\":\"6.5\""));
  EXPECT_TRUE(contains(json, "\"commit\":\"stack-unlocked\",\"half\":\"\",\"landed\":\"\""));
  const std::string one = run({"kernels", "v6.0+8d7071af8907", "--json"}).out;
  EXPECT_TRUE(contains(one, "\"commit\":\"8d7071af8907\",\"landed\":\"6.5\"")) << one;
}

TEST_F(Command, half_a_commit_and_a_rule_are_explained_too) {
  const Ran half = run({"kernels", "v3.3-948f017b093a.rollback{move_locks=always}"});
  EXPECT_TRUE(
      contains(half.out, "\n  v3.3\n  without 948f017b093a.rollback  3.3    move_vma() moves"))
      << half.out;
  EXPECT_FALSE(contains(half.out, "948f017b093a.merge")) << half.out;
  EXPECT_TRUE(contains(half.out, "\n  with    move_locks=always\nrules\n")) << half.out;
  const Ran json = run({"kernels", "newest", "--json"});
  EXPECT_TRUE(contains(json.out, "\"base\":\"newest\",\"changes\":[],")) << json.out;
}

}  // namespace
}  // namespace rmap
