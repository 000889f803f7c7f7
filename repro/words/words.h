// The words of the rmapfuzz command: one add_WORD() each, in words/WORD.cc.
//
// add_WORD() tells the word's arguments and returns what to do when the word was given.
// To add a word: one file here, one line below, one row in command.cc.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/model/oracle.h"
#include "repro/cli/arguments.h"
#include "repro/io.h"

namespace rmap {

// Which rules are findings, as options of several words.
struct RuleOptions {
  std::vector<std::string> without;
  bool early = false;
};
void add_rule_options(Arguments& args, RuleOptions& options);
std::vector<std::string_view> rule_names();
// That an option does not name a rule, and what may have been meant.
std::string no_rule(std::string_view option, std::string_view name);
// The rules, or nothing and a line on io.err.
std::optional<RuleSet> chosen_rules(const RuleOptions& options, const Io& io);

// How wide and how colourful what is printed is, as options of several words.
struct PageOptions {
  uint32_t width = 0;  // 0: the terminal's.
  std::string colour = "auto";
};
void add_width_option(Arguments& args, PageOptions& options);
void add_colour_option(Arguments& args, PageOptions& options);
std::size_t width_of(const PageOptions& options, const Io& io, bool to_file = false);
// The same for prose, of which nobody reads lines of more than kTextWidth.
std::size_t prose_width_of(const PageOptions& options, const Io& io, bool to_file = false);
bool has_colour(const PageOptions& options, const Io& io, bool to_file = false);
// --schedules N: the bound of every word that enumerates, for each `what`, as in "a kernel".
inline Argument add_schedules(Arguments& args, uint64_t& schedules, const std::string& what) {
  return args
      .number("--schedules", schedules, uint64_t{1}, uint64_t{1'000'000'000},
              "give up on " + what + " after so many schedules")
      .shows_default();
}

Action add_replay(Arguments& args, const Io& io);
Action add_explain(Arguments& args, const Io& io);
Action add_show(Arguments& args, const Io& io);
Action add_assemble(Arguments& args, const Io& io);
Action add_litmus(Arguments& args, const Io& io);
Action add_matrix(Arguments& args, const Io& io);
Action add_minimize(Arguments& args, const Io& io);
Action add_coverage(Arguments& args, const Io& io);
Action add_keep(Arguments& args, const Io& io);
Action add_regress(Arguments& args, const Io& io);
Action add_rebase(Arguments& args, const Io& io);
Action add_kernels(Arguments& args, const Io& io);
Action add_rules(Arguments& args, const Io& io);
Action add_ops(Arguments& args, const Io& io);
Action add_sites(Arguments& args, const Io& io);
Action add_soak(Arguments& args, const Io& io);
Action add_points(Arguments& args, const Io& io);

}  // namespace rmap
