// SPDX-License-Identifier: Apache-2.0
#include "repro/formats/columns.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/anon_vma.h"
#include "core/world.h"
#include "repro/cells.h"
#include "repro/rows.h"

namespace rmap {
namespace {

constexpr std::size_t kLineWidth = 100;
constexpr std::size_t kStepWidth = 6;  // The step's column and the gap after it.
constexpr std::size_t kShortestName = 8;
constexpr std::size_t kVerbWidth = 7;
constexpr std::size_t kWhatWidth = 18;  // Longer ones push the function to the right.
constexpr std::size_t kNarrowest = 38;  // A cell that is longer does without its function.
constexpr std::size_t kWidest = 64;     // With every event and the whole site.

// The cpus that have operations; only the set-up when it never came to them.
std::vector<uint8_t> cpus_of(const std::vector<Cell>& cells) {
  bool seen[kCpusMax + 1] = {};
  for (const Cell& cell : cells) seen[cell.cpu] = true;
  std::vector<uint8_t> cpus;
  for (uint8_t cpu = 0; cpu <= kCpusMax; cpu++) {
    if (seen[cpu]) cpus.push_back(cpu);
  }
  return cpus;
}

std::vector<std::string> ops_of(const Program& p, uint8_t cpu) {
  std::vector<std::string> ops;
  for (const Op& op : p.ops) {
    if (op.task == cpu) ops.push_back(print_op(op));
  }
  return ops;
}

class Layout {
 public:
  Layout(const Recording& r, std::vector<Cell> cells, const FormatOptions& options)
      : r_(r), cells_(std::move(cells)), colour_(options.colour) {
    const std::size_t columns = std::max<std::size_t>(cpus_of(cells_).size(), 1);
    limit_ = options.all ? kWidest : std::max(kNarrowest, (kLineWidth - kStepWidth) / columns - 2);
    for (uint8_t cpu : cpus_of(cells_)) add_column(cpu);
  }

  std::string print() {
    std::string text = print_header();
    int previous = -1;
    for (const Cell& cell : cells_) {
      Column& column = column_of(cell.cpu);
      const bool repeats = previous == cell.cpu && column.function == cell.function;
      column.function = cell.function.empty() ? column.function : cell.function;
      previous = cell.cpu;
      text += print_line(cell, column, repeats);
    }
    return text;
  }

 private:
  struct Column {
    uint8_t cpu = 0;
    std::size_t what_width = 0;
    std::size_t width = 0;
    std::vector<std::string> header;
    std::string function;  // Of the last row.
  };

  void add_column(uint8_t cpu) {
    Column column;
    column.cpu = cpu;
    for (const Cell& cell : cells_) {
      if (cell.cpu == cpu && !cell.marked)
        column.what_width = std::max(column.what_width, cell.what.size());
    }
    column.what_width = std::min(column.what_width, kWhatWidth);
    column.header = header_lines(cpu);
    for (const std::string& line : column.header)
      column.width = std::max(column.width, line.size());
    for (const Cell& cell : cells_) {
      if (cell.cpu == cpu && !cell.marked)
        column.width = std::max(column.width, text_of(cell, column, false).size());
    }
    columns_.push_back(column);
  }

  // "cpu1: mremap @8 +1 @1", with further operations below where one line is too short.
  std::vector<std::string> header_lines(uint8_t cpu) const {
    std::vector<std::string> lines = {cpu_name(cpu) + ":"};
    bool first = true;
    for (const std::string& op : ops_of(r_.program, cpu)) {
      const bool fits = first || lines.back().size() + op.size() + 2 <= limit_;
      if (!first) lines.back() += ";";
      if (!fits) lines.push_back(std::string(5, ' '));
      lines.back() += " " + op;
      first = false;
    }
    return lines;
  }

  std::string text_of(const Cell& cell, const Column& column, bool repeats) const {
    if (cell.marked) return cell.verb + " " + cell.what;
    std::string text = fmt::format("{:<{}} {}", cell.verb, kVerbWidth, cell.what);
    if (repeats || cell.function.empty()) return text;
    const std::string full =
        fmt::format("{:<{}} {}", text, kVerbWidth + 1 + column.what_width, cell.function);
    if (full.size() <= limit_) return full;
    // A name that is too long is shortened, never left out: blank means "as above".
    const std::size_t room = full.size() - cell.function.size();
    const std::size_t kept = room + kShortestName < limit_ ? limit_ - room - 2 : kShortestName;
    return full.substr(0, room + kept) + "..";
  }

  Column& column_of(uint8_t cpu) {
    return *std::find_if(columns_.begin(), columns_.end(),
                         [&](const Column& c) { return c.cpu == cpu; });
  }

  std::string print_header() const {
    std::size_t lines = 0;
    for (const Column& column : columns_) lines = std::max(lines, column.header.size());
    std::string text;
    for (std::size_t i = 0; i < lines; i++) {
      std::string line = i == 0 ? "step  " : std::string(kStepWidth, ' ');
      for (const Column& column : columns_) {
        line += fmt::format("{:<{}}", i < column.header.size() ? column.header[i] : "",
                            column.width + 2);
      }
      text += trimmed(line);
    }
    return text;
  }

  std::string print_line(const Cell& cell, const Column& column, bool repeats) const {
    std::string line = fmt::format("{:>4}  ", cell.step);
    for (const Column& left : columns_) {
      if (left.cpu == cell.cpu) break;
      line += std::string(left.width + 2, ' ');
    }
    const std::string text = text_of(cell, column, repeats);
    line += cell.marked && colour_ ? fmt::format("{}{}{}", kRed, text, kPlain) : text;
    return trimmed(line);
  }

  static std::string trimmed(std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
  }

  const Recording& r_;
  std::vector<Cell> cells_;
  bool colour_;
  std::size_t limit_ = 0;
  std::vector<Column> columns_;
};

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
std::string not_begun(const Program& p, const std::vector<Cell>& cells) {
  const std::vector<uint8_t> seen = cpus_of(cells);
  std::string text;
  for (uint8_t cpu = 1; cpu <= kCpusMax; cpu++) {
    const std::vector<std::string> ops = ops_of(p, cpu);
    if (ops.empty() || std::find(seen.begin(), seen.end(), cpu) != seen.end()) continue;
    text += fmt::format("{} has not begun: {}\n", cpu_name(cpu), fmt::join(ops, "; "));
  }
  return text;
}

// One line per anon_vma: its vmas in the order in which a walk visits them.
std::string walk_orders(const World& w) {
  std::string text;
  for (uint32_t a = 0; a < kAnonVmasMax; a++) {
    const AnonVma& anon_vma = w.anon_vmas[a];
    if (!anon_vma.allocated || !anon_vma.head.valid()) continue;
    std::vector<std::string> vmas;
    for (AvcId id = anon_vma.head; id.valid(); id = w.avcs[id.value].next) {
      vmas.push_back(vma_words(w, w.avcs[id.value].vma));
    }
    text += fmt::format("         anon_vma {} holds {}{}\n", a, fmt::join(vmas, ", "),
                        vmas.size() > 1 ? "; walks visit them in this order" : "");
  }
  return text;
}

std::string entries_of(const World& w) {
  std::vector<std::string> entries;
  for (uint8_t mm = 0; mm < kMmsMax; mm++) {
    for (PageNr address = 0; address < kWindowPages; address++) {
      const uint8_t table = w.mms[mm].pmd[address / kPtesPerTable].peek();
      if (table == 0) continue;
      const Pte& pte = w.tables[table - 1].pte[address % kPtesPerTable];
      if (pte.none()) continue;
      entries.push_back(fmt::format("{} {}", place_name(MmId{mm}, address), pte_words(pte.word())));
    }
  }
  return entries.empty() ? "" : fmt::format("         entries {}\n", fmt::join(entries, ", "));
}

}  // namespace

std::string print_setup(const Recording& r) {
  const std::vector<std::string> ops = ops_of(r.program, 0);
  if (ops.empty()) return "setup    nothing\n";
  return fmt::format("setup    {}\n", fmt::join(ops, "; ")) + walk_orders(*r.start) +
         entries_of(*r.start);
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
  if (options.all || ends_in_setup) text += Layout(r, setup, options).print();
  if (!ends_in_setup) text += not_begun(r.program, cells) + Layout(r, cells, options).print();
  return text;
}

}  // namespace rmap
