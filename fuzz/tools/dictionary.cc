// SPDX-License-Identifier: Apache-2.0
#include "fuzz/tools/dictionary.h"

#include <fmt/format.h>

#include <vector>

#include "core/kernel/chain.h"
#include "core/kernel/kernel.h"
#include "core/model/names.h"
#include "core/model/oracle_rules.h"
#include "core/program/litmus.h"

namespace rmap {
namespace {

struct Section {
  std::string_view title;
  std::vector<std::string> words;

  void add(std::string_view word) {
    for (const std::string& there : words) {
      if (there == word) return;
    }
    words.emplace_back(word);
  }
};

// What begins a line; a test compares them with what the parser says that it knows.
Section heads() {
  Section s{"What begins a line", {"litmus", "entry", "setup"}};
  for (uint32_t cpu = 1; cpu <= kCpusMax; cpu++) s.add(fmt::format("cpu{}", cpu));
  for (std::string_view head : {"failures", "expect", "reach", "schedule", "finding", "trace",
                                "witness", "decisions", "strategy", "tail", "#"})
    s.add(head);
  return s;
}

Section operations() {
  Section s{"Operations, their flags and operands", {}};
  for (const OpInfo& info : op_table()) {
    s.add(info.name);
    for (uint32_t flag = 1; flag <= info.flag_count(); flag++) s.add(info.flag_name(flag));
  }
  for (uint32_t mm = 0; mm < kMmsMax; mm++) s.add(fmt::format("mm{}", mm));
  for (const char* word : {"@0", "+1", "@16", "to mm1", ";"}) s.add(word);
  return s;
}

Section kernels() {
  Section s{"Kernels: releases, commits, rules and their values", {}};
  for (std::string_view release : releases()) s.add(release);
  s.add(kNewest);
  for (const Change& c : changes()) {
    s.add(fmt::format("+{}", c.commit));
    if (!c.half.empty()) s.add(fmt::format("-{}.{}", c.commit, c.half));
  }
  for (const KernelRule& rule : kernel_rules()) {
    for (std::string_view value : rule.values) s.add(fmt::format("{}={}", rule.name, value));
  }
  for (const char* word : {"{", "}"}) s.add(word);
  return s;
}

Section verdicts() {
  Section s{"Rules and verdicts", {"deadlock", "livelock"}};
  for (const RuleInfo& rule : all_rules()) s.add(rule.name);
  for (Verdict v : {Verdict::never, Verdict::sometimes, Verdict::always}) s.add(verdict_name(v));
  s.add("vacuous");
  for (const char* word : {"complete", "@2", "--", "/"}) s.add(word);
  return s;
}

Section schedules() {
  Section s{"Schedules, strategies and sites", {}};
  for (std::string_view kind : sched::kPlanKinds) s.add(kind);
  for (std::string_view strategy : kStrategyNames) s.add(strategy);
  s.add("model");
  for (std::size_t i = 1; i < std::size(kSites); i++) s.add(kSites[i]);
  return s;
}

}  // namespace

std::string litmus_dictionary() {
  std::string text =
      "# The words of litmus text. Made by: build/bin/tool_seeds --dictionary\n"
      "# SPDX-License-Identifier: Apache-2.0\n";
  for (const Section& s : {heads(), operations(), kernels(), verdicts(), schedules()}) {
    text += fmt::format("\n# {}\n", s.title);
    for (const std::string& word : s.words) text += fmt::format("\"{}\"\n", word);
  }
  return text;
}

}  // namespace rmap
