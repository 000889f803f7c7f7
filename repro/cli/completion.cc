// The manual as a script by which bash completes words, options, and what options can be.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <map>

#include "repro/cli/manual.h"

namespace rmap {
namespace {

constexpr std::string_view kHead = R"(# bash completion for {0}, printed by `{0} --completion bash`.
# SPDX-License-Identifier: Apache-2.0
_{0}() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD - 1]}}
  local at=1 offered='' parts='' files='' part
  COMPREPLY=()
  if [[ ${{COMP_WORDS[0]}} == ./run ]]; then at=2; fi
  # --option=value is three words here.
  if [[ $cur == '=' ]]; then
    cur=''
  elif [[ $prev == '=' ]]; then
    prev=${{COMP_WORDS[COMP_CWORD - 2]}}
  fi
  local word=${{COMP_WORDS[at]-}}
)";

constexpr std::string_view kTail =
    R"(  # A kernel goes on behind a + or a -.
  if [[ $cur == *[+-]* ]]; then
    for part in $parts; do
      offered+=" ${{cur%"${{cur##*+}}"}}$part ${{cur%"${{cur##*-}}"}}$part"
    done
  fi
  # shellcheck disable=SC2207 # No name that is offered has spaces.
  if [[ -n $offered ]]; then COMPREPLY=($(compgen -W "$offered" -- "$cur")); fi
  if [[ -n $files ]]; then
    local IFS=$'\n'
    # shellcheck disable=SC2207 # They are lines.
    COMPREPLY=($(compgen -f -- "$cur"))
    compopt -o filenames 2>/dev/null || true
  fi
}}
complete -F _{0} {0} ./run
)";

template <typename Names>
std::string joined(const Names& names) {
  return fmt::format("{}", fmt::join(names, " "));
}

// Which words and options offer something: "replay:--kernel | explain:--kernel".
using Patterns = std::map<std::string, std::vector<std::string>>;

std::string arms(const Patterns& patterns) {
  std::string text;
  for (const auto& [offer, cases] : patterns)
    text += fmt::format("      {}) {} ;;\n", fmt::join(cases, " | "), offer);
  return text;
}

std::string offer_of(const ManualArgument& a) {
  if (!a.parts.empty())
    return fmt::format("offered='{}' parts='{}'", joined(a.values), joined(a.parts));
  if (!a.values.empty()) return fmt::format("offered='{}'", joined(a.values));
  return a.takes_files() ? "files=1" : ":";
}

std::string arms_for_values(const Manual& manual) {
  Patterns patterns;
  for (const ManualWord& word : manual.words) {
    for (const ManualArgument& a : word.arguments) {
      if (a.is_positional() || a.value.empty()) continue;
      for (const std::string& name : a.names)
        patterns[offer_of(a)].push_back(fmt::format("{}:{}", word.name, name));
    }
  }
  return arms(patterns);
}

std::string arms_for_options(const Manual& manual) {
  Patterns patterns;
  for (const ManualWord& word : manual.words) {
    std::vector<std::string> names;
    for (const ManualArgument& a : word.arguments) {
      if (!a.is_positional()) names.insert(names.end(), a.names.begin(), a.names.end());
    }
    patterns[fmt::format("offered='{}'", joined(names))].push_back(word.name + ":-*");
  }
  return arms(patterns);
}

std::string arms_for_positionals(const Manual& manual) {
  Patterns patterns;
  for (const ManualWord& word : manual.words) {
    for (const ManualArgument& a : word.arguments) {
      if (a.is_positional()) patterns[offer_of(a)].push_back(word.name + ":*");
    }
  }
  return arms(patterns);
}

}  // namespace

std::string bash_completion(const Manual& manual) {
  std::vector<std::string> words = {"help"};
  std::vector<std::string> options;
  for (const ManualWord& word : manual.words) words.push_back(word.name);
  for (const ManualArgument& a : manual.options)
    options.insert(options.end(), a.names.begin(), a.names.end());
  std::string text = fmt::format(fmt::runtime(kHead), manual.name);
  text += fmt::format("  if ((COMP_CWORD < at)); then\n    offered='{}'\n", manual.name);
  text += fmt::format("  elif ((COMP_CWORD == at)); then\n    offered='{} {}'\n", joined(words),
                      joined(options));
  text += "  else\n    case $word:$prev in\n" + arms_for_values(manual);
  text += fmt::format("      help:*) offered='{}' ;;\n", joined(words));
  for (const ManualArgument& a : manual.options) {
    if (!a.values.empty()) text += fmt::format("      {}:*) {} ;;\n", a.names.back(), offer_of(a));
  }
  text += "      *) case $word:$cur in\n" + arms_for_options(manual) + arms_for_positionals(manual);
  text += "      esac ;;\n    esac\n  fi\n";
  return text + fmt::format(fmt::runtime(kTail), manual.name);
}

}  // namespace rmap
