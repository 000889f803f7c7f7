// SPDX-License-Identifier: Apache-2.0
#include "core/run/finding.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/run/sentence.h"
#include "scheduler/vocabulary.h"

namespace rmap {
namespace {

std::string signature_op(uint8_t kind_plus_one) {
  return kind_plus_one == 0 ? ""
                            : std::string(operation_word(static_cast<OpKind>(kind_plus_one - 1)));
}

// The function of a site: whatever operation calls it, and whichever of its lines it is.
std::string function_of(Site site) {
  const std::string_view name = kSites[site.index];
  return std::string(name.substr(0, name.find('/')));
}

// "a+b" without empty parts or doubles.
std::string join(std::vector<std::string> parts, std::string_view nothing) {
  std::erase(parts, "");
  parts.erase(std::unique(parts.begin(), parts.end()), parts.end());
  return parts.empty() ? std::string(nothing) : fmt::format("{}", fmt::join(parts, "+"));
}

// Kind of the operation that a task was in, +1.
uint8_t current_op(const Executor& executor, const Program& p, const Result& result,
                   sched::TaskId task) {
  uint8_t kind = 0;
  for (uint32_t i = 0; i < p.ops.size(); i++) {
    if (result.ops[i].ran && p.ops[i].task == executor.cpu_of(task))
      kind = static_cast<uint8_t>(p.ops[i].kind) + 1;
  }
  return kind;
}

// One bug should have one name. What broke a range or left an entry unreachable is a function,
// vma_adjust() or expand_stack(), whichever operation called it; who moved an entry is an
// operation, and the branch that it took.
void name_parts(Finding& f, const sched::Violation& v, uint8_t noticed, const FindingDetail& d) {
  const bool moved = f.since && f.since->moved;
  const bool by_function = (f.since && !moved) || (static_cast<Rule>(v.rule) == Rule::missed_pte &&
                                                   is_of_a_range(static_cast<Manner>(v.manner)));
  const uint8_t other = moved ? f.since->op : d.other_op;
  const Site site = moved ? f.since->branch : f.since ? f.since->site : d.other_site;
  f.operations = join({signature_op(noticed), by_function ? "" : signature_op(other)}, "any");
  f.sites = join({site_name(v.site), by_function ? function_of(site) : site_name(site)}, "none");
}

// Whoever lets go of a freed anon_vma, or looks at it, is its innocent user.
bool finds_anybody(const sched::Violation& v) {
  return static_cast<Rule>(v.rule) == Rule::use_after_free &&
         static_cast<Manner>(v.manner) == Manner::anon_vma;
}

void describe_violation(const Executor& executor, const Program& p, const Result& result,
                        Finding& f) {
  const sched::Violation& v = result.outcome.violation;
  const FindingDetail d = unpack_detail(v);
  const bool library_rule = v.rule < sched::kClientRules;  // Its operands are not ours.
  f.rule = rule_info(static_cast<Rule>(v.rule)).name;
  f.manner = manner_name(static_cast<Manner>(v.manner));
  uint8_t noticed = library_rule ? 0 : d.op;
  if (noticed == 0 && v.task != sched::kNoTask) noticed = current_op(executor, p, result, v.task);
  if (finds_anybody(v)) noticed = 0;
  name_parts(f, v, noticed, library_rule ? FindingDetail{} : d);
  f.sentence = violation_sentence(executor, v);
}

void describe_waits(const Executor& executor, const Program& p, const Result& result, Finding& f) {
  const bool deadlock = result.outcome.ending == sched::Ending::deadlock;
  f.rule = deadlock ? "deadlock" : "livelock";
  f.manner = result.outcome.is_cycle ? "cycle" : "any";
  std::vector<std::string> ops;
  std::vector<std::string> sites;
  for (const sched::Wait& wait : result.outcome.waits) {
    ops.push_back(signature_op(current_op(executor, p, result, wait.task)));
    sites.push_back(site_name(wait.site));
  }
  std::sort(ops.begin(), ops.end());
  std::sort(sites.begin(), sites.end());
  f.operations = join(ops, "any");
  f.sites = join(sites, "none");
  f.sentence = deadlock ? wait_sentence(executor, result.outcome)
                        : "Even when every task gets its turn, they only retry and never finish.";
}

}  // namespace

std::string_view manner_word(Rule rule, Manner manner) {
  if (rule == Rule::missed_pte && is_of_a_range(manner)) manner = Manner::not_covered;
  if (rule == Rule::unreachable && manner == Manner::anon_vma) manner = Manner::not_linked;
  return manner_name(manner);
}

std::string_view operation_word(OpKind kind) {
  return kind == OpKind::read || kind == OpKind::write ? "fault" : op_info(kind).name;
}

Finding describe_finding(Executor& executor, const Program& p) {
  sched::ByteDecisions again({p.decisions.data(), p.decisions.size()}, p.tail);
  return describe_finding(executor, p, again);
}

Finding describe_finding(Executor& executor, const Program& p, sched::Decisions& again) {
  const Result& result = executor.result();
  CHECK(result.finding());
  Finding f;
  if (result.outcome.ending == sched::Ending::violation) {
    f.since = since_when(executor, p, again);
    describe_violation(executor, p, result, f);
  } else {
    describe_waits(executor, p, result, f);
  }
  const sched::Violation& v = result.outcome.violation;
  f.word = result.outcome.ending == sched::Ending::violation
               ? manner_word(static_cast<Rule>(v.rule), static_cast<Manner>(v.manner))
               : f.manner;
  f.signature = fmt::format("{}--{}--{}--{}", f.rule, f.word, f.operations, f.sites);
  f.hash8 = fmt::format("{:08x}", sched::name_hash(f.signature));
  return f;
}

}  // namespace rmap
