// Writing litmus text.
// SPDX-License-Identifier: Apache-2.0
#include "core/litmus.h"

#include <fmt/format.h>

#include <algorithm>

namespace rmap {
namespace {

std::string print_bytes(const uint8_t* bytes, std::size_t n) {
  return fmt::format("{:02x}", fmt::join(bytes, bytes + n, " "));
}

}  // namespace

std::string_view verdict_name(Verdict v) {
  switch (v) {
    case Verdict::never: return "never";
    case Verdict::sometimes: return "sometimes";
    case Verdict::always: return "always";
  }
  return "";
}

std::string print_op(const Op& op) {
  const OpInfo& info = op_info(op.kind);
  std::string text(info.name);
  if (op.mm != 0) text += fmt::format(" mm{}", op.mm);
  for (char operand : info.operands) {
    if (operand == 'A') text += fmt::format(" @{}", op.address);
    if (operand == 'L') text += fmt::format(" +{}", op.length);
    if (operand == 'C') text += fmt::format(" to mm{}", op.address2);
    if ((operand == 'B' || operand == 'b') && info.has_second_address(op.flags))
      text += fmt::format(" @{}", op.address2);
    if (operand == 'm' && op.length2 != 0) text += fmt::format(" +{}", op.length2);
  }
  if (op.flags != 0) text += fmt::format(" {}", info.flag_name(op.flags));
  return text;
}

std::string print_expectation(const Expectation& e) {
  std::string text = e.kernel;
  if (e.rule != Rule::none) text += fmt::format(" {}", rule_info(e.rule).name);
  text += fmt::format(" {}", verdict_name(e.verdict));
  if (!e.counted) return text;
  text += fmt::format(" {}/{}", e.failing, e.total);
  return text + (e.complete ? " complete" : fmt::format(" @{}", e.preemptions));
}

std::string print_litmus(const Litmus& l) {
  std::string text = fmt::format("litmus   {}\n", l.name);
  for (const Entry& e : l.entries) {
    text += fmt::format("entry    {} {} {}\n", e.number, e.commit.empty() ? "-" : e.commit,
                        e.description);
  }
  const Program& p = l.program;
  for (uint8_t task = 0; task <= kCpusMax; task++) {
    std::vector<std::string> ops;
    for (const Op& op : p.ops) {
      if (op.task == task) ops.push_back(print_op(op));
    }
    if (ops.empty()) continue;
    text += fmt::format("{:<8} {}\n", task == 0 ? "setup" : fmt::format("cpu{}", task),
                        fmt::join(ops, "; "));
  }
  if (p.failures != 0) text += fmt::format("failures {}\n", p.failures);
  if (p.strategy != StrategyId::direct)
    text += fmt::format("strategy {}\n", kStrategyNames[static_cast<uint8_t>(p.strategy)]);
  if (p.tail != 0) text += fmt::format("tail     {}\n", p.tail);
  if (!p.decisions.empty())
    text += fmt::format("decisions {}\n", print_bytes(p.decisions.data(), p.decisions.size()));
  for (const Expectation& e : l.expectations)
    text += fmt::format("expect   {}\n", print_expectation(e));
  for (const Reach& r : l.reaches)
    text += fmt::format("reach    {} {}\n", r.kernel, fmt::join(r.sites, " "));
  for (const Witness& w : l.witnesses) {
    text += fmt::format("witness  {} {}\n", w.kernel,
                        print_bytes(w.decisions.data(), w.decisions.size()));
  }
  return text;
}

std::string update_expectations(std::string_view text, const Litmus& litmus) {
  std::string out;
  uint32_t line = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    line++;
    std::vector<std::string> entries;
    for (const Expectation& e : litmus.expectations) {
      if (e.line == line) entries.push_back(print_expectation(e));
    }
    if (entries.empty()) {
      out += text.substr(at, end - at);
    } else {
      out += fmt::format("expect   {}", fmt::join(entries, "; "));
    }
    if (end < text.size()) out += '\n';
    at = end + 1;
  }
  return out;
}

}  // namespace rmap
