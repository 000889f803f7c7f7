// SPDX-License-Identifier: Apache-2.0
#include "fuzz/pattern.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text/hint.h"
#include "core/text/nearest.h"

namespace rmap {
namespace {

using Names = std::vector<std::string>;

bool has(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The parts between separators; none of an empty text.
Names split(std::string_view text, char separator) {
  Names parts;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    parts.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

Names operations_of(std::string_view text) {
  Names operations = split(text, '+');
  std::sort(operations.begin(), operations.end());
  return operations;
}

Names known_rules() {
  Names names = {"deadlock", "livelock"};
  for (const RuleInfo& info : all_rules()) {
    if (!info.early) names.emplace_back(info.name);
  }
  return names;
}

Names known_operations() {
  Names names;
  for (std::size_t i = 0; i < op_table().size(); i++) {
    const std::string name(operation_word(static_cast<OpKind>(i)));
    if (!has(names, name)) names.push_back(name);
  }
  return names;
}

Names known_manners() {
  const std::string_view any = manner_name(Manner::none);  // Also of numbers behind the last.
  Names names = {"cycle", std::string(any)};
  for (uint8_t i = 1; manner_name(static_cast<Manner>(i)) != any; i++)
    names.emplace_back(manner_name(static_cast<Manner>(i)));
  return names;
}

// A site, or the function that it is in, as some signatures name it.
bool names_site(const std::string& name, std::string_view site) {
  return site == name || site.starts_with(name + "/");
}

bool is_site(const std::string& name) {
  return std::any_of(std::begin(kSites), std::end(kSites),
                     [&](std::string_view site) { return names_site(name, site); });
}

// What is wrong with a name, or nothing.
std::string unknown(std::string_view what, const std::string& name, const Names& known) {
  if (name.empty() || has(known, name)) return {};
  const std::vector<std::string_view> names(known.begin(), known.end());
  return fmt::format("no {} is called '{}'{}; known: {}", what, name, did_you_mean(name, names),
                     fmt::join(known, ", "));
}

std::string whats_wrong(const Pattern& p) {
  std::string wrong = unknown("rule", p.rule, known_rules());
  for (const std::string& operation : p.operations) {
    if (wrong.empty()) wrong = unknown("operation", operation, known_operations());
  }
  if (wrong.empty() && !p.site.empty() && !is_site(p.site))
    wrong = fmt::format("no site is called '{}'{}; `{} sites` lists them", p.site,
                        did_you_mean(p.site, kSites), tool());
  if (wrong.empty()) wrong = unknown("manner", p.manner, known_manners());
  return wrong;
}

bool has_site(const Finding& f, const std::string& name) {
  const Names sites = split(f.sites, '+');
  return std::any_of(sites.begin(), sites.end(),
                     [&](const std::string& site) { return names_site(name, site); });
}

}  // namespace

PatternResult parse_pattern(std::string_view text) {
  Names parts = split(text, ':');
  if (parts.empty() || parts.size() > 4) {
    return {std::nullopt,
            fmt::format("pattern '{}': write it as RULE:OPERATION+OPERATION:SITE:MANNER", text)};
  }
  parts.resize(4);
  const Pattern p = {std::string(text), parts[0], operations_of(parts[1]), parts[2], parts[3]};
  const std::string wrong = whats_wrong(p);
  if (!wrong.empty()) return {std::nullopt, fmt::format("pattern '{}': {}", text, wrong)};
  return {p, {}};
}

bool matches(const Pattern& p, const Finding& f) {
  return (p.rule.empty() || p.rule == f.rule) &&
         (p.operations.empty() || p.operations == operations_of(f.operations)) &&
         (p.site.empty() || has_site(f, p.site)) && (p.manner.empty() || p.manner == f.manner);
}

}  // namespace rmap
