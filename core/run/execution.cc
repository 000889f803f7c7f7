// SPDX-License-Identifier: Apache-2.0
#include "core/run/execution.h"

#include "core/ops/ops.h"
#include "core/run/points.h"

namespace rmap {

Executor::Executor(const Kernel& kernel) : Executor(kernel, learn_access_table(kernel)) {}

Executor::Executor(const Kernel& kernel, const sched::AccessTable& table)
    : kernel_(kernel), table_(table), scheduler_(kVocabulary), world_(new World) {}

Executor::~Executor() = default;

uint32_t library_rules_off(RuleSet rules) {
  uint32_t off = 0;
  for (Rule rule : {Rule::lock_order, Rule::sleep_in_atomic}) {
    if (!rules.has(rule)) off |= 1u << static_cast<uint32_t>(rule);
  }
  return off;
}
sched::Strategy& Executor::strategy(StrategyId id) {
  switch (id) {
    case StrategyId::direct: return direct_;
    case StrategyId::random_walk: return random_walk_;
    case StrategyId::pct: return pct_;
  }
  return direct_;
}

void Executor::task_body(void* argument) {
  const TaskArgument& arg = *static_cast<TaskArgument*>(argument);
  World& w = *arg.self->world_;
  sched::Scheduler& s = sched::Scheduler::running();
  const auto& ops = arg.self->program_->ops;
  for (uint32_t i = 0; i < ops.size(); i++) {
    if (ops[i].task != arg.cpu) continue;
    OpResult& result = arg.self->result_.ops[i];
    result.ran = true;
    result.began = s.step();
    s.note(static_cast<sched::EventKind>(Note::op_begin), {}, {}, i);
    result.error = perform(w, ops[i]);
    result.finished = true;
    result.ended = s.step();
    result.took_effect = w.oracle.actors.has_taken_effect();
    s.note(static_cast<sched::EventKind>(Note::op_end), {}, {}, i,
           static_cast<uint64_t>(-result.error));
  }
}

const Result& Executor::run(const Program& p, const Options& options) {
  sched::ByteDecisions decisions({p.decisions.data(), p.decisions.size()}, p.tail);
  return run(p, decisions, options);
}

const Result& Executor::run(const Program& p, sched::Decisions& decisions, const Options& options) {
  program_ = &p;
  init_world(*world_, kernel_);
  world_->failures_left = p.failures;
  world_->oracle.rules = options.rules;
  for (uint32_t i = 0; i < p.ops.size(); i++) result_.ops[i] = {};
  if (options.record != nullptr) options.record->clear();
  decisions.record_to(options.record);

  scheduler_.begin({.strategy = &strategy(p.strategy),
                    .decisions = &decisions,
                    .table = &table_,
                    .learn = options.learn,
                    .trace = options.trace,
                    .coverage = options.coverage,
                    .plan = options.plan,
                    .rules_off = library_rules_off(options.rules),
                    .steps_max = kStepsMax,
                    .fair_steps_max = kFairStepsMax});
  tasks_ = Tasks(p);
  const auto spawn = [&](uint8_t task) {
    arguments_[task] = {this, tasks_.cpu(task)};
    CHECK_EQ(scheduler_.spawn(&task_body, &arguments_[task]), task);
  };
  spawn(0);
  const sched::Outcome* outcome = &scheduler_.run();
  if (outcome->ending == sched::Ending::finished) {
    for (uint8_t task = 1; task < tasks_.count(); task++) spawn(task);
    outcome = &scheduler_.run();
  }
  if (outcome->ending == sched::Ending::finished) world_->oracle.quiescent(*world_);
  decisions.record_to(nullptr);
  result_.outcome = *outcome;
  result_.judged = world_->oracle.judged | outcome->judged;
  result_.early_signs = world_->oracle.early_signs;
  result_.near_misses = world_->oracle.near_misses;
  return result_;
}

}  // namespace rmap
