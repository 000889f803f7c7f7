// SPDX-License-Identifier: Apache-2.0
#include "repro/trace/cells.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/model/world.h"
#include "repro/trace/shadow.h"
#include "repro/trace/turns.h"

namespace rmap {
namespace {

using sched::Event;
using sched::EventKind;

std::string function_of(std::string_view site) {
  return std::string(site.substr(0, site.find('/')));
}

// Whether the finding is about entries and data alone, whatever lists the vmas are in.
bool is_about_entries(Rule rule) {
  return rule == Rule::mapcount || rule == Rule::wrong_data || rule == Rule::lost_data;
}
// Whether it is about vmas: how they came to be what they are.
bool is_about_vmas(Rule rule) {
  return rule == Rule::unreachable || rule == Rule::chain_order || rule == Rule::chain_mismatch ||
         rule == Rule::unfaulted_pgoff || rule == Rule::leak || rule == Rule::use_after_free;
}

// Chooses rows. Counts of references and mappings, and the lists that a vma is in, matter only
// where a rule is about them.
class Filter {
 public:
  explicit Filter(const Recording& r) : events_(r.trace.events()) {
    for (const Op& op : r.program.ops) ops_[op.task]++;
    if (!r.finding) return;
    const Rule rule = static_cast<Rule>(r.result.outcome.violation.rule);
    links_ = !is_about_entries(rule);
    vmas_ = is_about_vmas(rule);
    indexes_ = rule == Rule::unreachable || rule == Rule::unfaulted_pgoff;
    counts_ = rule == Rule::mapcount || rule == Rule::use_after_free || rule == Rule::leak;
  }

  bool matters(const Row& row) const {
    const Event& e = events_[row.event];
    if (e.kind >= EventKind::note) return note_matters(e, row);
    switch (e.kind) {
      case EventKind::lock:
      case EventKind::lock_shared:
      case EventKind::unlock:
      case EventKind::trylock:
      case EventKind::wait:
      case EventKind::rcu_wait:
      case EventKind::relax: return true;
      case EventKind::is_locked:
      case EventKind::choice: return e.a != 0;
      case EventKind::read: return read_matters(e, row) || stands_here(row);
      case EventKind::write: return write_matters(e, row) || stands_here(row);
      case EventKind::add: return counts_;
      default: return false;
    }
  }

 private:
  // Another cpu goes on after this step.
  bool stands_here(const Row& row) const {
    const uint32_t next = row.event + 1;
    return row.is_step && next < events_.size() && events_[next].task != events_[row.event].task;
  }

  bool note_matters(const Event& e, const Row& row) const {
    if (is_note(e, Note::op_begin)) return ops_[row.cpu] > 1;
    if (is_link_note(e)) return links_;
    if (is_mm_note(e)) return vmas_;
    if (is_tree_note(e)) return links_ && is_seen_gap(events_, row.event);
    return true;
  }

  bool read_matters(const Event& e, const Row& row) const {
    if (e.b == kFieldContents) return true;
    // What a page's index is computed from, which the story cites.
    if (indexes_ && kSites[e.site] == "page_add_anon_rmap/range") return row.is_step;
    if (e.object.cls != kPteObject)
      return counts_ && (e.b == kFieldMapcount || e.b == kFieldRefcount);
    // The walk's look says it, too.
    return row.is_step && !looks_next(row.event);
  }
  bool looks_next(uint32_t event) const {
    for (uint32_t i = event + 1; i < events_.size(); i++) {
      if (events_[i].task == events_[event].task) return is_note(events_[i], Note::walk_look);
    }
    return false;
  }

  bool write_matters(const Event& e, const Row& row) const {
    if (e.object.cls == kPageObject || e.object.cls == kAnonVmaObject) {
      const bool counter =
          e.b == kFieldRefcount || e.b == kFieldMapcount || e.b == kFieldAnonRefcount;
      return !counter || counts_;
    }
    return row.is_step || e.object.cls == kPteObject;
  }

  std::span<const Event> events_;
  uint32_t ops_[kCpusMax + 1] = {};
  bool indexes_ = false;
  bool counts_ = false;
  bool links_ = true;
  bool vmas_ = false;
};

// Joins a cell with the one before it, if together they are one thing.
class Merger {
 public:
  explicit Merger(const Recording& r) : events_(r.trace.events()) {}

  bool merge(Cell& into, const Cell& next) const {
    if (into.cpu != next.cpu || into.function != next.function) return false;
    const Event& a = events_[into.event];
    const Event& b = events_[next.event];
    return merge_move(into, next, a, b) || merge_locks(into, next, a, b) ||
           merge_section(into, next, a, b) || merge_range(into, next, a, b);
  }

 private:
  static bool absorb(Cell& into, const Cell& next, std::string verb, std::string what) {
    into.step = next.step;
    into.verb = std::move(verb);
    into.what = std::move(what);
    return true;
  }

  // "@8: mig p1 -> none" then "@1: none -> mig p1".
  static bool merge_move(Cell& into, const Cell& next, const Event& a, const Event& b) {
    if (into.verb != "clear" || next.verb != "set" || a.object.cls != kPteObject ||
        b.object.cls != kPteObject)
      return false;
    const std::string was = between(into.what, ": ", " -> ");
    const std::string becomes = pte_words(b.a);
    const std::string from = into.what.substr(0, into.what.find(": "));
    const std::string to = next.what.substr(0, next.what.find(": "));
    if (a.object == b.object)
      return absorb(into, next, "set", fmt::format("{}: {} -> {}", to, was, becomes));
    if (was != becomes) return false;
    return absorb(into, next, "move", fmt::format("{} -> {}: {}", from, to, was));
  }
  static std::string between(const std::string& text, std::string_view left,
                             std::string_view right) {
    const std::size_t from = text.find(left) + left.size();
    return text.substr(from, text.find(right, from) - from);
  }

  static bool merge_locks(Cell& into, const Cell& next, const Event& a, const Event& b) {
    const bool same =
        into.verb == next.verb && a.object.cls == b.object.cls && !(a.object == b.object);
    if (!same || (into.verb != "lock" && into.verb != "unlock") ||
        into.what.find(';') != std::string::npos)
      return false;
    if (a.object.cls != kPtl || into.what.find(',') != std::string::npos) return false;
    return absorb(into, next, into.verb, into.what + "," + next.what.substr(next.what.find(' ')));
  }

  // Nothing that matters happened under the lock.
  static bool merge_section(Cell& into, const Cell& next, const Event& a, const Event& b) {
    if (into.verb != "lock" || next.verb != "unlock" || !(a.object == b.object)) return false;
    if (into.what.find(';') != std::string::npos ||
        into.what.find("ptl @") != into.what.rfind("ptl @"))
      return false;
    return absorb(into, next, "lock", into.what + "; unlock");
  }

  // "vma 0 vm_start = 0", "vma 0 vm_end = 2", "vma 0 vm_pgoff = 0" are one range.
  static bool merge_range(Cell& into, const Cell& next, const Event& a, const Event& b) {
    const bool both = a.object.cls == kVmaObject && a.object == b.object &&
                      a.kind == EventKind::write && b.kind == a.kind;
    if (!both || a.b != kFieldVmStart) return false;
    const std::string vma = fmt::format("vma {}", a.object.ordinal);
    if (b.b == kFieldVmEnd && into.what.find("vm_end") == std::string::npos) {
      return absorb(into, next, "write",
                    fmt::format("{} vm_start = {}, vm_end = {}", vma, a.a, b.a));
    }
    const std::size_t end = into.what.find("vm_end = ");
    if (b.b != kFieldVmPgoff || end == std::string::npos) return false;
    const uint64_t last = std::stoull(into.what.substr(end + 9)) - 1;
    const std::string range =
        last == a.a ? fmt::format("@{}", a.a) : fmt::format("@{}-{}", a.a, last);
    return absorb(into, next, "write",
                  fmt::format("{} {} pgoff {}", vma, range, static_cast<int32_t>(b.a)));
  }

  std::span<const Event> events_;
};

Cell cell_of(const Row& row) {
  Cell cell;
  cell.step = row.step;
  cell.cpu = row.cpu;
  cell.event = row.event;
  cell.verb = row.verb;
  cell.what = row.what;
  cell.function = row.where;
  return cell;
}

// A livelock's table ends with its second retry since something has changed: all that follows is
// the same again.
void leave_out_repetitions(const Recording& r, std::vector<Cell>& cells) {
  const auto events = r.trace.events();
  uint32_t last_change = 0;
  for (uint32_t i = 0; i < events.size(); i++) {
    const EventKind kind = events[i].kind;
    const bool count = events[i].object.cls == kPageObject;  // Somebody tries to take a reference.
    if ((kind == EventKind::write && !count) || kind == EventKind::finish ||
        kind >= EventKind::note)
      last_change = i;
  }
  uint32_t retries = 0;
  for (std::size_t i = 0; i < cells.size(); i++) {
    if (cells[i].event < last_change || cells[i].verb != "relax" || ++retries < 2) continue;
    cells.resize(std::min(i + 2, cells.size()));
    cells.back().verb = "...";
    cells.back().what = "the same again";
    return;
  }
}

// Where a cpu could have gone on, but another one did.
class Preemptions {
 public:
  explicit Preemptions(const Recording& r) : turns_(turns_of(r)) {}

  // After the row, which comes behind all rows before it.
  void add(const Row& row, std::vector<Cell>& cells) {
    while (next_ < turns_.size() && turns_[next_].last < row.event) next_++;
    if (next_ == turns_.size() || turns_[next_].last != row.event || row.cpu == 0) return;
    const bool shown = !cells.empty() && cells.back().cpu == row.cpu;
    if (turns_[next_].end != TurnEnd::preempted || !shown) return;
    Cell cell;
    cell.step = row.step;
    cell.cpu = row.cpu;
    cell.event = row.event;
    cell.verb = "--";
    cell.what = "preempted";
    cells.push_back(cell);
  }

 private:
  std::vector<Turn> turns_;
  std::size_t next_ = 0;
};

}  // namespace

std::vector<Cell> all_cells(const Recording& r) {
  Preemptions preemptions(r);
  std::vector<Cell> cells;
  for (const Row& row : all_rows(r)) {
    cells.push_back(cell_of(row));
    preemptions.add(row, cells);
  }
  return cells;
}

std::vector<Cell> cells_that_matter(const Recording& r) {
  const Filter filter(r);
  const Merger merger(r);
  Preemptions preemptions(r);
  std::vector<Cell> cells;
  for (const Row& row : all_rows(r)) {
    if (filter.matters(row)) {
      Cell cell = cell_of(row);
      const bool branch = is_note(r.trace.events()[row.event], Note::cover);
      cell.function = branch ? "" : function_of(row.where);
      if (cells.empty() || !merger.merge(cells.back(), cell)) cells.push_back(cell);
    }
    preemptions.add(row, cells);
  }
  if (r.finding && r.finding->rule == "livelock") leave_out_repetitions(r, cells);
  return cells;
}

}  // namespace rmap
