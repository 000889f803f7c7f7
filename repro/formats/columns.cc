// SPDX-License-Identifier: Apache-2.0
#include "repro/formats/columns.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/mm/rmap/anon_vma.h"
#include "core/model/world.h"
#include "repro/formats/layout.h"
#include "repro/print/text.h"
#include "repro/trace/cells.h"
#include "repro/trace/rows.h"

namespace rmap {
namespace {

constexpr std::size_t kSetupIndent = 9;

// The entry that was missed is in no page table when the walk ends.
bool is_in_a_register(const Recording& r) {
  const FindingDetail d = unpack_detail(r.result.outcome.violation);
  const uint32_t place = d.mm.value * kWindowPages + d.address;
  uint64_t word = 0;
  for (const sched::Event& e : r.trace.events()) {
    if (e.kind == sched::EventKind::write && e.object == sched::make_object(kPteObject, place) &&
        e.b == kFieldPte)
      word = e.a;
  }
  return word == 0;
}

void add_mark(const Recording& r, std::vector<Cell>& cells) {
  if (!r.finding) return;
  // The mark says it better.
  if (!cells.empty() && cells.back().verb == "walk-end") cells.pop_back();
  Cell mark;
  mark.step = r.result.outcome.ending == sched::Ending::violation ? r.result.outcome.violation.step
                                                                  : r.result.outcome.steps;
  if (mark.step == 0) mark.step = r.result.outcome.steps;
  mark.cpu = finding_cpu(r);
  mark.marked = true;
  const std::string text = finding_mark(r);
  mark.verb = text.substr(0, text.find(' '));
  mark.what = text.substr(std::min(text.find(' '), text.size() - 1) + 1);
  cells.push_back(mark);
}

std::string vma_words(const World& w, VmaId id) {
  const Vma& vma = w.vmas[id.value];
  const PageNr start = vma.vm_start.peek();
  const PageNr last = vma.vm_end.peek() - 1;
  const std::string range =
      last == start ? fmt::format("@{}", start) : fmt::format("@{}-{}", start, last);
  const std::string mm = vma.mm.value == 0 ? "" : fmt::format(" of mm{}", vma.mm.value);
  return fmt::format("vma {} {}{} pgoff {}", id.value, range, mm,
                     static_cast<int32_t>(vma.vm_pgoff.peek()));
}

// The cpus that have operations and no row.
std::string not_begun(const Program& p, const std::vector<Cell>& cells, std::size_t width) {
  const std::vector<uint8_t> seen = cpus_of(cells);
  std::string text;
  for (uint8_t cpu = 1; cpu <= kCpusMax; cpu++) {
    const std::string ops = ops_words(p, cpu);
    if (ops.empty() || std::find(seen.begin(), seen.end(), cpu) != seen.end()) continue;
    text += wrapped(fmt::format("{} has not begun: ", cpu_name(cpu)), ops, width);
  }
  return text;
}

// A line of the set-up's state; what goes on below is indented a little more.
std::string state_line(const std::string& text, std::size_t width) {
  return wrapped(std::string(kSetupIndent, ' '), text, width, kSetupIndent + 2);
}

// One line per anon_vma: its vmas in the order in which a walk visits them.
std::string walk_orders(const World& w, std::size_t width) {
  std::string text;
  for (uint32_t a = 0; a < kAnonVmasMax; a++) {
    const AnonVma& anon_vma = w.anon_vmas[a];
    if (!anon_vma.allocated || !anon_vma.head.valid()) continue;
    std::vector<std::string> vmas;
    for (AvcId id = anon_vma.head; id.valid(); id = w.avcs[id.value].next) {
      vmas.push_back(unbroken(vma_words(w, w.avcs[id.value].vma)));
    }
    text += state_line(fmt::format("anon_vma {} holds {}{}", a, fmt::join(vmas, ", "),
                                   vmas.size() > 1 ? "; walks visit them in this order" : ""),
                       width);
  }
  return text;
}

std::string entries_of(const World& w, std::size_t width) {
  std::vector<std::string> entries;
  for (uint8_t mm = 0; mm < kMmsMax; mm++) {
    for (PageNr address = 0; address < kWindowPages; address++) {
      const uint8_t table = w.mms[mm].pmd[address / kPtesPerTable].peek();
      if (table == 0) continue;
      const Pte& pte = w.tables[table - 1].pte[address % kPtesPerTable];
      if (pte.none()) continue;
      entries.push_back(
          unbroken(fmt::format("{} {}", place_name(MmId{mm}, address), pte_words(pte.word()))));
    }
  }
  if (entries.empty()) return {};
  return state_line(fmt::format("entries {}", fmt::join(entries, ", ")), width);
}

}  // namespace

std::string print_setup(const Recording& r, std::size_t width) {
  const std::string ops = ops_words(r.program, 0);
  if (ops.empty()) return "setup    nothing\n";
  return wrapped("setup    ", ops, width) + walk_orders(*r.start, width) +
         entries_of(*r.start, width);
}

std::string finding_mark(const Recording& r) {
  const sched::Violation& v = r.result.outcome.violation;
  if (r.result.outcome.ending != sched::Ending::violation)
    return r.finding->rule == "deadlock" ? "DEADLOCK" : "LIVELOCK";
  const FindingDetail d = unpack_detail(v);
  if (static_cast<Rule>(v.rule) == Rule::missed_pte) {
    return fmt::format(
        "MISSED migration entry of p{}, {}", v.object.ordinal,
        is_in_a_register(r) ? "now in a register" : "now at " + place_name(d.mm, d.address));
  }
  std::string text = "BROKEN " + r.finding->rule;
  if (v.object.cls != kNoObject) text += ": " + object_name(v.object);
  return text;
}

std::string print_columns(const Recording& r, const FormatOptions& options) {
  std::vector<Cell> cells = options.all ? all_cells(r) : cells_that_matter(r);
  const auto is_setup = [](const Cell& cell) { return cell.cpu == 0; };
  std::vector<Cell> setup;
  std::copy_if(cells.begin(), cells.end(), std::back_inserter(setup), is_setup);
  std::erase_if(cells, is_setup);
  const bool ends_in_setup = cells.empty();
  if (ends_in_setup) add_mark(r, setup);
  if (!ends_in_setup) add_mark(r, cells);
  std::string text;
  if (options.all || ends_in_setup) text += print_cells(r.program, setup, options);
  if (!ends_in_setup)
    text += not_begun(r.program, cells, options.width) + print_cells(r.program, cells, options);
  return text;
}

}  // namespace rmap
