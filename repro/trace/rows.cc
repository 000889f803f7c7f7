// SPDX-License-Identifier: Apache-2.0
#include "repro/trace/rows.h"

#include <fmt/format.h>

#include "core/model/world.h"
#include "repro/trace/shadow.h"

namespace rmap {
namespace {

using sched::Event;
using sched::EventKind;

// A page number as people think of it: an address below zero is what wraps.
std::string signed_page(uint64_t a) {
  return fmt::format("@{}", static_cast<int32_t>(static_cast<uint32_t>(a)));
}
// From an AnonVmaRef's word, or a root's.
std::string anon_vma_words(uint64_t word) {
  return (word & 0xff) == 0 ? "NULL" : fmt::format("anon_vma {}", (word & 0xff) - 1);
}

// Turns one event after the other into a row, following the page tables.
class RowMaker {
 public:
  explicit RowMaker(const Recording& r) : r_(r), tasks_(r.program), shadow_(r) {}

  Row make(uint32_t i) {
    const Event& e = r_.trace.events()[i];
    Row row;
    row.step = e.step;
    row.cpu = tasks_.cpu(e.task);
    row.is_step = e.step > last_step_;
    row.event = i;
    row.where = kSites[e.site];
    last_step_ = e.step;
    row.verb = e.kind < EventKind::note ? sched::event_verb(e.kind) : kNoteVerbs[note_index(e)];
    if (e.kind >= EventKind::note) {
      describe_note(e, row);
    } else if (e.kind == EventKind::read || e.kind == EventKind::write ||
               e.kind == EventKind::add) {
      describe_access(i, row);
    } else {
      describe_sync(e, row);
    }
    shadow_.apply(e);
    return row;
  }

 private:
  static std::size_t note_index(const Event& e) {
    return static_cast<std::size_t>(e.kind) - static_cast<std::size_t>(EventKind::note);
  }

  // --- Locks and waiting -------------------------------------------------------------------------
  void describe_sync(const Event& e, Row& row) const {
    row.what = e.object == sched::Object{} ? "" : shadow_.lock_name(e.object);
    switch (e.kind) {
      case EventKind::lock:
        if (e.object.cls == kMmapSem) row.what += ", write";
        break;
      case EventKind::lock_shared:
        row.verb = "lock";
        row.what += ", read";
        break;
      case EventKind::trylock:
        if (e.a == 0) row.what += " busy";
        break;
      case EventKind::is_locked: row.what += e.a != 0 ? ": yes" : ": no"; break;
      case EventKind::choice:
        row.verb = "alloc";
        row.what = e.a != 0 ? "fails" : "succeeds";
        break;
      case EventKind::stop: row.what = ending_name(static_cast<sched::Ending>(e.a)); break;
      case EventKind::rcu_lock:
      case EventKind::rcu_unlock: row.what = ""; break;
      default: break;
    }
  }

  // --- Accesses ----------------------------------------------------------------------------------
  void describe_access(uint32_t i, Row& row) {
    const Event& e = r_.trace.events()[i];
    switch (e.object.cls) {
      case kPteObject: return e.b == kFieldPte ? describe_pte(e, row) : describe_contents(i, row);
      case kPmdObject: return describe_pmd(e, row);
      case kVmaObject: return describe_vma(e, row);
      default: return describe_page(e, row);
    }
  }

  void describe_pte(const Event& e, Row& row) {
    row.what = fmt::format("{}: {}", place_words(e.object.ordinal), pte_words(e.a));
    if (e.kind == EventKind::read) {
      if (row.where.ends_with("/peek")) row.verb = "peek";  // Without the page-table lock.
      return;
    }
    row.verb = e.a == 0 ? "clear" : "set";
    row.what = fmt::format("{}: {} -> {}", place_words(e.object.ordinal),
                           pte_words(shadow_.entry(e.object.ordinal)), pte_words(e.a));
  }

  // What the user's program does. It faults if that is what its task does next.
  void describe_contents(uint32_t i, Row& row) const {
    const Event& e = r_.trace.events()[i];
    const bool write = e.kind == EventKind::write;
    row.verb = write ? "store" : "load";
    if (faults_next(i)) {
      row.what = fmt::format("{}: fault on {}", place_words(e.object.ordinal),
                             pte_words(shadow_.entry(e.object.ordinal)));
    } else if (write) {
      row.what = fmt::format("{} = {}", place_words(e.object.ordinal), e.a);
    } else {
      row.what = fmt::format("{}: {}", place_words(e.object.ordinal), e.a);
    }
  }

  bool faults_next(uint32_t i) const {
    const auto events = r_.trace.events();
    for (uint32_t k = i + 1; k < events.size(); k++) {
      if (events[k].task == events[i].task)
        return kSites[events[k].site] == "do_page_fault/mmap_sem";
    }
    return false;
  }

  void describe_pmd(const Event& e, Row& row) {
    const uint32_t first = e.object.ordinal % kTablesPerMm * kPtesPerTable;
    if (e.kind == EventKind::write) row.verb = e.a == 0 ? "clear" : "set";
    row.what = fmt::format(
        "pmd {}: {}", pages_words(first, first + kPtesPerTable, e.object.ordinal / kTablesPerMm),
        e.a == 0 ? "none" : "a table");
  }

  static void describe_vma(const Event& e, Row& row) {
    const std::string value =
        e.b == kFieldAnonVma ? anon_vma_words(e.a) : signed_page(e.a).substr(1);
    const std::string_view name = e.b == kFieldAnonVma ? "anon_vma" : kFields[e.b];
    row.what = fmt::format("vma {} {} = {}", e.object.ordinal, name, value);
  }

  static void describe_page(const Event& e, Row& row) {
    const bool anon = e.object.cls == kAnonVmaObject;
    const std::string subject = fmt::format("{}{}", anon ? "anon_vma " : "p", e.object.ordinal);
    if (kSites[e.site] == "isolate_lru_page/lru") {
      row.verb = "isolate";
      row.what =
          e.object.ordinal == FrameId{}.value
              ? "no page: none is mapped there"
              : fmt::format("{}{}", subject, e.a != 0 ? " from the lru" : ": not on the lru");
    } else if (e.b == kFieldAnonRoot) {
      row.what = fmt::format("{} root = {}", subject, anon_vma_words(e.a));
    } else if (e.b == kFieldMapping) {
      row.what = fmt::format("{} mapping = {}", subject, anon_vma_words(e.a));
    } else {
      row.what = fmt::format("{} {} = {}", subject, anon ? "refcount" : kFields[e.b], e.a);
    }
  }

  // --- The model's own events --------------------------------------------------------------------
  void describe_note(const Event& e, Row& row) const {
    switch (static_cast<Note>(e.kind)) {
      case Note::op_begin: row.what = print_op(r_.program.ops[static_cast<uint32_t>(e.a)]); break;
      case Note::op_end:
        row.what = fmt::format("{}: {}", op_info(r_.program.ops[op_of(e)].kind).name,
                               errno_name(-static_cast<int>(e.b)));
        break;
      case Note::walk_begin:
        row.what = fmt::format("for {}p{}", is_exact(e) ? "mig " : "", e.object.ordinal);
        break;
      case Note::walk_look:
        row.what = fmt::format("vma {} {}: {}", e.b, place_words(e.object.ordinal), pte_words(e.a));
        break;
      case Note::walk_outside:
        row.what = fmt::format("vma {} {}: outside", e.object.ordinal, signed_page(e.a));
        break;
      case Note::walk_end:
        row.what = e.a != 0 && is_exact(e) ? fmt::format("{} missed", e.a) : "";
        break;
      case Note::cover: row.what = row.where; break;
      case Note::link: row.what = list_words(e, "to anon_vma "); break;
      case Note::unlink: row.what = list_words(e, "from anon_vma "); break;
      case Note::requeue: row.what = list_words(e, "behind all of anon_vma "); break;
      case Note::insert: row.what = list_words(e, "into mm"); break;
      case Note::remove: row.what = list_words(e, "from mm"); break;
      case Note::detach: row.what = list_words(e, "from the tree of anon_vma "); break;
      case Note::attach: row.what = list_words(e, "to the tree of anon_vma "); break;
    }
  }
  static std::string list_words(const Event& e, std::string_view list) {
    return fmt::format("vma {} {}{}", e.object.ordinal, list, e.a);
  }
  static uint32_t op_of(const Event& e) { return static_cast<uint32_t>(e.a); }
  static bool is_exact(const Event& e) { return kSites[e.site] == "rmap_walk/walk"; }

  const Recording& r_;
  const Tasks tasks_;
  uint32_t last_step_ = 0;
  Shadow shadow_;
};

}  // namespace

std::string pte_words(uint64_t word) {
  const uint64_t frame = word & 0xff;
  switch (static_cast<PteKind>(word >> 16)) {
    case PteKind::none: return "none";
    case PteKind::present: return fmt::format("p{}", frame);
    case PteKind::migration: return fmt::format("mig p{}", frame);
    case PteKind::zero: return "zero";
  }
  return "?";
}

std::vector<Row> all_rows(const Recording& r) {
  std::vector<Row> rows;
  RowMaker maker(r);
  for (uint32_t i = 0; i < r.trace.events().size(); i++) rows.push_back(maker.make(i));
  return rows;
}

uint8_t finding_cpu(const Recording& r) {
  const sched::Outcome& o = r.result.outcome;
  if (o.ending == sched::Ending::violation && o.violation.task != sched::kNoTask) {
    return cpu_of_task(r.program, o.violation.task);
  }
  if (!o.waits.empty()) return cpu_of_task(r.program, o.waits[0].task);
  const auto events = r.trace.events();
  return events.empty() ? uint8_t{0} : cpu_of_task(r.program, events.back().task);
}

}  // namespace rmap
