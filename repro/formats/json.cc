// The JSON of an execution, for programs.
//
// {
//   "format": 1,            this schema; it changes when a key's meaning does
//   "model": 3,             the model version that the trace hash belongs to
//   "kernel": "v3.1",
//   "program": {"litmus": "litmus ...", "operations": [{"cpu": 1, "text": "mremap @8 +1 @1",
//               "ran": true, "error": 0}]},
//   "outcome": {"ending": "violation", "steps": 115, "switches": 5, "preemptions": 3,
//               "waits": [{"cpu": 1, "for": "anon_vma 0", "holder": 2, "site": "..."}]},
//   "finding": null, or {"rule", "manner", "operations", "sites", "signature", "hash8", "sentence",
//               "mark", "step", "since": null or {"step", "cpu", "site"}},
//   "story": ["cpu2 ..."],  without a finding, how it ended
//   "symptom": "kernel BUG at ...", null without a finding
//   "summary": "missed_pte v3.1 page 1 @1, walk of cpu2, step 115",
//   "replay": "./run rmapfuzz replay ...",
//   "events": [{"step": 60, "cpu": 1, "is_step": true, "verb": "lock", "what": "mmap_sem, write",
//               "site": "mremap/mmap_sem", "object": {"class": "mmap_sem", "ordinal": 0},
//               "kind": 2, "a": 0, "b": 0}],   cpu 0 is the set-up; a and b as in
//                           scheduler/trace.h and, from kind 32 on, core/names.h
//   "truncated": false,     events were dropped because the trace was too long to keep
//   "trace_hash": "0123456789abcdef"
// }
// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "core/litmus.h"
#include "repro/formats/columns.h"
#include "repro/formats/format.h"
#include "repro/rows.h"
#include "repro/story/story.h"

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

json events_json(const Recording& r) {
  json events = json::array();
  for (const Row& row : all_rows(r)) {
    const sched::Event& e = r.trace.events()[row.event];
    json object;
    if (e.object.cls != kNoObject) {
      object = {{"class", kObjectClasses[e.object.cls].name}, {"ordinal", e.object.ordinal}};
    }
    events.push_back({{"a", e.a},
                      {"b", e.b},
                      {"cpu", row.cpu},
                      {"is_step", row.is_step},
                      {"kind", static_cast<uint32_t>(e.kind)},
                      {"object", object},
                      {"site", row.where},
                      {"step", row.step},
                      {"verb", row.verb},
                      {"what", row.what}});
  }
  return events;
}

}  // namespace

std::string print_json_trace(const Recording& r, const FormatOptions&) {
  const json object = {{"events", events_json(r)},
                       {"finding", finding_json(r)},
                       {"format", 1},
                       {"kernel", r.kernel},
                       {"model", kModelVersion},
                       {"outcome", outcome_json(r)},
                       {"program", program_json(r)},
                       {"replay", r.replay},
                       {"story", story_of(r)},
                       {"summary", summary_of(r)},
                       {"symptom", r.finding ? json(symptom_of(r)) : json()},
                       {"trace_hash", hex16(r.trace.hash())},
                       {"truncated", r.trace.truncated()}};
  return object.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace rmap
