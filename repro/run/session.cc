// SPDX-License-Identifier: Apache-2.0
#include "repro/run/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/kernel/expression.h"
#include "core/text/hint.h"
#include "repro/print/json.h"

namespace rmap {
namespace {

bool same_end(const sched::Outcome& a, const sched::Outcome& b) {
  return a.ending == b.ending && a.steps == b.steps && a.switches == b.switches &&
         a.violation.rule == b.violation.rule && a.violation.step == b.violation.step;
}

// The program's set-up alone. It draws the same decisions as in the whole program: it runs first.
std::unique_ptr<World> world_after_setup(Executor& executor, const Program& p) {
  Program setup = p;
  setup.ops.clear();
  for (const Op& op : p.ops) {
    if (op.task == 0) setup.ops.push_back(op);
  }
  executor.run(setup, {.rules = RuleSet()});
  return std::make_unique<World>(executor.world());
}

// Returns what is wrong with its witnesses, or nothing.
std::string check_witnesses(const Input& input) {
  for (const Witness& witness : input.litmus.witnesses) {
    if (without_trailing_zeros(witness.decisions).size() <= kDecisionsMax) continue;
    return fmt::format("{}:{}: a witness of more than {} decisions; `{} litmus --update {}`",
                       input.path, witness.line, kDecisionsMax, tool(), hinted(input.path));
  }
  return {};
}

// A witness for each schedule whose kernel has none. Returns what is wrong, or nothing.
std::string add_witnesses(Input& input) {
  Executors executors;
  auto& witnesses = input.litmus.witnesses;
  for (const Schedule& s : input.litmus.schedules) {
    const Kernel kernel = kernel_named(s.kernel).kernel;
    if (std::any_of(witnesses.begin(), witnesses.end(),
                    [&](const Witness& w) { return kernel_named(w.kernel).kernel == kernel; })) {
      continue;
    }
    const auto decisions = decisions_of(executors.of(kernel), input.litmus.program, s.plan);
    if (!decisions) {
      return fmt::format("{}:{}: the schedule takes more than {} decisions; drop operations",
                         input.path, s.lines[0], kDecisionsMax);
    }
    witnesses.push_back({s.kernel, *decisions, 0});
  }
  return {};
}

}  // namespace

Executor& Executors::of(const Kernel& kernel) {
  for (const auto& executor : executors_) {
    if (executor->kernel() == kernel) return *executor;
  }
  executors_.push_back(std::make_unique<Executor>(kernel));
  return *executors_.back();
}

Executor& Executors::of(std::string_view expression) {
  for (const auto& [name, executor] : by_expression_) {
    if (name == expression) return *executor;
  }
  by_expression_.emplace_back(expression, &of(kernel_named(expression).kernel));
  return *by_expression_.back().second;
}

std::optional<Input> load(const std::string& path, const Io& io, bool json) {
  InputResult result = load_input(path);
  std::string wrong = result.input ? check_witnesses(*result.input) : result.error;
  if (wrong.empty()) wrong = add_witnesses(*result.input);
  if (!wrong.empty()) {
    refuse(path, wrong, io, json);
    return std::nullopt;
  }
  if (!result.input->note.empty()) complain(io, result.input->note);
  return std::move(result.input);
}

std::optional<NamedKernel> find_kernel(const std::string& expression, const Io& io) {
  KernelResult result = parse_kernel(expression);
  if (!result.kernel)
    complain(io, fmt::format("{}; `{} kernels` lists them", result.error, tool()));
  return result.kernel;
}

std::optional<NamedKernel> kernel_for(const Input& input, const std::string& option, const Io& io) {
  if (!option.empty()) return find_kernel(option, io);
  const auto& witnesses = input.litmus.witnesses;
  return find_kernel(witnesses.empty() ? "newest" : witnesses[0].kernel, io);
}

Program program_for(const Input& input, const Kernel& kernel) {
  Program p = input.litmus.program;
  for (const Witness& witness : input.litmus.witnesses) {
    if (!(kernel_named(witness.kernel).kernel == kernel)) continue;
    CHECK(use_decisions(p, witness.decisions));  // load() refuses what does not fit.
    break;
  }
  return p;
}

std::optional<std::vector<uint8_t>> decisions_of(Executor& executor, const Program& p,
                                                 const sched::Plan& plan) {
  Program direct = p;
  CHECK(use_decisions(direct, {}));
  sched::PlannedDecisions planned;
  sched::RecordedDecisions record;
  planned.follow(plan);
  executor.run(direct, planned, {.record = &record});
  if (record.full()) return std::nullopt;  // The end may be missing.
  const auto drawn = without_trailing_zeros({record.begin(), record.end()});
  if (drawn.size() > kDecisionsMax) return std::nullopt;
  return {{drawn.begin(), drawn.end()}};
}

Recording record(Executor& executor, const NamedKernel& kernel, const Program& p, RuleSet rules,
                 uint32_t events_max) {
  Recording r;
  r.trace = sched::Trace(events_max);
  r.program = p;
  r.kernel = kernel.name;
  r.start = world_after_setup(executor, p);
  const sched::Outcome untraced = executor.run(p, {.rules = rules}).outcome;
  r.result = executor.run(p, {.rules = rules, .trace = &r.trace});
  CHECK(same_end(untraced, r.result.outcome));
  r.end = std::make_unique<World>(executor.world());
  if (r.result.finding()) r.finding = describe_finding(executor, p);
  return r;
}

int exit_code(const Result& result) {
  if (result.finding()) return kFinding;
  return result.outcome.ending == sched::Ending::step_limit ? kInconclusive : kClean;
}

std::string hex16(uint64_t hash) { return fmt::format("{:016x}", hash); }

int for_each_file(const std::vector<std::string>& paths,
                  const std::function<int(const std::string&)>& each) {
  int code = kClean;
  for (const std::string& path : paths) code = worse(code, each(path));
  return code;
}

int refuse(const std::string& path, const std::string& wrong, const Io& io, bool json) {
  complain(io, wrong);
  if (json) print_json(io, "error/1", {{"error", wrong}, {"file", path}});
  return kBadInput;
}

}  // namespace rmap
