// Reading what tools keep about a kernel in litmus text: witness, schedule, finding and trace.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>

#include "core/model/names.h"
#include "core/model/oracle_rules.h"
#include "core/program/litmus_line.h"
#include "core/text/hint.h"
#include "core/text/nearest.h"

namespace rmap {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r'; }

// How a step of a schedule is written, for messages.
std::string_view usage(sched::PlanKind kind) {
  switch (kind) {
    case sched::PlanKind::start: return "start CPU";
    case sched::PlanKind::preempt: return "preempt CPU SITE N CPU";
    case sched::PlanKind::next: return "next CPU SITE N CPU";
    case sched::PlanKind::data: return "data CPU SITE N VALUE";
  }
  return "";
}

bool is_rule(std::string_view name) {
  return rule_named(name) != Rule::none || name == "deadlock" || name == "livelock";
}

template <typename Line>
bool has_line_of(const std::vector<Line>& lines, std::string_view kernel) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](const Line& line) { return line.kernel == kernel; });
}

}  // namespace

void split_words(std::string_view line, std::vector<LitmusWord>& words) {
  words.clear();
  for (std::size_t i = 0; i < line.size();) {
    if (is_space(line[i])) {
      i++;
      continue;
    }
    std::size_t end = i + 1;
    if (line[i] != ';') {
      while (end < line.size() && !is_space(line[end]) && line[end] != ';') end++;
    }
    words.push_back({line.substr(i, end - i), static_cast<uint32_t>(i + 1)});
    i = end;
  }
}

bool KeptParser::parse(const Word& head, Words words) {
  if (head.text == "witness") return witness(words), true;
  if (head.text == "schedule") return schedule(words), true;
  if (head.text == "finding") return finding(words), true;
  if (head.text == "trace") return trace(words), true;
  return false;
}

void KeptParser::witness(Words words) {
  if (words.empty()) return line_.fail(line_.end(), "write it as: witness KERNEL BYTES");
  if (!line_.kernel(words[0])) return;
  litmus_.witnesses.push_back({std::string(words[0].text), {}, line_.number()});
  bytes(words.subspan(1), kDecisionsMax, litmus_.witnesses.back().decisions);
}

void KeptParser::bytes(Words words, std::size_t bytes_max, std::vector<uint8_t>& out) {
  for (const Word& word : words) {
    uint8_t value = 0;
    if (word.text.size() != 2) {
      return line_.fail(word,
                        fmt::format("'{}' should be a byte in two hexadecimal digits", word.text));
    }
    line_.number(word, 0, 0, 255, value, 16);
    if (out.size() == bytes_max)
      return line_.fail(word, fmt::format("more than {} decisions", kDecisionsMax));
    out.push_back(value);
  }
}

// KERNEL STEP; STEP ...
void KeptParser::schedule(Words words) {
  if (words.empty()) return line_.fail(line_.end(), "write it as: schedule KERNEL STEP; STEP ...");
  if (!line_.kernel(words[0])) return;
  auto& all = litmus_.schedules;
  const auto same = std::find_if(all.begin(), all.end(),
                                 [&](const Schedule& s) { return s.kernel == words[0].text; });
  current_ = static_cast<std::size_t>(same - all.begin());
  if (same == all.end()) all.push_back({std::string(words[0].text), {}, {}});
  all[current_].lines.push_back(line_.number());
  line_.for_each_part(words.subspan(1), [&](Words part) {
    if (line_.ok()) step(part);
  });
}

void KeptParser::step(Words part) {
  const auto kind =
      std::find(std::begin(sched::kPlanKinds), std::end(sched::kPlanKinds), part[0].text);
  if (kind == std::end(sched::kPlanKinds)) {
    return line_.fail(part[0], fmt::format("'{}' begins no step of a schedule; known: {}",
                                           part[0].text, fmt::join(sched::kPlanKinds, ", ")));
  }
  sched::PlanStep step;
  step.kind = static_cast<sched::PlanKind>(kind - std::begin(sched::kPlanKinds));
  const std::size_t n = step.kind == sched::PlanKind::start ? 2 : 5;
  if (part.size() != n) {
    return line_.fail(part.size() < n ? line_.end() : part[n],
                      fmt::format("write it as: {}", usage(step.kind)));
  }
  if (step.kind != sched::PlanKind::start) place(part, step);
  if (step.kind == sched::PlanKind::data) {
    line_.number(part.back(), 0, 1, 255, step.choice);
  } else {
    step.choice = cpu(part.back(), true);
  }
  sched::Plan& plan = litmus_.schedules[current_].plan;
  if (plan.size() == kDecisionsMax)
    return line_.fail(part[0], fmt::format("more than {} steps", kDecisionsMax));
  plan.push_back(step);
}

// CPU SITE N
void KeptParser::place(Words part, sched::PlanStep& step) {
  step.task = cpu(part[1], false);
  if (part[2].text != "-") {
    const auto site = site_named(part[2].text);
    if (!site) {
      return line_.fail(part[2],
                        fmt::format("no site is called '{}'{}; `{} sites` lists them", part[2].text,
                                    did_you_mean(part[2].text, kSites), tool()));
    }
    step.site = *site;
  }
  line_.number(part[3], 0, 1, 0xffff, step.nth);
}

// The number of the cpu, 0 for the set-up, which cannot be chosen.
uint8_t KeptParser::cpu(const Word& word, bool is_choice) {
  cpus_.push_back(
      {current_, litmus_.schedules[current_].plan.size(), is_choice, line_.number(), word.column});
  if (!is_choice && word.text == "setup") return 0;
  uint8_t number = 0;
  if (word.text.starts_with("cpu") && word.text.size() == 4) {
    line_.number(word, 3, 1, kCpusMax, number);
  } else {
    line_.fail(word, fmt::format("'{}' should be cpu1 to cpu{}{}", word.text, kCpusMax,
                                 is_choice ? "" : ", or setup"));
  }
  return number;
}

// KERNEL SIGNATURE
void KeptParser::finding(Words words) {
  if (words.size() != 2) {
    return line_.fail(words.size() < 2 ? line_.end() : words[2],
                      "write it as: finding KERNEL SIGNATURE");
  }
  if (!line_.kernel(words[0])) return;
  if (has_line_of(litmus_.findings, words[0].text))
    return line_.fail(words[0], fmt::format("a second finding of {}", words[0].text));
  KeptFinding f{std::string(words[0].text), std::string(words[1].text), line_.number()};
  if (!is_rule(f.rule()) || f.signature.size() <= f.rule().size() + 2) {
    return line_.fail(
        words[1], fmt::format("a signature is written RULE--MANNER--OPERATIONS--SITES; `{} rules` "
                              "lists the rules, and deadlock and livelock are two more",
                              tool()));
  }
  litmus_.findings.push_back(std::move(f));
}

// KERNEL model N HASH
void KeptParser::trace(Words words) {
  if (words.size() != 4 || words[1].text != "model")
    return line_.fail(line_.end(), "write it as: trace KERNEL model N HASH");
  if (!line_.kernel(words[0])) return;
  if (has_line_of(litmus_.traces, words[0].text))
    return line_.fail(words[0], fmt::format("a second trace of {}", words[0].text));
  KeptTrace t{std::string(words[0].text), 0, 0, line_.number()};
  line_.number(words[2], 0, 1, ~0u, t.model);
  if (words[3].text.size() != 16)
    return line_.fail(words[3], "a trace hash has 16 hexadecimal digits");
  line_.number(words[3], 0, 0, ~0ull, t.hash, 16);
  litmus_.traces.push_back(std::move(t));
}

void KeptParser::finish() {
  if (!line_.ok()) return;
  const Tasks tasks(litmus_.program);
  for (const Cpu& at : cpus_) {
    sched::PlanStep& step = litmus_.schedules[at.schedule].plan[at.step];
    uint8_t& which = at.is_choice ? step.choice : step.task;
    const uint8_t cpu = which;
    which = tasks.task(cpu);
    if (which == sched::kNoTask)
      return line_.fail(at.line, at.column, fmt::format("cpu{} has no operations", cpu));
  }
}

}  // namespace rmap
