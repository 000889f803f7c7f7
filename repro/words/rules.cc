// rules: lists what the oracle checks.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/oracle.h"
#include "repro/session.h"
#include "repro/words/words.h"

namespace rmap {
namespace {

void print_rule(const Io& io, const RuleInfo& info, bool json) {
  if (json) {
    print_json(io, {{"early", info.early}, {"meaning", info.meaning}, {"rule", info.name}, {"symptom", info.symptom}});
    return;
  }
  io.out << fmt::format("{:<18} {}{}\n{:<18} shows as: {}\n", info.name, info.early ? "(early sign) " : "", info.meaning, "",
                        info.symptom);
}

}  // namespace

Action add_rules(CLI::App& app, const Io& io) {
  auto json = std::make_shared<bool>(false);
  app.add_flag("--json", *json, "one JSON object per rule");
  return [json, &io] {
    for (const RuleInfo& info : all_rules()) print_rule(io, info, *json);
    if (!*json) {
      io.out << "Deadlocks and livelocks are findings, too. Early signs are findings only with --early; `replay --without "
                "RULE` switches a rule off.\n";
    }
    return kClean;
  };
}

}  // namespace rmap
