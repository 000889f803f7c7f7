// rules: lists what the oracle checks; and the options that choose among its rules.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/nearest.h"
#include "core/oracle.h"
#include "core/quote.h"
#include "repro/pattern.h"
#include "repro/session.h"
#include "repro/words/words.h"

namespace rmap {
namespace {

void print_rule(const Io& io, const RuleInfo& info, bool json) {
  if (json) {
    print_json(io, {{"early", info.early},
                    {"meaning", info.meaning},
                    {"rule", info.name},
                    {"symptom", info.symptom}});
    return;
  }
  io.out << fmt::format("{:<18} {}{}\n{:<18} shows as: {}\n", info.name,
                        info.early ? "(early sign) " : "", info.meaning, "", info.symptom);
}

}  // namespace

std::vector<std::string_view> rule_names() {
  std::vector<std::string_view> names;
  for (const RuleInfo& info : all_rules()) names.push_back(info.name);
  return names;
}

std::string no_rule(std::string_view option, std::string_view name) {
  return fmt::format("{} {}: no rule is called that{}; `rmapfuzz rules` lists them", option,
                     printable(name), did_you_mean(name, rule_names()));
}

void add_rule_options(Arguments& args, RuleOptions& options) {
  args.option("--without", options.without, "switch a rule off; may be given again")
      .one_value_each();
  args.flag("--early", options.early, "early signs are findings, too");
}

std::optional<RuleSet> chosen_rules(const RuleOptions& options, const Io& io) {
  RuleSet rules = RuleSet::proof();
  for (const RuleInfo& info : all_rules()) {
    if (options.early && info.early) rules = rules.with(info.rule);
  }
  for (const std::string& name : options.without) {
    const Rule rule = rule_named(name);
    if (rule == Rule::none) {
      io.err << no_rule("--without", name) << "\n";
      return std::nullopt;
    }
    rules = rules.without(rule);
  }
  return rules;
}

Action add_rules(Arguments& args, const Io& io) {
  struct Given {
    std::string pattern;
    bool json = false;
  };
  auto given = std::make_shared<Given>();
  pattern_argument(args, given->pattern, "rule", rule_names());
  args.flag("--json", given->json, "one JSON object per rule");
  return [given, &io]() -> int {
    if (!any_matches(given->pattern, "rule", rule_names(), io)) return kBadInput;
    for (const RuleInfo& info : all_rules()) {
      if (matches(given->pattern, info.name)) print_rule(io, info, given->json);
    }
    if (!given->json) {
      io.out << "Deadlocks and livelocks are findings, too. Early signs are findings only with "
                "--early; `replay --without RULE` switches a rule off.\n";
    }
    return kClean;
  };
}

}  // namespace rmap
