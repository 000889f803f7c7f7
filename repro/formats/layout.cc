// SPDX-License-Identifier: Apache-2.0
#include "repro/formats/layout.h"

#include <fmt/format.h>

#include <algorithm>

#include "repro/print/text.h"

namespace rmap {
namespace {

constexpr std::size_t kGap = 2;  // Between columns.
constexpr std::size_t kVerbWidth = 7;
// What was done and to what; longer ones push the function to the right.
constexpr std::size_t kWhatWidth = 18;
constexpr std::size_t kNarrowWhatWidth = 12;
// Overlapping columns: so far apart, where most cells have room, though the widest must go on
// below.
constexpr std::size_t kApart = 20;
constexpr std::size_t kMostCells = 44;

// A line with colours, which are no columns.
class Line {
 public:
  explicit Line(std::string begin) : text_(std::move(begin)), columns_(text_.size()) {}

  void add(std::size_t column, const std::string& text, std::string_view colour) {
    text_ += std::string(column - std::min(column, columns_), ' ') + painted(text, colour);
    columns_ = column + text.size();
  }
  // Whether something that begins at `column` stands apart from what is there.
  bool has_room_at(std::size_t column) const { return columns_ + kGap <= column; }
  std::string finish() const { return text_ + "\n"; }

 private:
  std::string text_;
  std::size_t columns_;
};

class Layout {
 public:
  Layout(const Program& p, const std::vector<Cell>& cells, const FormatOptions& options)
      : cells_(cells), options_(options) {
    const uint32_t last_step = cells.empty() ? 0 : cells.back().step;
    step_width_ = std::max<std::size_t>(fmt::formatted_size("{}", last_step), 4);
    room_ = options.width - step_width_ - kGap;
    for (std::size_t what_width_max : {kWhatWidth, kNarrowWhatWidth}) {
      write(p, what_width_max);
      if (place_side_by_side()) return;
      if (distance_that_fits() >= kApart) break;
    }
    overlap();
  }

  std::string print() const {
    std::string text = print_header();
    for (std::size_t i = 0; i < cells_.size(); i++) text += print_cell(cells_[i], texts_[i]);
    return text;
  }

 private:
  struct Column {
    uint8_t cpu = 0;
    std::size_t what_width = 0;
    std::size_t width = 0;   // Of its cells and its header.
    std::size_t needed = 0;  // The finding has room as well.
    std::size_t begin = 0;
    std::vector<std::string> header = {};
    std::string function = {};  // Of the last cell.
  };

  Column& column_of(uint8_t cpu) {
    return *std::find_if(columns_.begin(), columns_.end(),
                         [&](const Column& c) { return c.cpu == cpu; });
  }
  const Column& column_of(uint8_t cpu) const { return const_cast<Layout*>(this)->column_of(cpu); }

  // --- What stands where -------------------------------------------------------------------------
  void write(const Program& p, std::size_t what_width_max) {
    columns_.clear();
    for (uint8_t cpu : cpus_of(cells_)) columns_.push_back(Column{.cpu = cpu});
    write_cells(what_width_max);
    for (Column& column : columns_) add_header(p, column);
  }

  void write_cells(std::size_t what_width_max) {
    for (const Cell& cell : cells_) {
      std::size_t& width = column_of(cell.cpu).what_width;
      if (!cell.marked) width = std::min(std::max(width, cell.what.size()), what_width_max);
    }
    texts_.clear();
    int previous = -1;
    for (const Cell& cell : cells_) {
      Column& column = column_of(cell.cpu);
      const bool repeats = previous == cell.cpu && column.function == cell.function;
      column.function = cell.function.empty() ? column.function : cell.function;
      previous = cell.cpu;
      texts_.push_back(text_of(cell, column, repeats));
      column.needed = std::max(column.needed, texts_.back().size());
      if (!cell.marked) column.width = std::max(column.width, texts_.back().size());
    }
  }

  // A function that is left out is that of the cell above.
  static std::string text_of(const Cell& cell, const Column& column, bool repeats) {
    if (cell.marked) return cell.verb + (cell.what.empty() ? "" : " ") + cell.what;
    std::string text = fmt::format("{:<{}} {}", cell.verb, kVerbWidth, cell.what);
    if (!repeats && !cell.function.empty())
      text = fmt::format("{:<{}} {}", text, kVerbWidth + 1 + column.what_width, cell.function);
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  }

  // "cpu1: mremap @8 +1 @1", with further operations below where one line is too short.
  void add_header(const Program& p, Column& column) const {
    const std::size_t share = room_ / columns_.size();
    column.header = lines_of(wrapped(cpu_name(column.cpu) + ": ", ops_words(p, column.cpu),
                                     std::max(share - kGap, kMostCells)));
    for (const std::string& line : column.header) {
      column.width = std::max(column.width, line.size());
      column.needed = std::max(column.needed, line.size());
    }
  }

  bool place_side_by_side() {
    std::size_t begin = 0;
    bool fit = true;
    for (Column& column : columns_) {
      column.begin = begin;
      fit &= begin + column.needed <= room_;
      begin += column.width + kGap;
    }
    return fit;
  }

  // So far apart that every cell has room.
  std::size_t distance_that_fits() const {
    std::size_t distance = room_;
    for (std::size_t i = 1; i < columns_.size(); i++)
      distance = std::min(distance, (room_ - std::min(columns_[i].needed, room_)) / i);
    return distance;
  }

  // At even distances, and no closer than it takes because of one long cell.
  void overlap() {
    if (columns_.size() < 2) return;
    const std::size_t most_fit = (room_ - kMostCells) / (columns_.size() - 1);
    const std::size_t distance = std::max(distance_that_fits(), std::min(kApart, most_fit));
    for (std::size_t i = 1; i < columns_.size(); i++)
      columns_[i].begin = std::min(columns_[i].begin, i * distance);
  }

  // --- Printing ----------------------------------------------------------------------------------
  std::string_view colour_of(const Cell& cell) const {
    if (!options_.colour) return "";
    return cell.marked ? colour_of_finding() : colour_of_cpu(cell.cpu);
  }

  // Beside each other, or below where there is no room.
  std::string print_header() const {
    std::vector<Line> lines = {Line(fmt::format("{:<{}}", "step", step_width_))};
    for (const Column& column : columns_) {
      const std::size_t begin = step_width_ + kGap + column.begin;
      std::size_t at = lines.size();
      while (at > 0 && lines[at - 1].has_room_at(begin)) at--;
      for (const std::string& text : column.header) {
        if (at == lines.size()) lines.emplace_back("");
        lines[at++].add(begin, text, options_.colour ? colour_of_cpu(column.cpu) : "");
      }
    }
    std::string text;
    for (const Line& line : lines) text += line.finish();
    return text;
  }

  std::string print_cell(const Cell& cell, const std::string& text) const {
    const std::size_t begin = column_of(cell.cpu).begin;
    std::string printed;
    for (const std::string& part : parts_of(text, room_ - begin)) {
      Line line(printed.empty() ? fmt::format("{:>{}}", cell.step, step_width_) : "");
      line.add(step_width_ + kGap + begin, part, colour_of(cell));
      printed += line.finish();
    }
    return printed;
  }

  // What goes on below stands under what was done, unless a name is too long for that.
  static std::vector<std::string> parts_of(const std::string& text, std::size_t room) {
    if (text.size() <= room) return {text};
    const std::size_t indent = std::min(kVerbWidth + 1, room - std::min(longest_word(text), room));
    return lines_of(wrapped("", text, room, indent));
  }

  const std::vector<Cell>& cells_;
  const FormatOptions& options_;
  std::size_t step_width_ = 0;
  std::size_t room_ = 0;  // For the columns.
  std::vector<Column> columns_;
  std::vector<std::string> texts_;  // Of the cells.
};

}  // namespace

std::string print_cells(const Program& p, const std::vector<Cell>& cells,
                        const FormatOptions& options) {
  return Layout(p, cells, options).print();
}

std::vector<uint8_t> cpus_of(const std::vector<Cell>& cells) {
  bool seen[kCpusMax + 1] = {};
  for (const Cell& cell : cells) seen[cell.cpu] = true;
  std::vector<uint8_t> cpus;
  for (uint8_t cpu = 0; cpu <= kCpusMax; cpu++) {
    if (seen[cpu]) cpus.push_back(cpu);
  }
  return cpus;
}

std::string ops_words(const Program& p, uint8_t cpu) {
  std::vector<std::string> ops;
  for (const Op& op : p.ops) {
    if (op.task == cpu) ops.push_back(unbroken(print_op(op)));
  }
  return fmt::format("{}", fmt::join(ops, "; "));
}

}  // namespace rmap
