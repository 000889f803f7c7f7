// SPDX-License-Identifier: Apache-2.0
#include "repro/story/story.h"

#include <fmt/format.h>

#include <algorithm>

namespace rmap {
namespace {

bool at_rest(const Recording& r) {
  return r.result.outcome.ending == sched::Ending::violation &&
         r.result.outcome.violation.task == sched::kNoTask;
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

std::string symptom_of(const Recording& r) {
  if (r.result.outcome.ending == sched::Ending::violation)
    return std::string(rule_info(static_cast<Rule>(r.result.outcome.violation.rule)).symptom);
  return "the tasks hang for ever (hung_task: blocked for more than 120 seconds)";
}

std::string print_story(const Recording& r, std::size_t width) {
  if (!r.finding) return wrapped("", clean_words(r), width);
  std::string text = wrapped("", r.finding->sentence, width);
  const std::vector<std::string> facts = story_of(r);
  for (std::size_t i = 0; i < facts.size(); i++)
    text += wrapped(fmt::format("{:>3}. ", i + 1), facts[i], width);
  return text + wrapped("A kernel shows: ", symptom_of(r), width);
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
  if (cpus.empty()) cpus.push_back(cpu_name(finding_cpu(r)));  // A livelock: one that retries.
  return fmt::format("{} {} of {}, step {}", r.finding->rule, r.kernel, fmt::join(cpus, " and "),
                     o.steps);
}

}  // namespace rmap
