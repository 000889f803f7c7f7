// The JSON of an execution, for programs: explain/1 in json.md.
// SPDX-License-Identifier: Apache-2.0
#include "repro/print/json.h"

#include <nlohmann/json.hpp>

#include "core/program/litmus.h"
#include "repro/formats/columns.h"
#include "repro/formats/format.h"
#include "repro/formats/json_object.h"
#include "repro/story/story.h"
#include "repro/trace/rows.h"

namespace rmap {
namespace {

using nlohmann::json;

json program_json(const Recording& r) {
  Litmus litmus;
  litmus.name = r.name.empty() ? "input" : r.name;
  litmus.program = r.program;
  json operations = json::array();
  for (uint32_t i = 0; i < r.program.ops.size(); i++) {
    const Op& op = r.program.ops[i];
    operations.push_back({{"cpu", op.task},
                          {"error", r.result.ops[i].error},
                          {"ran", r.result.ops[i].ran},
                          {"text", print_op(op)}});
  }
  return {{"litmus", print_litmus(litmus)}, {"operations", operations}};
}

json outcome_json(const Recording& r) {
  const sched::Outcome& o = r.result.outcome;
  json waits = json::array();
  for (const sched::Wait& wait : o.waits) {
    const bool held = wait.holder != sched::kNoTask;
    waits.push_back({{"cpu", cpu_of_task(r.program, wait.task)},
                     {"for", object_name(wait.object)},
                     {"holder", held ? json(cpu_of_task(r.program, wait.holder)) : json()},
                     {"site", kSites[wait.site.index]}});
  }
  return {{"ending", ending_name(o.ending)},
          {"preemptions", o.preemptions},
          {"steps", o.steps},
          {"switches", o.switches},
          {"waits", waits}};
}

json finding_json(const Recording& r) {
  if (!r.finding) return nullptr;
  const Finding& f = *r.finding;
  const sched::Outcome& o = r.result.outcome;
  const bool violation = o.ending == sched::Ending::violation;
  json since;
  if (f.since) {
    since = {{"cpu", cpu_of_task(r.program, f.since->task)},
             {"site", kSites[f.since->site.index]},
             {"step", f.since->step}};
  }
  return {{"hash8", f.hash8},         {"manner", f.manner},
          {"mark", finding_mark(r)},  {"operations", f.operations},
          {"rule", f.rule},           {"sentence", f.sentence},
          {"signature", f.signature}, {"since", since},
          {"sites", f.sites},         {"step", violation ? o.violation.step : o.steps}};
}

// As text: it is most of what is printed.
void add_events(const Recording& r, std::string& text) {
  text += '[';
  for (const Row& row : all_rows(r)) {
    const sched::Event& e = r.trace.events()[row.event];
    JsonObject object;
    if (e.object.cls != kNoObject) {
      object.put("class", kObjectClasses[e.object.cls].name).put("ordinal", e.object.ordinal);
    }
    JsonObject event;
    event.put("a", e.a).put("b", e.b).put("cpu", row.cpu).put("is_step", row.is_step);
    event.put("kind", static_cast<uint32_t>(e.kind));
    event.put_json("object", e.object.cls != kNoObject ? object.text() : "null");
    event.put("site", row.where).put("step", row.step).put("verb", row.verb).put("what", row.what);
    if (row.event > 0) text += ',';
    text += event.text();
  }
  text += ']';
}

}  // namespace

std::string print_json_trace(const Recording& r, const FormatOptions&) {
  const json others = {{"finding", finding_json(r)},
                       {"kernel", r.kernel},
                       {"model", kModelVersion},
                       {"outcome", outcome_json(r)},
                       {"program", program_json(r)},
                       {"replay", r.replay},
                       {"story", story_of(r)},
                       {"summary", summary_of(r)},
                       {"not_shown", r.not_shown.empty() ? json() : json(r.not_shown)},
                       {"symptom", r.finding ? json(symptom_of(r)) : json()},
                       {"trace_hash", hex16(r.trace.hash())},
                       {"truncated", r.trace.truncated()}};
  // "events" comes first in the order of keys.
  std::string text = "{\"events\":";
  add_events(r, text);
  text += ',';
  text += json_text("explain/1", others).substr(1);
  text += '\n';
  return text;
}

}  // namespace rmap
