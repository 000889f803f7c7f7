// Verdicts: whether kernels have a race, found out by exploring one program under each.
//
// "never" is said only of what was enumerated: where two preemptions show nothing, three are tried
// as well if that is cheap. A kernel that has several names is explored once. A never of a program
// that cannot show anything else is an answer of its own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/kernel/expression.h"
#include "core/run/explore.h"
#include "repro/compare/bisect.h"
#include "repro/run/progress.h"
#include "repro/run/session.h"

namespace rmap {

// One rule, or any.
struct AskedRule {
  static constexpr uint32_t kAny = kRulesEnd;
  uint32_t rule = kAny;  // 0: deadlocks and livelocks.

  uint64_t failing(const Exploration& x) const {
    return rule == kAny ? x.findings : x.by_rule[rule];
  }
  std::string name() const;
  // Nothing if no rule is called so, or if it is an early sign, which is no finding.
  static std::optional<AskedRule> named(const std::string& name);
};

// What the exploration of one kernel came to.
struct Explored {
  Kernel kernel;
  uint32_t bound = 0;
  Exploration x;
  std::string raw_replay;  // How the file's own decisions end, which says little.
};

class Verdicts {
 public:
  // A never within the bound is tried with one preemption more, up to so many schedules.
  static constexpr uint64_t kDeeperMax = 200'000;

  Verdicts(const Input& input, const ExploreLimits& limits, Executors& executors,
           Progress& progress)
      : input_(input), limits_(limits), executors_(executors), progress_(progress) {}

  // The exploration that answers the question; null if the user asked to stop before it began.
  // Requires: the expression names a kernel.
  const Explored* explored(const std::string& kernel, AskedRule question);
  // The answer; `refused` for an expression that names no kernel, `unknown` where nothing was
  // explored.
  Answer answer(const std::string& kernel, AskedRule question);
  // The user stopped an exploration, or kept one from beginning.
  bool interrupted() const { return interrupted_; }

 private:
  const Explored* explore_once(const NamedKernel& kernel, const ExploreLimits& limits);
  void add_vacuity(Answer& a, Never never, AskedRule question);
  std::string label(const NamedKernel& kernel) const {
    return input_.litmus.name + " " + kernel.name;
  }

  const Input& input_;
  ExploreLimits limits_;
  Executors& executors_;
  Progress& progress_;
  bool interrupted_ = false;
  std::vector<std::unique_ptr<Explored>> explored_;
};

// Whether an exploration is the whole answer: "sometimes" is known as soon as schedules end both
// ways, the others need every schedule's end.
std::string verdict_words(const Exploration& x, uint64_t failing);

}  // namespace rmap
