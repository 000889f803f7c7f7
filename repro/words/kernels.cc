// kernels: lists the kernels as a chain of commits, or explains a kernel expression.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/kernel/chain.h"
#include "core/kernel/expression.h"
#include "core/text/hint.h"
#include "repro/print/json.h"
#include "repro/print/text.h"
#include "repro/run/session.h"
#include "repro/words/words.h"

namespace rmap {
namespace {

std::string change_words(const Change& c) {
  return fmt::format("{}: {} -> {}", c.rule, c.before, c.after);
}

// A commit or half of one, and where it landed: a release of the chain has what came before it.
std::string name_words(const Change& c) {
  return fmt::format("{:<22} {:<6} ", name_of(c), c.landed);
}

// One commit or half of one, with its sentence where it has one.
void print_change(const Io& io, const Change& c, std::size_t width) {
  if (!c.sentence.empty()) io.out << wrapped("  " + name_words(c), std::string(c.sentence), width);
  io.out << wrapped(fmt::format("  {:<30}[", ""), change_words(c) + "]", width);
}

void print_change_json(const Io& io, const Change& c) {
  print_json(io, "kernels-change/1",
             {{"after", c.after},
              {"before", c.before},
              {"commit", c.commit},
              {"half", c.half},
              {"landed", c.landed},
              {"release", c.release},
              {"rule", c.rule},
              {"sentence", c.sentence}});
}

int list_kernels(const Io& io, bool json, std::size_t width) {
  if (json) {
    for (std::string_view release : releases()) {
      print_json(io, "kernels/1",
                 {{"kernel", release}, {"rules", describe(kernel_named(release).kernel)}});
    }
    for (const Change& c : changes()) print_change_json(io, c);
    return kClean;
  }
  for (std::string_view release : releases()) {
    io.out << release << (release == kNewest ? "  (every fix that is known)" : "") << "\n";
    for (const Change& c : changes()) {
      if (c.release == release) print_change(io, c, width);
    }
  }
  io.out << "in none of these releases\n";
  for (const Change& c : changes()) {
    if (c.release.empty()) print_change(io, c, width);
  }
  io.out << "\n"
         << wrapped("",
                    "The number behind a commit is the kernel in which it came. A kernel is a "
                    "release plus or minus commits, and rules: v3.0+486cf46f3f9b, "
                    "v3.3-948f017b093a.rollback, v3.0{move_locks=always}. `" +
                        tool() + " kernels EXPRESSION` says what it stands for.",
                    width);
  return kClean;
}

// --- An expression -------------------------------------------------------------------------------
// "+948f017b093a.merge": what is added to the release, or taken from it.
struct Term {
  bool added;
  std::string_view commit;  // With its half, if only that is meant.
};

// The longest name of a commit, or half of one, that `text` begins with: a name may hold a dash.
std::string_view leading_commit(std::string_view text) {
  std::size_t longest = 0;
  for (const Change& c : changes()) {
    for (const std::string& name : {std::string(c.commit), name_of(c)}) {
      if (text.starts_with(name)) longest = std::max(longest, name.size());
    }
  }
  return text.substr(0, longest);
}

// The parts of an expression that parse_kernel() took.
struct Expression {
  std::string base;
  std::vector<Term> terms;
  std::string rules;  // "move_locks=always,..."
};

Expression parts_of(std::string_view text) {
  Expression e;
  std::size_t at = std::min(text.find_first_of("+-{"), text.size());
  e.base = text.substr(0, at);
  while (at < text.size() && text[at] != '{') {
    e.terms.push_back({text[at] == '+', leading_commit(text.substr(at + 1))});
    at += 1 + e.terms.back().commit.size();
  }
  if (at < text.size()) e.rules = text.substr(at + 1, text.size() - at - 2);
  return e;
}

// "rule=value (there: other)" for each rule that the two kernels do not share.
std::vector<std::string> differences(const Kernel& k, std::string_view release) {
  const std::vector<std::string> mine = describe(k);
  const std::vector<std::string> theirs = describe(kernel_named(release).kernel);
  std::vector<std::string> different;
  for (std::size_t i = 0; i < mine.size(); i++) {
    if (mine[i] == theirs[i]) continue;
    different.push_back(
        fmt::format("{} (there: {})", mine[i], theirs[i].substr(theirs[i].find('=') + 1)));
  }
  return different;
}

// The rows of a commit that have a sentence; the others belong to the one before.
std::vector<const Change*> changes_of(const Term& term) {
  std::vector<const Change*> rows;
  for (const Change& c : changes()) {
    if ((c.commit == term.commit || name_of(c) == term.commit) && !c.sentence.empty())
      rows.push_back(&c);
  }
  return rows;
}

void print_parts(const Io& io, const Expression& e, std::size_t width) {
  io.out << fmt::format("  {}\n", e.base);
  for (const Term& term : e.terms) {
    for (const Change* c : changes_of(term)) {
      io.out << wrapped(fmt::format("  {:<7} {}", term.added ? "with" : "without", name_words(*c)),
                        std::string(c->sentence), width);
    }
  }
  if (!e.rules.empty()) io.out << fmt::format("  with    {}\n", e.rules);
}

void print_explained_json(const Io& io, const NamedKernel& k, const Expression& e) {
  nlohmann::json j = {{"base", e.base}, {"kernel", k.name}, {"rules", describe(k.kernel)}};
  j["changes"] = nlohmann::json::array();
  for (const Term& term : e.terms) {
    for (const Change* c : changes_of(term)) {
      j["changes"].push_back({{"added", term.added},
                              {"commit", name_of(*c)},
                              {"landed", c->landed},
                              {"sentence", c->sentence}});
    }
  }
  for (std::string_view release : releases())
    j["differs_from"][std::string(release)] = differences(k.kernel, release);
  print_json(io, "kernels-expression/1", j);
}

int explain_kernel(const Io& io, const std::string& expression, bool json, std::size_t width) {
  const std::optional<NamedKernel> k = find_kernel(expression, io);
  if (!k) return kBadInput;
  const Expression parts = parts_of(k->name);
  if (json) {
    print_explained_json(io, *k, parts);
    return kClean;
  }
  io.out << fmt::format("kernel {}\n", k->name);
  print_parts(io, parts, width);
  io.out << "rules\n";
  for (const std::string& rule : describe(k->kernel)) io.out << fmt::format("  {}\n", rule);
  for (std::string_view release : releases()) {
    std::vector<std::string> different = differences(k->kernel, release);
    if (different.empty()) {
      io.out << fmt::format("is {}\n", release);
    } else if (release == parts.base) {
      for (std::string& each : different) each = unbroken(each);
      io.out << wrapped(fmt::format("differs from {}: ", release),
                        fmt::format("{}", fmt::join(different, ", ")), width, 2);
    }
  }
  return kClean;
}

}  // namespace

Action add_kernels(Arguments& args, const Io& io) {
  struct Given {
    std::string expression;
    bool json = false;
    PageOptions page;
  };
  auto given = std::make_shared<Given>();
  args.option("expression", given->expression,
              "explain this kernel, for example v3.0+486cf46f3f9b");
  args.flag("--json", given->json, "one JSON object per kernel and change");
  add_width_option(args, given->page);
  return [given, &io] {
    const std::size_t width = prose_width_of(given->page, io);
    return given->expression.empty() ? list_kernels(io, given->json, width)
                                     : explain_kernel(io, given->expression, given->json, width);
  };
}

}  // namespace rmap
