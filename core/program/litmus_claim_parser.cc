// Reading what litmus text claims about kernels: expect and reach.
// SPDX-License-Identifier: Apache-2.0
#include "core/model/names.h"
#include "core/model/oracle_rules.h"
#include "core/program/litmus_line.h"
#include "core/text/hint.h"
#include "core/text/nearest.h"

namespace rmap {
namespace {

std::vector<std::string_view> rules_and_verdicts() {
  std::vector<std::string_view> names;
  for (const RuleInfo& info : all_rules()) names.push_back(info.name);
  for (Verdict v : kVerdicts) names.push_back(verdict_name(v));
  return names;
}

bool parse_verdict(std::string_view word, Verdict& v) {
  for (Verdict each : kVerdicts) {
    if (word == verdict_name(each)) {
      v = each;
      return true;
    }
  }
  return false;
}

}  // namespace

bool ClaimParser::parse(const Word& head, Words words) {
  if (head.text == "reach") return reach(words), true;
  if (head.text != "expect") return false;
  line_.for_each_part(words, [&](Words part) { expectation(part); });
  return true;
}

// KERNEL [RULE] VERDICT [vacuous] [FAILING/TOTAL (@N | complete)]
void ClaimParser::expectation(Words words) {
  if (!line_.ok() || !line_.kernel(words[0])) return;
  Expectation e;
  e.kernel = words[0].text;
  e.line = line_.number();
  std::size_t i = 1;
  if (i < words.size() && rule_named(words[i].text) != Rule::none)
    e.rule = rule_named(words[i++].text);
  if (i == words.size() || !parse_verdict(words[i].text, e.verdict)) {
    const Word at = i < words.size() ? words[i] : line_.end();
    return line_.fail(at, fmt::format("after the kernel, a rule (optional; `{} rules`) and never, "
                                      "sometimes or always are wanted{}",
                                      tool(), did_you_mean(at.text, rules_and_verdicts())));
  }
  i++;
  if (i < words.size() && words[i].text == "vacuous") {
    if (e.verdict != Verdict::never) return line_.fail(words[i], "only a never can be vacuous");
    e.vacuous = true;
    i++;
  }
  if (i < words.size()) counts(words, i, e);
  litmus_.expectations.push_back(e);
}

void ClaimParser::counts(Words words, std::size_t i, Expectation& e) {
  const std::size_t slash = words[i].text.find('/');
  if (slash == std::string_view::npos || i + 2 != words.size()) {
    return line_.fail(words[i],
                      "counts are written FAILING/TOTAL @PREEMPTIONS or FAILING/TOTAL complete");
  }
  const uint32_t after = words[i].column + static_cast<uint32_t>(slash) + 1;
  line_.number(Word{words[i].text.substr(0, slash), words[i].column}, 0, 0, ~0ull >> 1, e.failing);
  line_.number(Word{words[i].text.substr(slash + 1), after}, 0, 0, ~0ull >> 1, e.total);
  e.counted = true;
  e.complete = words[i + 1].text == "complete";
  if (!e.complete && !words[i + 1].text.starts_with('@'))
    return line_.fail(words[i + 1], "write @PREEMPTIONS or complete");
  if (!e.complete) line_.number(words[i + 1], 1, 0, 1000, e.preemptions);
}

void ClaimParser::reach(Words words) {
  if (words.size() < 2) return line_.fail(line_.end(), "write it as: reach KERNEL SITE...");
  if (!line_.kernel(words[0])) return;
  Reach r{std::string(words[0].text), {}, line_.number()};
  for (std::size_t i = 1; i < words.size(); i++) {
    if (!site_named(words[i].text)) {
      return line_.fail(
          words[i], fmt::format("no site is called '{}'{}; `{} sites` lists them", words[i].text,
                                did_you_mean(words[i].text, kSites), tool()));
    }
    r.sites.emplace_back(words[i].text);
  }
  litmus_.reaches.push_back(r);
}

}  // namespace rmap
