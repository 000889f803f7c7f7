// SPDX-License-Identifier: Apache-2.0
#include "repro/compare/litmus_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/kernel/expression.h"

namespace rmap {
namespace {

// A tree of at most so many schedules is enumerated completely when counts are updated.
constexpr uint64_t kCompleteMax = 1'000'000;

class Checker {
 public:
  using Made = std::function<void(const LitmusCheck&)>;

  Checker(const Input& input, const LitmusOptions& options, Executors& executors,
          Progress& progress, const Made& made)
      : input_(input),
        litmus_(input.litmus),
        options_(options),
        executors_(executors),
        progress_(progress),
        made_(made) {}

  LitmusReport run() {
    for (Expectation& e : litmus_.expectations) {
      if (wanted(e.kernel) && goes_on()) check_expectation(e);
    }
    for (const Reach& reach : litmus_.reaches) {
      if (wanted(reach.kernel) && goes_on()) check_reach(reach);
    }
    report_.text = update_expectations(input_.content, litmus_);
    const std::size_t old = litmus_.witnesses.size();
    if (options_.update) add_missing_witnesses();
    for (std::size_t i = 0; i < litmus_.witnesses.size(); i++) {
      const Witness& witness = litmus_.witnesses[i];
      const bool has_line = witness.line != 0;  // Else it was made of a schedule.
      // A new line is filled in whatever the user wants.
      if (has_line && wanted(witness.kernel) && (i >= old || goes_on())) check_witness(witness);
    }
    if (report_.unmade > 0) report_.code = worse(report_.code, kInconclusive);
    report_.complete &= report_.unmade == 0;
    return std::move(report_);
  }

 private:
  // One exploration and what it was of.
  struct Explored {
    Kernel kernel;
    uint32_t bound;
    Exploration x;
  };

  static Kernel kernel_of(const std::string& name) { return kernel_named(name).kernel; }
  std::string label(const std::string& kernel) const {
    return fmt::format("{} {}", litmus_.name, kernel);
  }
  bool wanted(const std::string& kernel) const {
    return !options_.only || kernel_of(kernel) == *options_.only;
  }

  // Whether to make one more check; it is counted if not.
  bool goes_on() {
    const bool stops = progress_.stop_asked();
    report_.unmade += stops;
    return !stops;
  }

  void add(uint32_t line, int code, std::string what, std::string found) {
    report_.checks.push_back({line, code, std::move(what), std::move(found)});
    report_.code = worse(report_.code, code);
    made_(report_.checks.back());
  }

  // `expected`: how many schedules there once were; 0 if nobody counted them.
  const Explored& explore_once(const std::string& kernel, uint32_t bound, uint64_t schedules_max,
                               uint64_t expected = 0) {
    const Kernel k = kernel_of(kernel);
    for (const auto& each : explored_) {
      if (each->kernel == k && each->bound == bound) return *each;
    }
    ExploreLimits limits;
    limits.preemptions_max = bound;
    limits.schedules_max = std::min(schedules_max, options_.schedules_max);
    explored_.push_back(
        std::make_unique<Explored>(Explored{k, bound,
                                            explore_shown(executors_.of(k), litmus_.program, limits,
                                                          label(kernel), progress_, expected)}));
    return *explored_.back();
  }

  uint32_t bound_of(const Expectation& e) const {
    if (options_.preemptions) return *options_.preemptions;
    if (e.counted && !e.complete) return e.preemptions;
    return e.verdict == Verdict::never ? 3 : 2;
  }

  const Explored& explore_for(const Expectation& e) {
    if (options_.update && !options_.preemptions) {
      const Explored& all = explore_once(e.kernel, kAllSchedules, kCompleteMax);
      if (all.x.exhausted || all.x.stopped) return all;
      return explore_once(e.kernel, bound_of(e), options_.schedules_max);
    }
    const bool complete = e.counted && e.complete && !options_.preemptions;
    const uint32_t bound = complete ? kAllSchedules : bound_of(e);
    const bool same = e.counted && e.complete == complete && (complete || e.preemptions == bound);
    return explore_once(e.kernel, bound, options_.schedules_max, same ? e.total : 0);
  }

  // --- expect ------------------------------------------------------------------------------------
  static int judge_verdict(const Expectation& e, const Exploration& x) {
    const uint64_t failing = x.failing(e.rule);
    const bool all_known = x.exhausted && x.inconclusive == 0;
    switch (e.verdict) {
      case Verdict::never:
        if (failing != 0) return kFinding;
        return all_known ? kClean : kInconclusive;
      case Verdict::sometimes:
        if (failing != 0) return x.exhausted ? kClean : kInconclusive;
        return all_known ? kFinding : kInconclusive;
      case Verdict::always:
        if (failing + x.inconclusive != x.schedules) return kFinding;
        return all_known ? kClean : kInconclusive;
    }
    return kFinding;
  }

  void check_expectation(Expectation& e) {
    const std::string what = "expect " + print_expectation(e);
    const Explored& explored = explore_for(e);
    const Exploration& x = explored.x;
    report_.complete &= x.exhausted;
    Expectation now = e;
    now.counted = true;
    now.failing = x.failing(e.rule);
    now.total = x.schedules;
    now.complete = explored.bound == kAllSchedules;
    now.preemptions = now.complete ? 0 : explored.bound;

    const int code = judge_verdict(e, x);
    if (code != kClean) return add(e.line, code, what, found_words(explored, e.rule));
    if (e.verdict == Verdict::never && !check_vacuity(e, explored, what)) return;
    const std::string counts = counts_words(now.failing, now.total, explored.bound);
    const bool comparable =
        e.counted && e.complete == now.complete && e.preemptions == now.preemptions;
    const bool same = e.failing == now.failing && e.total == now.total;
    if (options_.update) {
      e = now;
      return add(e.line, kClean, what, comparable && same ? "" : "now " + counts);
    }
    if (comparable && !same)
      return add(e.line, kFinding, what, "the counts are " + counts + "; see --update");
    add(e.line, kClean, what, comparable ? "" : counts);
  }

  // Whether a never that holds says something, unless it is not meant to.
  bool check_vacuity(const Expectation& e, const Explored& explored, const std::string& what) {
    const Never never{litmus_.program, kernel_named(e.kernel), e.rule, explored.bound};
    const Vacuity v = vacuity_shown(executors_.of(explored.kernel), never, explored.x.schedules,
                                    label(e.kernel), progress_);
    const std::string words = vacuity_words(v, never);
    if (v == Vacuity::stopped) {
      report_.complete = false;
      add(e.line, kInconclusive, what, words);
    } else if (v == Vacuity::none && e.vacuous) {
      add(e.line, kFinding, what, "this never says something; take the word `vacuous` away");
    } else if (v != Vacuity::none && !e.vacuous) {
      add(e.line, kInconclusive, what,
          fmt::format("vacuous: {}; change the program, or write `never vacuous`", words));
    } else {
      return true;
    }
    return false;
  }

  static std::string found_words(const Explored& explored, Rule rule) {
    const Exploration& x = explored.x;
    std::string text = "found " + counts_words(x.failing(rule), x.schedules, explored.bound);
    const std::string rules = rules_words(x);
    if (!rules.empty()) text += fmt::format(" ({})", rules);
    if (!x.exhausted) text += "; " + unfinished_words(x);
    if (x.inconclusive != 0)
      text += fmt::format("; {} schedules reached the step limit", x.inconclusive);
    return text;
  }

  // --- reach -------------------------------------------------------------------------------------
  void check_reach(const Reach& reach) {
    const Kernel k = kernel_of(reach.kernel);
    const auto is_of_kernel = [&](const auto& each) { return each->kernel == k; };
    if (std::none_of(explored_.begin(), explored_.end(), is_of_kernel)) {
      explore_once(reach.kernel, options_.preemptions.value_or(2), options_.schedules_max);
    }
    const Exploration* x = nullptr;  // A finished one if there is any.
    for (const auto& each : explored_) {
      if (!is_of_kernel(each)) continue;
      x = &each->x;
      if (x->exhausted) break;
    }
    std::string missing;
    for (const std::string& site : reach.sites) {
      const auto at = std::find(std::begin(kSites), std::end(kSites), site) - std::begin(kSites);
      uint64_t hits = 0;
      for (const auto& each : explored_) hits += each->kernel == k ? each->x.coverage.hits[at] : 0;
      if (hits == 0) missing += " " + site;
    }
    const std::string what = fmt::format("reach {} {}", reach.kernel, fmt::join(reach.sites, " "));
    if (missing.empty()) return add(reach.line, kClean, what, "");
    if (x->exhausted) return add(reach.line, kFinding, what, "never reached:" + missing);
    report_.complete = false;
    add(reach.line, kInconclusive, what,
        fmt::format("not reached:{}; {}", missing, unfinished_words(*x)));
  }

  // --- witness -----------------------------------------------------------------------------------
  // A line for each kernel that was seen to break a rule and has none; check_witness() fills it in.
  void add_missing_witnesses() {
    for (const Expectation& e : litmus_.expectations) {
      if (e.verdict == Verdict::never || !wanted(e.kernel)) continue;
      const bool has_one =
          std::any_of(litmus_.witnesses.begin(), litmus_.witnesses.end(),
                      [&](const Witness& w) { return kernel_of(w.kernel) == kernel_of(e.kernel); });
      if (has_one || better_witness(kernel_of(e.kernel)) == nullptr) continue;
      std::string& text = report_.text;
      if (!text.empty() && text.back() != '\n') text += '\n';
      text += fmt::format("witness  {}\n", e.kernel);
      const auto line = static_cast<uint32_t>(std::count(text.begin(), text.end(), '\n'));
      litmus_.witnesses.push_back({e.kernel, {}, line});
    }
  }

  void check_witness(const Witness& witness) {
    const std::string what = fmt::format("witness {}", witness.kernel);
    const Kernel k = kernel_of(witness.kernel);
    Program p = litmus_.program;
    CHECK(use_decisions(p, witness.decisions));  // load() refuses what does not fit.
    const Result& r = executors_.of(k).run(p);
    if (r.finding() &&
        contradiction(litmus_, k, static_cast<Rule>(r.outcome.violation.rule)) == nullptr)
      return add(witness.line, kClean, what, rule_name(r.outcome.violation.rule));
    const std::vector<uint8_t>* better = options_.update ? better_witness(k) : nullptr;
    if (better == nullptr) {
      return add(witness.line, kFinding, what,
                 r.finding() ? "shows " + rule_name(r.outcome.violation.rule)
                             : "shows no finding; see --update");
    }
    if (!replace_witness(witness.line, *better)) {
      return add(witness.line, kFinding, what,
                 fmt::format("a better one has more than {} decisions; take fewer operations",
                             kDecisionsMax));
    }
    add(witness.line, kClean, what, "replaced");
  }

  // One that fits into a program if there is any.
  const std::vector<uint8_t>* better_witness(const Kernel& k) const {
    const std::vector<uint8_t>* too_long = nullptr;
    for (const Expectation& e : litmus_.expectations) {
      if (e.verdict == Verdict::never || !(kernel_of(e.kernel) == k)) continue;
      for (const auto& each : explored_) {
        if (!(each->kernel == k)) continue;
        for (uint32_t rule = 0; rule < kRulesEnd; rule++) {
          const bool fits = e.rule == Rule::none || static_cast<uint32_t>(e.rule) == rule;
          if (!fits || each->x.by_rule[rule] == 0) continue;
          too_long = &each->x.witness[rule];
          if (without_trailing_zeros(*too_long).size() <= kDecisionsMax) return too_long;
        }
      }
    }
    return too_long;
  }

  // Keeps everything up to the kernel's name. False, and nothing is done, if they are too many.
  bool replace_witness(uint32_t line, const std::vector<uint8_t>& decisions) {
    Program p;
    if (!use_decisions(p, decisions)) return false;
    std::string& text = report_.text;
    std::size_t at = 0;
    for (uint32_t i = 1; i < line; i++) at = text.find('\n', at) + 1;
    const std::size_t end = std::min(text.find('\n', at), text.size());
    for (int word = 0; word < 2; word++) {
      at = text.find_first_not_of(" \t", at);
      at = std::min(text.find_first_of(" \t\r\n", at), end);
    }
    std::string bytes;
    for (uint8_t b : p.decisions) bytes += fmt::format(" {:02x}", b);
    text.replace(at, end - at, bytes);
    return true;
  }

  const Input& input_;
  Litmus litmus_;
  const LitmusOptions& options_;
  Executors& executors_;
  Progress& progress_;
  const Made& made_;
  LitmusReport report_;
  std::vector<std::unique_ptr<Explored>> explored_;
};

}  // namespace

const Expectation* contradiction(const Litmus& litmus, const Kernel& kernel, Rule rule) {
  bool said = false;
  const Expectation* other = nullptr;
  for (const Expectation& e : litmus.expectations) {
    if (!(kernel_named(e.kernel).kernel == kernel)) continue;
    const bool fits = e.rule == Rule::none || e.rule == rule;
    if (e.verdict == Verdict::never) {
      if (fits) return &e;
    } else if (fits) {
      said = true;
    } else if (other == nullptr) {
      other = &e;
    }
  }
  return said ? nullptr : other;
}

LitmusReport check_litmus(const Input& input, const LitmusOptions& options, Executors& executors,
                          Progress& progress, const std::function<void(const LitmusCheck&)>& made) {
  return Checker(input, options, executors, progress, made).run();
}

}  // namespace rmap
