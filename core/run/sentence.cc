// SPDX-License-Identifier: Apache-2.0
#include "core/run/sentence.h"

#include <fmt/format.h>

#include "core/run/words.h"

namespace rmap {

namespace {

std::string op_name(uint8_t kind_plus_one) {
  return kind_plus_one == 0 ? ""
                            : std::string(op_info(static_cast<OpKind>(kind_plus_one - 1)).name);
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

}  // namespace

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
          "{} came to the list of {} at step {}: two tasks use it at once, and one changes it.",
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

}  // namespace rmap
