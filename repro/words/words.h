// The words of the rmapfuzz command: one add_WORD() each, in words/WORD.cc.
//
// add_WORD() tells CLI11 about the word's arguments and returns what to do when the word was given.
// To add a word: one file here, one line below, one row in command.cc.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/oracle.h"
#include "repro/io.h"

namespace rmap {

using Action = std::function<int()>;

// Which rules are findings, as options of several words.
struct RuleOptions {
  std::vector<std::string> without;
  bool early = false;
};
void add_rule_options(CLI::App& app, RuleOptions& options);
// The rules, or nothing and a line on io.err.
std::optional<RuleSet> chosen_rules(const RuleOptions& options, const Io& io);

Action add_replay(CLI::App& app, const Io& io);
Action add_explain(CLI::App& app, const Io& io);
Action add_show(CLI::App& app, const Io& io);
Action add_assemble(CLI::App& app, const Io& io);
Action add_litmus(CLI::App& app, const Io& io);
Action add_matrix(CLI::App& app, const Io& io);
Action add_minimize(CLI::App& app, const Io& io);
Action add_coverage(CLI::App& app, const Io& io);
Action add_keep(CLI::App& app, const Io& io);
Action add_regress(CLI::App& app, const Io& io);
Action add_rebase(CLI::App& app, const Io& io);
Action add_kernels(CLI::App& app, const Io& io);
Action add_rules(CLI::App& app, const Io& io);
Action add_ops(CLI::App& app, const Io& io);
Action add_sites(CLI::App& app, const Io& io);
Action add_soak(CLI::App& app, const Io& io);
Action add_points(CLI::App& app, const Io& io);

}  // namespace rmap
