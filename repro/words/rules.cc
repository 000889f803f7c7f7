// rules: lists what the oracle checks; and the options that choose among its rules.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/oracle.h"
#include "repro/json.h"
#include "repro/session.h"
#include "repro/words/words.h"

namespace rmap {
namespace {

void print_rule(const Io& io, const RuleInfo& info, bool json) {
  if (json) {
    print_json(io, "rules/1",
               {{"early", info.early},
                {"meaning", info.meaning},
                {"rule", info.name},
                {"symptom", info.symptom}});
    return;
  }
  io.out << fmt::format("{:<18} {}{}\n{:<18} shows as: {}\n", info.name,
                        info.early ? "(early sign) " : "", info.meaning, "", info.symptom);
}

}  // namespace

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
      io.err << fmt::format("--without {}: no rule is called that; `rmapfuzz rules` lists them\n",
                            name);
      return std::nullopt;
    }
    rules = rules.without(rule);
  }
  return rules;
}

Action add_rules(Arguments& args, const Io& io) {
  auto json = std::make_shared<bool>(false);
  args.flag("--json", *json, "one JSON object per rule");
  return [json, &io] {
    for (const RuleInfo& info : all_rules()) print_rule(io, info, *json);
    if (!*json) {
      io.out << "Deadlocks and livelocks are findings, too. Early signs are findings only with "
                "--early; "
                "`replay --without "
                "RULE` switches a rule off.\n";
    }
    return kClean;
  };
}

}  // namespace rmap
