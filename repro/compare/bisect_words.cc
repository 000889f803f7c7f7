// SPDX-License-Identifier: Apache-2.0
#include "repro/compare/bisect_words.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "repro/run/search.h"

namespace rmap {
namespace {

using Sentences = std::vector<std::string>;

std::string join(const Sentences& words, std::string_view between) {
  return fmt::format("{}", fmt::join(words, between));
}

Sentences commits_of(const Chain& chain, const std::vector<std::size_t>& steps) {
  Sentences commits;
  for (std::size_t step : steps) commits.push_back(chain.steps[step].commit);
  return commits;
}

std::vector<std::size_t> steps_of(const Border& border) {
  std::vector<std::size_t> steps;
  for (std::size_t step = border.first; step <= border.last; step++) steps.push_back(step);
  return steps;
}

// "between v3.1 and v3.3": the chain has not every release, and a commit may have come with one
// that it has not.
std::string releases_of(const Chain& chain, const Border& border) {
  const std::string& before = chain.releases[chain.steps[border.first].release - 1];
  const std::string& last = chain.releases[chain.steps[border.last].release];
  return fmt::format("between {} and {}", before, last);
}

// "not sufficient for v3.0". A kernel that makes no sense proves nothing.
std::string claim_words(Has alone, const Border& border, std::string_view claim) {
  if (alone == border.after.answer.has) return std::string(claim);
  switch (alone) {
    case Has::unknown:
    case Has::vacuous: return fmt::format("unknown if {}", claim);
    case Has::refused: return "cannot be added by itself";
    case Has::no:
    case Has::yes: break;
  }
  return fmt::format("not {}", claim);
}

// What the border's commits do to a release by themselves, and what it takes.
Sentences sufficiency_words(const Chain& chain, const Border& border, const Sufficiency& s,
                            std::string_view claim) {
  std::string text =
      fmt::format("{}: {}", claim_words(s.alone.answer.has, border, claim), asked_words(s.alone));
  if (s.together.empty()) return {text};
  text += fmt::format("; it takes {}", join(commits_of(chain, s.together), " and "));
  if (s.each.empty()) return {text};
  Sentences each;
  for (const Asked& one : s.each) {
    const bool refused = one.answer.has == Has::refused;
    each.push_back(refused ? one.kernel + " refused" : asked_words(one));
  }
  return {text, "alone: " + join(each, "; ")};
}

std::string without_words(const Border& border, const Asked& without) {
  const std::string words = asked_words(without);
  switch (without.answer.has) {
    case Has::unknown:
    case Has::vacuous: return "unknown if necessary: " + words;
    case Has::refused: return "cannot be taken away by itself: " + words;
    case Has::no:
    case Has::yes: break;
  }
  const bool undone = without.answer.has == border.before.answer.has;
  return fmt::format("{}necessary: {}", undone ? "" : "not ", words);
}

// "unknown: v3.0, v3.1; why", of the kernels that were answered so.
std::string sentence_on(const Bisection& b, Has has, std::string_view name, std::string_view why) {
  Sentences kernels;
  for (const ChainRow& row : b.rows) {
    if (row.asked.answer.has == has) kernels.push_back(row.asked.kernel);
  }
  if (kernels.empty()) return {};
  return fmt::format("{}: {}; {}", name, join(kernels, ", "), why);
}

// --- JSON ----------------------------------------------------------------------------------------
nlohmann::json asked_as_json(const Asked& asked) {
  const Answer& a = asked.answer;
  if (a.has == Has::refused)
    return {{"kernel", asked.kernel}, {"verdict", a.verdict}, {"why", a.why}};
  return {{"failing", a.failing}, {"kernel", asked.kernel}, {"preemptions", a.preemptions},
          {"total", a.total},     {"vacuous", a.vacuous},   {"verdict", a.verdict}};
}

nlohmann::json sufficiency_as_json(const Chain& chain, const Sufficiency& s) {
  nlohmann::json j = {{"alone", asked_as_json(s.alone)},
                      {"each", nlohmann::json::array()},
                      {"together", commits_of(chain, s.together)}};
  for (const Asked& each : s.each) j["each"].push_back(asked_as_json(each));
  return j;
}

}  // namespace

std::string asked_words(const Asked& asked) {
  const Answer& a = asked.answer;
  if (a.has == Has::refused) return fmt::format("{} refused ({})", asked.kernel, a.why);
  return fmt::format("{} {}{} {}", asked.kernel, a.has == Has::vacuous ? "vacuous " : "", a.verdict,
                     counts_words(a.failing, a.total, a.preemptions));
}

std::string border_words(const Chain& chain, const Border& border) {
  const Sentences commits = commits_of(chain, steps_of(border));
  return fmt::format("{} by {}{} {}", border.introduced ? "introduced" : "fixed",
                     commits.size() > 1 ? "one or more of " : "", join(commits, ", "),
                     releases_of(chain, border));
}

Sentences border_sentences(const Chain& chain, const Border& border) {
  std::string headline = border_words(chain, border);
  if (border.first == border.last) {
    headline += ": " + chain.steps[border.first].sentence;
  } else {
    headline +=
        border.open ? ": what lies between is unknown" : ": what lies between makes no sense";
  }
  Sentences sentences = {headline, "before: " + asked_words(border.before)};
  // Where the border is the release's first step, to add it alone is to go on in the chain.
  const bool same = chain.steps_of(chain.release_at_most(border.first)) == border.first &&
                    border.sufficient.has_value();
  if (!same) sentences.push_back("after: " + asked_words(border.after));
  const auto append = [&](const Sentences& more) {
    sentences.insert(sentences.end(), more.begin(), more.end());
  };
  if (border.sufficient)
    append(sufficiency_words(chain, border, *border.sufficient,
                             same ? "after, sufficient" : "sufficient"));
  if (border.without) sentences.push_back(without_words(border, *border.without));
  if (border.backport) {
    const std::string& kernel = border.backport->alone.kernel;
    const std::string claim = "sufficient for " + kernel.substr(0, kernel.find('+'));
    append(sufficiency_words(chain, border, *border.backport, claim));
  }
  return sentences;
}

std::string sentence_on_the_oldest(const Bisection& b) {
  const Asked& oldest = b.rows.front().asked;
  if (oldest.answer.has != Has::yes) return {};
  return fmt::format("introduced before {}, the oldest kernel here: {}", oldest.kernel,
                     asked_words(oldest));
}

std::string sentence_on_the_newest(const Bisection& b) {
  const Asked& newest = b.rows.back().asked;
  const std::string words = asked_words(newest);
  if (b.knows_all() && !b.is_anywhere()) {
    return fmt::format("no kernel of the chain has it, from {} to {}",
                       asked_words(b.rows.front().asked), words);
  }
  switch (newest.answer.has) {
    case Has::yes: return "not fixed, the newest kernel has it: " + words;
    case Has::no: return "the newest kernel does not have it: " + words;
    case Has::vacuous: return "the newest kernel cannot show it: " + words;
    case Has::unknown:
    case Has::refused: return "unknown if the newest kernel has it: " + words;
  }
  return {};
}

std::string sentence_on_the_unknown(const Bisection& b) {
  return sentence_on(b, Has::unknown, "unknown",
                     "not all schedules were run, or some reached the step limit: give more "
                     "--schedules, or fewer --preemptions");
}

std::string sentence_on_the_vacuous(const Bisection& b) {
  return sentence_on(b, Has::vacuous, "vacuous",
                     "the program does nothing there that could show it, and no commit is named "
                     "for that");
}

std::string sentence_on_the_unasked(const Chain& chain, const Bisection& b) {
  const std::size_t unasked = b.unasked(chain);
  if (unasked == 0) return {};
  return fmt::format(
      "not asked: {} kernel{} between releases that agree, where a finding may have come and gone; "
      "see "
      "--every-commit",
      unasked, unasked == 1 ? "" : "s");
}

std::vector<Sentences> bisect_paragraphs(const Chain& chain, const Bisection& b) {
  std::vector<Sentences> paragraphs;
  const auto append = [&](const std::string& sentence) {
    if (!sentence.empty()) paragraphs.push_back({sentence});
  };
  append(sentence_on_the_oldest(b));
  for (const Border& border : b.borders) paragraphs.push_back(border_sentences(chain, border));
  append(sentence_on_the_newest(b));
  append(sentence_on_the_unknown(b));
  append(sentence_on_the_vacuous(b));
  append(sentence_on_the_unasked(chain, b));
  return paragraphs;
}

nlohmann::json border_as_json(const Chain& chain, const Border& border) {
  nlohmann::json j = {{"after", asked_as_json(border.after)},
                      {"before", asked_as_json(border.before)},
                      {"change", border.introduced ? "introduced" : "fixed"},
                      {"commits", nlohmann::json::array()},
                      {"open", border.open},
                      {"sentences", border_sentences(chain, border)}};
  for (std::size_t step : steps_of(border)) {
    const Step& s = chain.steps[step];
    j["commits"].push_back({{"commit", s.commit},
                            {"landed", s.landed},
                            {"release", chain.releases[s.release]},
                            {"sentence", s.sentence}});
  }
  if (border.sufficient) j["sufficient"] = sufficiency_as_json(chain, *border.sufficient);
  if (border.without) j["without"] = asked_as_json(*border.without);
  if (border.backport) j["backport"] = sufficiency_as_json(chain, *border.backport);
  return j;
}

}  // namespace rmap
