// An execution as Chrome trace events, which ui.perfetto.dev and chrome://tracing open.
//
// A step is a microsecond. Process 1 has a thread per cpu (and one for the set-up), with slices
// that nest: operations, walks, an entry in a register, waiting, being preempted; instants for
// everything else. Process 2 has the locks and RCU sections as asynchronous slices, because those
// need not nest. An arrow leads from the last change of the entry that a walk missed, or from what
// broke a state, to where it was noticed.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "repro/formats/columns.h"
#include "repro/formats/format.h"
#include "repro/formats/json_object.h"
#include "repro/story/deeds.h"
#include "repro/story/story.h"
#include "repro/trace/rows.h"
#include "repro/trace/shadow.h"

namespace rmap {
namespace {

using nlohmann::json;
using sched::Event;
using sched::EventKind;

constexpr int kCpuProcess = 1;
constexpr int kLockProcess = 2;

int thread_of(uint8_t cpu) { return cpu + 1; }  // 0 would be the idle task.

// An event of the format.
struct Mark {
  const char* ph = "";
  uint32_t ts = 0;
  int tid = 0;
  std::string name;
  std::string args = {};  // JSON, or nothing.
  int pid = kCpuProcess;
  std::string_view cat = {};
  uint32_t id = 0;  // Where there is a `cat`.
  std::string_view bp = {};
  std::string_view s = {};

  std::string text() const {
    JsonObject o;
    if (!args.empty()) o.put_json("args", args);
    if (!bp.empty()) o.put("bp", bp);
    if (!cat.empty()) o.put("cat", cat).put("id", id);
    o.put("name", name).put("ph", ph).put("pid", pid);
    if (!s.empty()) o.put("s", s);
    return o.put("tid", tid).put("ts", ts).text();
  }
};

class Writer {
 public:
  explicit Writer(const Recording& r) : r_(r), shadow_(r), arrow_from_(find_arrow()) {}

  std::vector<Mark> write() {
    name_tracks();
    const std::vector<Row> rows = all_rows(r_);
    const auto events = r_.trace.events();
    for (uint32_t i = 0; i < events.size(); i++) {
      const Event& e = events[i];
      event(e, rows[i]);
      shadow_.apply(e);
      if (i == arrow_from_) arrow("s", e.step, rows[i].cpu);
      const bool leaves = i + 1 < events.size() && events[i + 1].task != e.task;
      if (leaves) leave(e, rows[i]);
    }
    finish();
    return std::move(out_);
  }

 private:
  // --- Events of the format ----------------------------------------------------------------------
  Mark& add(const char* ph, uint32_t ts, uint8_t cpu, const std::string& name) {
    out_.push_back({.ph = ph, .ts = ts, .tid = thread_of(cpu), .name = name});
    return out_.back();
  }
  void metadata(const char* what, int pid, int tid, JsonObject& args) {
    out_.push_back({.ph = "M", .tid = tid, .name = what, .args = args.text(), .pid = pid});
  }
  void name_tracks() {
    metadata("process_name", kCpuProcess, 0, JsonObject().put("name", "cpus, " + r_.kernel));
    metadata("process_name", kLockProcess, 0, JsonObject().put("name", "locks"));
    bool has_ops[kCpusMax + 1] = {};
    for (const Op& op : r_.program.ops) has_ops[op.task] = true;
    for (uint8_t cpu = 0; cpu <= kCpusMax; cpu++) {
      if (!has_ops[cpu]) continue;
      metadata("thread_name", kCpuProcess, thread_of(cpu), JsonObject().put("name", cpu_name(cpu)));
      metadata("thread_sort_index", kCpuProcess, thread_of(cpu),
               JsonObject().put("sort_index", cpu));
    }
  }

  // --- Slices ------------------------------------------------------------------------------------
  void begin(uint32_t ts, uint8_t cpu, const std::string& name, std::string args = {}) {
    add("B", ts, cpu, name).args = std::move(args);
    open_[cpu].push_back(name);
  }
  void end(uint32_t ts, uint8_t cpu) {
    if (open_[cpu].empty()) return;
    add("E", ts, cpu, open_[cpu].back());
    open_[cpu].pop_back();
  }
  // Ends the slice of that name, with all that are open in it.
  void end_named(uint32_t ts, uint8_t cpu, const std::string& prefix) {
    auto& open = open_[cpu];
    const auto found = std::find_if(open.rbegin(), open.rend(), [&](const std::string& name) {
      return name.starts_with(prefix);
    });
    if (found == open.rend()) return;
    for (auto n = found - open.rbegin() + 1; n > 0; n--) end(ts, cpu);
  }
  void instant(const Event& e, const Row& row) {
    const std::string what = row.what.empty() ? "" : " " + row.what;
    Mark& mark = add("i", e.step, row.cpu, row.verb + what);
    mark.args = JsonObject().put("event", row.event).put("site", row.where).text();
    mark.s = "t";
  }

  void event(const Event& e, const Row& row) {
    if (away_[row.cpu]) end(e.step, row.cpu);
    away_[row.cpu] = false;
    if (lock(e, row)) return;
    if (e.kind == EventKind::start || e.kind == EventKind::finish) return;
    if (is_note(e, Note::op_begin)) return begin(e.step, row.cpu, "op " + row.what);
    if (is_note(e, Note::op_end)) {
      end_named(e.step, row.cpu, "op ");
      out_.back().args = JsonObject().put("result", row.what).text();
      return;
    }
    if (is_note(e, Note::walk_begin))
      return begin(e.step, row.cpu, "walk " + row.what, JsonObject().put("must_see", e.a).text());
    if (is_note(e, Note::walk_end)) {
      end_named(e.step, row.cpu, "walk ");
      out_.back().args = JsonObject().put("missed", e.a).text();
      return;
    }
    transit(e, row);
    instant(e, row);
  }

  // An entry that is in no page table between its taking and its setting.
  void transit(const Event& e, const Row& row) {
    const bool entry = e.kind == EventKind::write && e.object.cls == kPteObject && e.b == kFieldPte;
    if (!entry) return;
    const std::string site(kSites[e.site]);
    if (site == "move_ptes/clear")
      begin(e.step, row.cpu, "in a register: " + pte_words(shadow_.entry(e.object.ordinal)));
    if (site == "move_ptes/set") end_named(e.step, row.cpu, "in a register");
  }

  // Another task goes on.
  void leave(const Event& e, const Row& row) {
    if (e.kind == EventKind::finish || open_[row.cpu].empty()) return;
    const bool waits = e.kind == EventKind::wait || e.kind == EventKind::rcu_wait;
    begin(e.step, row.cpu,
          waits                        ? "waits for " + row.what
          : e.kind == EventKind::relax ? std::string("retries")
                                       : std::string("preempted"));
    away_[row.cpu] = true;
  }

  // --- Locks -------------------------------------------------------------------------------------
  struct Section {
    sched::Object object;
    uint8_t cpu;
    std::string name;
    uint32_t id;
  };
  Mark& async(const char* ph, uint32_t ts, const Section& s) {
    Mark& mark = add(ph, ts, s.cpu, s.name);
    mark.pid = kLockProcess;
    mark.cat = "lock";
    mark.id = s.id;
    return mark;
  }
  // True when nothing else needs to be said of the event.
  bool lock(const Event& e, const Row& row) {
    const bool takes = e.kind == EventKind::lock || e.kind == EventKind::lock_shared ||
                       (e.kind == EventKind::trylock && e.a != 0) || e.kind == EventKind::rcu_lock;
    const bool drops = e.kind == EventKind::unlock || e.kind == EventKind::rcu_unlock;
    const bool rcu = e.kind == EventKind::rcu_lock || e.kind == EventKind::rcu_unlock;
    const sched::Object object = rcu ? sched::make_object(kRcuObject, 0) : e.object;
    if (takes) {
      const std::string name = rcu ? "rcu" : shadow_.lock_name(e.object);
      sections_.push_back(
          {object, row.cpu, fmt::format("{} ({})", name, cpu_name(row.cpu)), next_id_++});
      async("b", e.step, sections_.back()).args =
          JsonObject()
              .put("shared", e.kind == EventKind::lock_shared)
              .put("site", row.where)
              .text();
      return true;
    }
    if (!drops) return false;
    for (std::size_t i = sections_.size(); i-- > 0;) {
      if (sections_[i].cpu != row.cpu || !(sections_[i].object == object)) continue;
      async("e", e.step, sections_[i]);
      sections_.erase(sections_.begin() + static_cast<std::ptrdiff_t>(i));
      break;
    }
    return true;
  }

  // --- The finding -------------------------------------------------------------------------------
  Mark& arrow(const char* ph, uint32_t ts, uint8_t cpu) {
    Mark& mark = add(ph, ts, cpu, "missed");
    mark.cat = "finding";
    mark.id = 1;
    return mark;
  }
  // The event that the arrow starts at; one behind the end if there is none.
  uint32_t find_arrow() const {
    const auto events = r_.trace.events();
    const auto none = static_cast<uint32_t>(events.size());
    if (!r_.finding || r_.result.outcome.ending != sched::Ending::violation) return none;
    const sched::Violation& v = r_.result.outcome.violation;
    const FindingDetail d = unpack_detail(v);
    uint32_t from = none;
    for (uint32_t i = 0; i < events.size(); i++) {
      const Event& e = events[i];
      if (cpu_of_task(r_.program, e.task) == 0 || e.task == v.task) continue;
      const bool since = r_.finding->since && e.step == r_.finding->since->step &&
                         e.task == r_.finding->since->task;
      const bool place = static_cast<Rule>(v.rule) == Rule::missed_pte &&
                         e.kind == EventKind::write && e.object.cls == kPteObject &&
                         e.b == kFieldPte && !r_.finding->since &&
                         e.object.ordinal == d.mm.value * kWindowPages + d.address;
      if (since || place) from = i;
    }
    return from;
  }

  void finish() {
    const auto events = r_.trace.events();
    const uint32_t ts = events.empty() ? 0 : events.back().step;
    if (r_.finding) {
      const uint8_t cpu = finding_cpu(r_);
      if (arrow_from_ < events.size()) arrow("f", ts, cpu).bp = "e";
      Mark& mark = add("i", ts, cpu, finding_mark(r_));
      mark.args = JsonObject().put("sentence", r_.finding->sentence).text();
      mark.s = "g";
    }
    for (const Section& section : sections_) async("e", ts, section);
    for (uint8_t cpu = 0; cpu <= kCpusMax; cpu++) {
      while (!open_[cpu].empty()) end(ts, cpu);
    }
  }

  const Recording& r_;
  Shadow shadow_;
  uint32_t arrow_from_;
  std::vector<Mark> out_;
  std::vector<std::string> open_[kCpusMax + 1];
  bool away_[kCpusMax + 1] = {};
  std::vector<Section> sections_;
  uint32_t next_id_ = 1;
};

}  // namespace

// One event on a line.
std::string print_perfetto(const Recording& r, const FormatOptions&) {
  const json about = {{"kernel", r.kernel},       {"model", kModelVersion},
                      {"replay", r.replay},       {"story", story_of(r)},
                      {"summary", summary_of(r)}, {"trace_hash", hex16(r.trace.hash())}};
  std::string text =
      fmt::format("{{\"displayTimeUnit\":\"ns\",\"otherData\":{},\"traceEvents\":[\n",
                  about.dump(-1, ' ', false, json::error_handler_t::replace));
  const std::vector<Mark> events = Writer(r).write();
  for (std::size_t i = 0; i < events.size(); i++)
    text += events[i].text() + (i + 1 == events.size() ? "\n" : ",\n");
  text += "]}\n";
  return text;
}

}  // namespace rmap
