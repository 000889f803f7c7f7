// SPDX-License-Identifier: Apache-2.0
#include "repro/story.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/world.h"
#include "repro/cells.h"
#include "repro/missed_pte_story.h"

namespace rmap {
namespace {

using sched::EventKind;

constexpr std::size_t kFactsMax = 10;

bool at_rest(const Recording& r) {
  return r.result.outcome.ending == sched::Ending::violation &&
         r.result.outcome.violation.task == sched::kNoTask;
}

std::string cell_sentence(const Cell& cell) {
  const std::string where = cell.function.empty() ? "" : fmt::format(" in {}()", cell.function);
  const std::string what = cell.what.empty() ? "" : " " + cell.what;
  return fmt::format("Step {}: {}{}: {}{}.", cell.step, cpu_name(cell.cpu), where, cell.verb, what);
}

// What happened to the finding's page and place: changes of its entries, looks at them, loads and
// stores.
bool concerns(const Recording& r, const Cell& cell) {
  const sched::Violation& v = r.result.outcome.violation;
  const FindingDetail d = unpack_detail(v);
  const sched::Event& e = r.trace.events()[cell.event];
  if (e.object == v.object && v.object.cls != kNoObject) return e.kind != EventKind::read;
  if (v.object.cls == kPageObject) {
    if (e.object.cls == kPageLockClass && e.object.ordinal == v.object.ordinal) return true;
    const std::string page = fmt::format("p{}", v.object.ordinal);
    for (std::size_t at = cell.what.find(page); at != std::string::npos;
         at = cell.what.find(page, at + 1)) {
      const std::size_t end = at + page.size();
      if (end == cell.what.size() || cell.what[end] < '0' || cell.what[end] > '9') return true;
    }
  }
  const bool has_place = v.rule >= sched::kClientRules && d.mm.valid();
  const uint32_t ordinal = has_place ? d.mm.value * kWindowPages + d.address : 0;
  return has_place && e.object.cls == kPteObject && e.object.ordinal == ordinal;
}

std::vector<std::string> facts_about_object(const Recording& r) {
  std::vector<std::string> facts;
  for (const Cell& cell : cells_that_matter(r)) {
    const bool setup_only = r.result.outcome.violation.task != sched::kNoTask &&
                            cpu_of_task(r.program, r.result.outcome.violation.task) == 0;
    if ((cell.cpu != 0 || setup_only) && concerns(r, cell)) facts.push_back(cell_sentence(cell));
  }
  if (facts.size() > kFactsMax) facts.erase(facts.begin(), facts.end() - kFactsMax);
  return facts;
}

std::vector<std::string> facts_about_locks(const Recording& r) {
  const sched::Violation& v = r.result.outcome.violation;
  std::vector<std::string> facts;
  for (const LockHeld& lock :
       locks_held(r, v.task, static_cast<uint32_t>(r.trace.events().size()))) {
    facts.push_back(fmt::format("{} holds {}, taken at step {} in {}.",
                                cpu_name(cpu_of_task(r.program, v.task)), lock.name, lock.step,
                                lock.site));
  }
  facts.push_back(fmt::format("It asks for {} at step {} in {}.", object_name(v.object), v.step,
                              kSites[v.site.index]));
  return facts;
}

std::vector<std::string> facts_about_waits(const Recording& r) {
  std::vector<std::string> facts;
  const auto end = static_cast<uint32_t>(r.trace.events().size());
  for (const sched::Wait& wait : r.result.outcome.waits) {
    const std::string cpu = cpu_name(cpu_of_task(r.program, wait.task));
    std::vector<std::string> held;
    for (const LockHeld& lock : locks_held(r, wait.task, end)) {
      held.push_back(fmt::format("{} (since step {}, {})", lock.name, lock.step, lock.site));
    }
    const std::string holder = wait.holder == sched::kNoTask ? "nobody holds"
                               : wait.holder == wait.task
                                   ? "it holds itself"
                                   : cpu_name(cpu_of_task(r.program, wait.holder)) + " holds";
    facts.push_back(fmt::format("{} holds {} and waits in {} for {}, which {}.", cpu,
                                held.empty() ? "nothing" : fmt::format("{}", fmt::join(held, ", ")),
                                kSites[wait.site.index], wait_name(r, wait), holder));
  }
  return facts;
}

std::string clean_words(const Recording& r) {
  const sched::Outcome& o = r.result.outcome;
  if (o.ending == sched::Ending::step_limit) {
    return fmt::format(
        "The execution was stopped after {} steps, so nothing is known about how it ends.",
        o.steps);
  }
  std::string results;
  for (uint32_t i = 0; i < r.program.ops.size(); i++) {
    const Op& op = r.program.ops[i];
    if (op.task == 0) continue;
    results += fmt::format("{}{}'s {}: {}", results.empty() ? "" : "; ", cpu_name(op.task),
                           op_info(op.kind).name, errno_name(r.result.ops[i].error));
  }
  return fmt::format(
      "No rule was broken in this execution, which says nothing about other schedules.{}",
      results.empty() ? "" : " " + results + ".");
}

std::string summary_subject(const Recording& r) {
  const sched::Violation& v = r.result.outcome.violation;
  const FindingDetail d = unpack_detail(v);
  const std::string cpu = cpu_name(cpu_of_task(r.program, v.task));
  const std::string object = v.object.cls == kNoObject
                                 ? std::string(manner_name(static_cast<Manner>(v.manner)))
                                 : object_name(v.object);
  switch (static_cast<Rule>(v.rule)) {
    case Rule::missed_pte:
      return fmt::format("{} {}, walk of {}", object, place_name(d.mm, d.address), cpu);
    case Rule::stale_entry:
    case Rule::unlocked_entry:
      return fmt::format("{} {}, {}", object, place_name(d.mm, d.address), cpu);
    default: return at_rest(r) ? object + ", at rest" : object + ", " + cpu;
  }
}

}  // namespace

std::vector<std::string> story_of(const Recording& r) {
  if (!r.finding) return {};
  const sched::Outcome& o = r.result.outcome;
  if (o.ending != sched::Ending::violation) return facts_about_waits(r);
  switch (static_cast<Rule>(o.violation.rule)) {
    case Rule::missed_pte: return missed_pte_story(r);
    case Rule::lock_order:
    case Rule::sleep_in_atomic: return facts_about_locks(r);
    default: return facts_about_object(r);
  }
}

std::string print_story(const Recording& r) {
  if (!r.finding) return wrapped("", clean_words(r));
  std::string text = wrapped("", r.finding->sentence);
  const std::vector<std::string> facts = story_of(r);
  for (std::size_t i = 0; i < facts.size(); i++)
    text += wrapped(fmt::format("{:>3}. ", i + 1), facts[i]);
  std::string symptom = "the tasks hang for ever (hung_task: blocked for more than 120 seconds)";
  if (r.result.outcome.ending == sched::Ending::violation) {
    symptom = rule_info(static_cast<Rule>(r.result.outcome.violation.rule)).symptom;
  }
  return text + wrapped("A kernel shows: ", symptom);
}

std::string summary_of(const Recording& r) {
  const sched::Outcome& o = r.result.outcome;
  if (!r.finding) return fmt::format("{} {}, {} steps", ending_name(o.ending), r.kernel, o.steps);
  if (o.ending == sched::Ending::violation) {
    const std::string step = at_rest(r) ? fmt::format("after step {}", o.steps)
                                        : fmt::format("step {}", o.violation.step);
    return fmt::format("{} {} {}, {}", r.finding->rule, r.kernel, summary_subject(r), step);
  }
  std::vector<std::string> cpus;
  for (const sched::Wait& wait : o.waits)
    cpus.push_back(cpu_name(cpu_of_task(r.program, wait.task)));
  return fmt::format("{} {} of {}, step {}", r.finding->rule, r.kernel, fmt::join(cpus, " and "),
                     o.steps);
}

}  // namespace rmap
