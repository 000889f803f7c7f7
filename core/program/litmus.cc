// Writing litmus text.
// SPDX-License-Identifier: Apache-2.0
#include "core/program/litmus.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/model/names.h"

namespace rmap {
namespace {

std::string print_bytes(const uint8_t* bytes, std::size_t n) {
  return fmt::format("{:02x}", fmt::join(bytes, bytes + n, " "));
}

constexpr std::size_t kColumns = 100;  // Longer lines of a schedule are broken.

std::string print_step(const sched::PlanStep& s, const Tasks& tasks) {
  const auto cpu = [&](sched::TaskId task) {
    return task == 0 ? "setup" : fmt::format("cpu{}", tasks.cpu(task));
  };
  const std::string_view kind = sched::kPlanKinds[static_cast<uint8_t>(s.kind)];
  if (s.kind == sched::PlanKind::start) return fmt::format("{} {}", kind, cpu(s.choice));
  const std::string_view site = s.site.index == 0 ? "-" : kSites[s.site.index];
  const bool is_data = s.kind == sched::PlanKind::data;
  return fmt::format("{} {} {} {} {}", kind, cpu(s.task), site, s.nth,
                     is_data ? fmt::format("{}", s.choice) : cpu(s.choice));
}

// As many lines as it takes, without the last newline.
std::string print_schedule(const Schedule& s, const Program& p) {
  const Tasks tasks(p);
  const std::string head = fmt::format("schedule {}", s.kernel);
  std::string text = head;
  std::size_t width = head.size();
  for (std::size_t i = 0; i < s.plan.size(); i++) {
    const std::string step = print_step(s.plan[i], tasks);
    if (i > 0 && width + 2 + step.size() > kColumns) {
      text += fmt::format("\n{} {}", head, step);
      width = head.size() + 1 + step.size();
    } else {
      text += fmt::format("{} {}", i > 0 ? ";" : "", step);
      width += step.size() + (i > 0 ? 2 : 1);
    }
  }
  return text;
}

std::string print_finding(const KeptFinding& f) {
  return fmt::format("finding  {} {}", f.kernel, f.signature);
}

std::string print_kept_trace(const KeptTrace& t) {
  return fmt::format("trace    {} model {} {:016x}", t.kernel, t.model, t.hash);
}

std::string print_witness(const Witness& w) {
  const std::string bytes = print_bytes(w.decisions.data(), w.decisions.size());
  return fmt::format("witness  {}{}{}", w.kernel, bytes.empty() ? "" : " ", bytes);
}

// `text` with what `line` gives for the number of a line in its place: nothing leaves the line as
// it is, an empty one takes it away.
template <typename Line>
std::string rewrite_lines(std::string_view text, Line line) {
  std::string out;
  uint32_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::optional<std::string> now = line(++number);
    const std::string_view words = now ? *now : text.substr(at, end - at);
    out += words;
    if (end < text.size() && !(now && words.empty())) out += '\n';
    at = end + 1;
  }
  return out;
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
  text += fmt::format(" {}{}", verdict_name(e.verdict), e.vacuous ? " vacuous" : "");
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
  for (const Schedule& s : l.schedules) text += print_schedule(s, p) + "\n";
  for (const KeptFinding& f : l.findings) text += print_finding(f) + "\n";
  for (const KeptTrace& t : l.traces) text += print_kept_trace(t) + "\n";
  for (const Witness& w : l.witnesses) text += print_witness(w) + "\n";
  return text;
}

std::string update_expectations(std::string_view text, const Litmus& litmus) {
  return rewrite_lines(text, [&](uint32_t line) -> std::optional<std::string> {
    std::vector<std::string> entries;
    for (const Expectation& e : litmus.expectations) {
      if (e.line == line) entries.push_back(print_expectation(e));
    }
    if (entries.empty()) return std::nullopt;
    return fmt::format("expect   {}", fmt::join(entries, "; "));
  });
}

std::string update_kept(std::string_view text, const Litmus& litmus, std::string_view kernel) {
  std::vector<std::pair<uint32_t, std::string>> now;  // By line; 0: it has none yet.
  std::vector<uint32_t> gone;                         // The further lines of the schedule.
  const auto add = [&](const std::string& of, uint32_t line, std::string words) {
    if (of == kernel) now.emplace_back(line, std::move(words));
  };
  for (const Schedule& s : litmus.schedules) {
    add(s.kernel, s.lines.empty() ? 0 : s.lines[0], print_schedule(s, litmus.program));
    if (s.kernel == kernel && !s.lines.empty())
      gone.insert(gone.end(), s.lines.begin() + 1, s.lines.end());
  }
  for (const KeptFinding& f : litmus.findings) add(f.kernel, f.line, print_finding(f));
  for (const KeptTrace& t : litmus.traces) add(t.kernel, t.line, print_kept_trace(t));
  for (const Witness& w : litmus.witnesses) add(w.kernel, w.line, print_witness(w));
  std::string out = rewrite_lines(text, [&](uint32_t line) -> std::optional<std::string> {
    if (std::find(gone.begin(), gone.end(), line) != gone.end()) return "";
    for (const auto& [at, words] : now) {
      if (at == line) return words;
    }
    return std::nullopt;
  });
  for (const auto& [at, words] : now) {
    if (at != 0) continue;
    if (!out.empty() && out.back() != '\n') out += '\n';
    out += words + '\n';
  }
  return out;
}

}  // namespace rmap
