// SPDX-License-Identifier: Apache-2.0
#include "repro/keep/keep.h"

#include <algorithm>

#include "core/kernel/expression.h"

namespace rmap {
namespace {

constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789+-";
// With a rule before it, a number and an extension behind, it fits into the 255 bytes of a name.
constexpr std::size_t kNameMax = 200;

// The lines before the one that names the litmus.
std::string comments_of(std::string_view text) {
  std::string comments;
  while (text.starts_with('#')) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    comments += line.substr(0, line.size() - (line.ends_with('\r') ? 1 : 0));
    comments += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return comments;
}

// Whether a comment line stands behind the head.
bool has_later_comment(std::string_view text) {
  const std::string_view body = text.substr(std::min(comments_of(text).size(), text.size()));
  for (std::size_t at = 0; at < body.size(); at = std::min(body.find('\n', at), body.size()) + 1) {
    const std::size_t word = body.find_first_not_of(" \t", at);
    if (word != std::string_view::npos && body[word] == '#') return true;
  }
  return false;
}

}  // namespace

bool is_regression_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameMax && name[0] != '-' &&
         name.find_first_not_of(kAllowed) == std::string_view::npos;
}

std::string regression_name(std::string_view word) {
  std::string name;
  for (const char c : word) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (kAllowed.find(lower) == std::string_view::npos || lower == '-') {
      if (!name.empty() && name.back() != '-') name += '-';
    } else {
      name += lower;
    }
  }
  name.resize(std::min(name.size(), kNameMax));
  while (name.ends_with('-')) name.pop_back();
  return name.empty() ? "input" : name;
}

std::optional<KeptText> kept_text(Executor& executor, const std::string& kernel, const Program& p,
                                  const std::string& name, std::string_view origin) {
  std::optional<Keepsake> keepsake = make_keepsake(executor, p);
  if (!keepsake) return std::nullopt;
  Litmus l;
  l.name = name;
  l.program = p;
  CHECK(use_decisions(l.program, {}));  // They stand in the witness.
  Expectation e;
  e.kernel = kernel;
  e.rule = rule_named(keepsake->finding.rule);  // none for a deadlock, which is any rule
  e.verdict = Verdict::sometimes;
  l.expectations.push_back(e);
  put_keepsake(*keepsake, kernel, l);
  std::string text = comments_of(origin) + print_litmus(l);
  return KeptText{std::move(*keepsake), std::move(text)};
}

bool says_only_what_is_kept(const Litmus& l, std::string_view text, const Kernel& kernel) {
  const std::vector<Kept> all = kept_in(l);
  if (all.size() != 1 || all[0].finding == nullptr || l.witnesses.size() > 1) return false;
  const auto is_other = [&](std::string_view name) {
    return !(kernel_named(name).kernel == kernel);
  };
  if (is_other(all[0].kernel) || l.expectations.size() > 1) return false;
  if (!l.expectations.empty() && is_other(l.expectations[0].kernel)) return false;
  return l.reaches.empty() && l.entries.empty() && !has_later_comment(text);
}

}  // namespace rmap
