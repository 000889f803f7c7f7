// SPDX-License-Identifier: Apache-2.0
#include "core/run/finding.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "scheduler/vocabulary.h"

namespace rmap {
namespace {

std::string op_name(uint8_t kind_plus_one) {
  return kind_plus_one == 0 ? ""
                            : std::string(op_info(static_cast<OpKind>(kind_plus_one - 1)).name);
}

std::string signature_op(uint8_t kind_plus_one) {
  return kind_plus_one == 0 ? ""
                            : std::string(operation_word(static_cast<OpKind>(kind_plus_one - 1)));
}

std::string site_name(Site site) { return std::string(kSites[site.index]); }

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

// Who brought the entry to where it is: moved it there, or made it there.
std::string arrival(const FindingDetail& d) {
  const std::string mover = d.other_op == 0 ? "another task" : op_name(d.other_op);
  const std::string place = place_name(d.mm, d.address);
  if (d.moved_from != d.address)
    return fmt::format("{} moved the entry from {} to {}", mover, place_name(d.mm, d.moved_from),
                       place);
  const bool forks = d.other_op == static_cast<uint8_t>(OpKind::fork) + 1;
  return fmt::format("{} {} the entry {} {}", mover, forks ? "copied" : "put",
                     forks ? "to" : "in at", place);
}

std::string miss_reason(const FindingDetail& d, Manner manner) {
  const std::string mover = d.other_op == 0 ? "another task" : op_name(d.other_op);
  switch (manner) {
    case Manner::in_transit:
      return fmt::format(
          "the walk looked while {} had the entry in a register, in neither page table", mover);
    case Manner::moved_behind: return arrival(d) + ", a place that the walk had already passed";
    case Manner::not_covered:
      return "no vma that is linked to the page's anon_vma computes that address";
    case Manner::not_yet_covered:
      return "when the walk came to the vma there, it had not grown that far yet";
    case Manner::torn_range:
      return fmt::format(
          "the vma there covers it, but when the walk came, {} had changed only a part of its "
          "range",
          mover);
    case Manner::out_of_tree:
      return fmt::format(
          "{} had the vma there out of its interval tree, to change its range, and the walk went "
          "by "
          "meanwhile",
          mover);
    case Manner::not_visited:
      return "a linked vma computes that address, but the walk did not look there";
    default: return "the walk did not look there";
  }
}

std::string unreachable_reason(Manner manner) {
  switch (manner) {
    case Manner::in_transit: return "whoever moved the entry never set it again";
    case Manner::wrong_index:
      return "the vma there is linked to the page's anon_vma, but computes another address from "
             "the page's index";
    case Manner::anon_vma: return "the anon_vma that the page names was freed";
    default: return "the vma there is not linked to the page's anon_vma";
  }
}

std::string violation_sentence(const Executor& executor, const sched::Violation& v) {
  const FindingDetail d = unpack_detail(v);
  const std::string who = v.task == sched::kNoTask ? "At rest" : cpu_name(executor.cpu_of(v.task));
  const std::string object = object_name(v.object);
  const std::string place = place_name(d.mm, d.address);
  switch (static_cast<Rule>(v.rule)) {
    case Rule::missed_pte:
      return fmt::format(
          "{}'s walk for {} ended at step {} without having seen the migration entry at {}: {}.",
          who, object, v.step, place, miss_reason(d, static_cast<Manner>(v.manner)));
    case Rule::stale_entry:
      return fmt::format(
          "{} unlocked {} at step {} while a migration entry for it was still at {}.", who, object,
          v.step, place);
    case Rule::unlocked_entry:
      return fmt::format(
          "{} found, at {} and step {}, a migration entry of {}, which nobody has locked.", who,
          place, v.step, object);
    case Rule::wrong_data:
    case Rule::lost_data:
      return fmt::format("{} read {} at step {} and did not get what was last written there.", who,
                         place, v.step);
    case Rule::mapcount:
      return fmt::format("At rest, the mapcount of {} is not the number of entries that map it.",
                         object);
    case Rule::unreachable:
      return fmt::format("At rest, the reverse map of {} does not lead to its entry at {}: {}.",
                         object, place, unreachable_reason(static_cast<Manner>(v.manner)));
    case Rule::leak:
      return fmt::format("At rest, an allocated {} belongs to nothing.",
                         manner_name(static_cast<Manner>(v.manner)));
    case Rule::use_after_free:
      if (v.object.cls == kAnonVmaObject)
        return fmt::format("{} used {} at step {}, which had been freed.", who, object, v.step);
      if (static_cast<Manner>(v.manner) == Manner::table && v.object.cls == kPmdObject)
        return fmt::format("{} came to {} at step {}, whose page table is gone and still in use.",
                           who, object, v.step);
      return fmt::format("{} came to {} at step {} by way of a freed {}.", who, object, v.step,
                         manner_name(static_cast<Manner>(v.manner)));
    case Rule::self_merge:
      return fmt::format("{} merged {} with itself at step {} although pages had been faulted in.",
                         who, object, v.step);
    case Rule::outside_vma:
      return fmt::format("{}'s walk came to {} at step {}, which does not cover the page.", who,
                         object, v.step);
    case Rule::lock_order:
    case Rule::sleep_in_atomic: {
      const sched::Object held =
          sched::make_object(static_cast<unsigned>(v.a >> 16), static_cast<unsigned>(v.a & 0xffff));
      const std::string holding = held == sched::Object{} ? "an RCU section" : object_name(held);
      return fmt::format("{} asked for {} at step {} while it was in {}.", who, object, v.step,
                         holding);
    }
    case Rule::anon_vma_count:
      return fmt::format("{} let go of {} at step {} although its counts say that it is in use.",
                         who, object, v.step);
    case Rule::foreign_unlock:
      return fmt::format("{} released {} at step {}, which it does not hold: the root changed.",
                         who, object, v.step);
    case Rule::list_race:
      return fmt::format(
          "{} came to the list of {} at step {} while another task changed it, or changed "
          "it while another one followed it.",
          who, object, v.step);
    case Rule::chain_order:
      return fmt::format("At rest, the chain of {} does not end in the root.", object);
    case Rule::chain_mismatch:
      return fmt::format("At rest, {} has the same anon_vma as another vma, and a different chain.",
                         object);
    case Rule::unfaulted_pgoff:
      return fmt::format("At rest, {} has no anon_vma, and a pgoff that is not its address.",
                         object);
    case Rule::early_order:
      return fmt::format(
          "{} moves entries at step {} to {}, which a walk visits before their source.", who,
          v.step, object);
    case Rule::early_unreachable:
      return fmt::format("{} left the entry of {} at {} unreachable at step {}.", who, object,
                         place, v.step);
    case Rule::none: break;
  }
  return "Nothing is known about this finding.";
}

std::string wait_sentence(const Executor& executor, const sched::Outcome& outcome) {
  std::string text;
  for (const sched::Wait& wait : outcome.waits) {
    const std::string holder = wait.holder == sched::kNoTask
                                   ? "nobody has"
                                   : cpu_name(executor.cpu_of(wait.holder)) + " holds";
    text += fmt::format("{}{} waits in {} for {}, which {}", text.empty() ? "" : "; ",
                        cpu_name(executor.cpu_of(wait.task)), site_name(wait.site),
                        object_name(wait.object), holder);
  }
  return text + ".";
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

std::string place_name(MmId mm, PageNr address) {
  return mm.value == 0 ? fmt::format("@{}", address) : fmt::format("mm{} @{}", mm.value, address);
}

std::string ending_name(sched::Ending ending) {
  switch (ending) {
    case sched::Ending::finished: return "finished";
    case sched::Ending::violation: return "violation";
    case sched::Ending::deadlock: return "deadlock";
    case sched::Ending::livelock: return "livelock";
    case sched::Ending::step_limit: return "step_limit";
  }
  return "unknown";
}

std::string object_name(sched::Object object) {
  if (object.cls == kPteObject) {
    return fmt::format("pte {}",
                       place_name(MmId{static_cast<uint8_t>(object.ordinal / kWindowPages)},
                                  object.ordinal % kWindowPages));
  }
  return fmt::format("{} {}", kObjectClasses[object.cls].name, object.ordinal);
}

std::string cpu_name(uint8_t cpu) { return cpu == 0 ? "setup" : fmt::format("cpu{}", cpu); }

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
