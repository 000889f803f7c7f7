// Regression: an execution that broke a rule, kept as text: the program, the kernel, and the same
// execution in two ways. Its schedule, by places, outlives changes of the model; its witness and
// trace hash are exact, and belong to one model version.
//
// Read next: core/program/litmus.h (the text), regress.h (many of them), rebase.h (after the model
// changed).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "repro/run/session.h"

namespace rmap {

// What a litmus text keeps about one kernel; null where it says nothing.
struct Kept {
  std::string_view kernel;  // The expression.
  const Schedule* schedule = nullptr;
  const KeptFinding* finding = nullptr;
  const KeptTrace* trace = nullptr;
  const Witness* witness = nullptr;  // The first one.
  uint32_t line = 0;                 // The first line of these.

  bool is_stale() const { return trace != nullptr && trace->model < kModelVersion; }
  bool is_newer() const { return trace != nullptr && trace->model > kModelVersion; }
};
// One for each kernel, in the order of the text's kinds of lines. Points into `litmus`.
std::vector<Kept> kept_in(const Litmus& litmus);

// How a regression stands under today's model, from good to bad.
enum class Standing : uint8_t {
  holds,
  stale,         // Kept by another model version, and the rule is still broken: `rebase` it.
  inconclusive,  // The step limit was reached, or a newer program kept it.
  failed,
};

struct Judgement {
  Standing standing = Standing::holds;
  std::string_view rule;  // What it breaks; empty for none.
  uint32_t line = 0;      // Of what is wrong, with
  std::string what;       // why, and what to do.
  bool by_hand = false;   // Only people can put it right: `rebase` leaves it alone.
};

// "missed_pte", "deadlock", "livelock", or nothing.
std::string_view broken_rule(const Result& result);

// How an execution of what is kept ends otherwise than the text says; `line` is where it stands.
std::optional<Judgement> ends_otherwise(const Litmus& litmus, const Kept& kept, const Result& r,
                                        uint32_t line);
// The same as a line, for words that run what a text keeps about a kernel, if it keeps anything;
// `finding` is what the execution showed.
std::string not_shown(const Input& input, const Kernel& kernel, const Result& r,
                      const std::optional<Finding>& finding);
// Puts that line into `r`, which was recorded under these rules: other rules than the usual ones
// find other things than what was kept.
void look_for_kept(const Input& input, const Kernel& kernel, RuleSet rules, Recording& r);
// The exit code of a word that recorded it: inconclusive, and its line on io.err, if it ended
// otherwise.
int code_of_text(const Recording& r, const Io& io);

// Replays what is kept. One for many files.
//
// A text is damaged, which is `failed`, if it has a schedule and no finding or no trace for it, or
// expects something else of the kernel than the finding that it keeps.
class Replayer {
 public:
  explicit Replayer(Executors& executors) : executors_(executors) {}
  Judgement judge(const Litmus& litmus, const Kept& kept);

 private:
  Judgement judge_executions(const Litmus& litmus, const Kept& kept, Executor& executor);
  Judgement judge_run(const Litmus& litmus, const Kept& kept, Executor& executor, const Result& r,
                      uint32_t line, const sched::Plan* plan);
  Judgement judge_witness(const Litmus& litmus, const Kept& kept, Executor& executor);
  Judgement judge_schedule(const Litmus& litmus, const Kept& kept, Executor& executor);

  Executors& executors_;
  Program program_;
  sched::Trace trace_{0};  // Only the hash is wanted.
  sched::PlanRecorder plan_;
  sched::PlannedDecisions planned_;
};

// Everything that is kept of one execution.
struct Keepsake {
  Finding finding;
  sched::Plan plan;
  std::vector<uint8_t> decisions;
  uint64_t hash = 0;
};
// Of the execution that `p`'s own decisions give. Nothing when its decisions, without the strategy
// that drew them, are more than a program holds. Requires: it ends in a finding.
std::optional<Keepsake> make_keepsake(Executor& executor, const Program& p);
// Puts it into a text: what was kept about `kernel` keeps its lines, the rest has none yet.
void put_keepsake(const Keepsake& k, const std::string& kernel, Litmus& litmus);

}  // namespace rmap
