// SPDX-License-Identifier: Apache-2.0
#include "repro/compare/verdicts.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/kernel/expression.h"
#include "repro/run/search.h"

namespace rmap {
namespace {

// The file's own decisions: those of its program, else of its first witness.
std::string raw_replay(Executor& executor, const Input& input) {
  Program p = input.litmus.program;
  if (p.decisions.empty() && p.tail == 0 && !input.litmus.witnesses.empty()) {
    CHECK(use_decisions(p, input.litmus.witnesses[0].decisions));  // load() made sure.
  }
  const sched::Outcome& end = executor.run(p).outcome;
  return end.ending == sched::Ending::violation ? rule_name(end.violation.rule)
                                                : ending_name(end.ending);
}

// What follows "kernel 'EXPRESSION': ".
std::string reason_of(const std::string& error) {
  const std::string_view end_of_name = "': ";
  const std::size_t at = error.find(end_of_name);
  return at == std::string::npos ? error : error.substr(at + end_of_name.size());
}

bool all_known(const Exploration& x) { return x.exhausted && x.inconclusive == 0; }

}  // namespace

std::string AskedRule::name() const { return rule == kAny ? "any finding" : rule_name(rule); }

std::optional<AskedRule> AskedRule::named(const std::string& name) {
  if (name == "any") return AskedRule{kAny};
  if (name == rule_name(0)) return AskedRule{0};
  const Rule rule = rule_named(name);
  if (rule == Rule::none || rule_info(rule).early) return std::nullopt;
  return AskedRule{static_cast<uint32_t>(rule)};
}

std::string verdict_words(const Exploration& x, uint64_t failing) {
  if (failing != 0 && failing + x.inconclusive < x.schedules) return "sometimes";
  if (!all_known(x)) return "unknown";
  return failing == 0 ? "never" : "always";
}

const Explored* Verdicts::explored(const std::string& kernel, AskedRule question) {
  const NamedKernel named = kernel_named(kernel);
  const Explored* first = explore_once(named, limits_);
  if (first == nullptr || question.failing(first->x) != 0 || !all_known(first->x)) return first;
  ExploreLimits more = limits_;
  more.preemptions_max++;
  more.schedules_max = std::min(more.schedules_max, kDeeperMax);
  const Explored* deeper = explore_once(named, more);
  if (deeper == nullptr) return first;
  return question.failing(deeper->x) != 0 || all_known(deeper->x) ? deeper : first;
}

Answer Verdicts::answer(const std::string& kernel, AskedRule question) {
  const KernelResult parsed = parse_kernel(kernel);
  if (!parsed.kernel)
    return {Has::refused, "refused", 0, 0, 0, reason_of(parsed.error), parsed.whole};
  const Explored* e = explored(kernel, question);
  if (e == nullptr) return {Has::unknown, "unknown", 0, 0, limits_.preemptions_max, {}};
  const uint64_t failing = question.failing(e->x);
  const Has has = failing != 0 ? Has::yes : all_known(e->x) ? Has::no : Has::unknown;
  Answer a{has, verdict_words(e->x, failing), failing, e->x.schedules, e->bound, {}};
  if (has == Has::no)
    add_vacuity(a, {input_.litmus.program, *parsed.kernel, {}, e->bound}, question);
  return a;
}

// One whose schedules are all its release's is a good answer where commits are asked one by one:
// most of them do nothing to a program.
void Verdicts::add_vacuity(Answer& a, Never never, AskedRule question) {
  if (question.rule != AskedRule::kAny) never.rule = static_cast<Rule>(question.rule);
  const Vacuity v = vacuity_shown(executors_.of(never.kernel.kernel), never, a.total,
                                  label(never.kernel), progress_);
  interrupted_ |= v == Vacuity::stopped;
  a.vacuous = vacuity_words(v, never);
  if (v == Vacuity::stopped) {
    a.has = Has::unknown;
    a.verdict = "unknown";
  }
  if (v == Vacuity::no_effect || v == Vacuity::not_judged) a.has = Has::vacuous;
}

const Explored* Verdicts::explore_once(const NamedKernel& kernel, const ExploreLimits& limits) {
  for (const auto& each : explored_) {
    if (each->kernel == kernel.kernel && each->bound == limits.preemptions_max) return each.get();
  }
  interrupted_ |= progress_.stop_asked();
  if (interrupted_) return nullptr;
  Executor& executor = executors_.of(kernel.kernel);
  const Exploration x =
      explore_shown(executor, input_.litmus.program, limits, label(kernel), progress_);
  interrupted_ |= x.stopped;
  explored_.push_back(std::make_unique<Explored>(
      Explored{kernel.kernel, limits.preemptions_max, x, raw_replay(executor, input_)}));
  return explored_.back().get();
}

}  // namespace rmap
