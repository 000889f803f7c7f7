// rules: lists what the oracle checks; and the options that choose among its rules.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/model/oracle.h"
#include "core/text/hint.h"
#include "core/text/nearest.h"
#include "core/text/quote.h"
#include "repro/cli/pattern.h"
#include "repro/print/json.h"
#include "repro/print/text.h"
#include "repro/run/session.h"
#include "repro/words/words.h"

namespace rmap {
namespace {

void print_rule(const Io& io, const RuleInfo& info, bool json, std::size_t width) {
  if (json) {
    print_json(io, "rules/1",
               {{"early", info.early},
                {"meaning", info.meaning},
                {"rule", info.name},
                {"symptom", info.symptom}});
    return;
  }
  const auto told = [&](std::string_view name, std::string_view kind, std::string_view words) {
    io.out << wrapped(fmt::format("{:<18} ", name), fmt::format("{}{}", kind, words), width);
  };
  told(info.name, info.early ? "(early sign) " : "", info.meaning);
  told("", "shows as: ", info.symptom);
}

}  // namespace

std::vector<std::string_view> rule_names() {
  std::vector<std::string_view> names;
  for (const RuleInfo& info : all_rules()) names.push_back(info.name);
  return names;
}

std::string no_rule(std::string_view option, std::string_view name) {
  return fmt::format("{} {}: no rule is called that{}; `{} rules` lists them", option,
                     printable(name), did_you_mean(name, rule_names()), tool());
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
      complain(io, no_rule("--without", name));
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
    PageOptions page;
  };
  auto given = std::make_shared<Given>();
  pattern_argument(args, given->pattern, "rule", rule_names());
  args.flag("--json", given->json, "one JSON object per rule");
  add_width_option(args, given->page);
  return [given, &io]() -> int {
    if (!any_matches(given->pattern, "rule", rule_names(), io)) return kBadInput;
    const std::size_t width = prose_width_of(given->page, io);
    for (const RuleInfo& info : all_rules()) {
      if (matches(given->pattern, info.name)) print_rule(io, info, given->json, width);
    }
    if (!given->json) {
      io.out << wrapped("",
                        "Deadlocks and livelocks are findings, too. Early signs are findings only "
                        "with --early; `replay --without RULE` switches a rule off.",
                        width);
    }
    return kClean;
  };
}

}  // namespace rmap
