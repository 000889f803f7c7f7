// An execution as a sequence diagram of Mermaid, which GitHub and GitLab draw inside Markdown.
//
// A cpu is a participant; what the story tells of it is a note, each line with its step; an arrow
// says that another cpu goes on, and why. The story itself stands in comments at the end.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "core/program/litmus.h"
#include "repro/formats/columns.h"
#include "repro/formats/format.h"
#include "repro/story/story.h"

namespace rmap {
namespace {

constexpr std::size_t kNoteWidth = 44;

// Mermaid ends a statement at ';' and takes '#' for the beginning of an entity code.
std::string escaped(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (c == ';') {
      out += "#59;";
    } else if (c == '#') {
      out += "#35;";
    } else if (c == '"') {
      out += "#quot;";
    } else if (c == '<') {
      out += "#lt;";
    } else if (c == '>') {
      out += "#gt;";
    } else {
      out += c;
    }
  }
  return out;
}

// Lines of a note, broken where words end.
std::string note_lines(const std::string& text) {
  std::string out;
  std::string line;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    if (!line.empty() && line.size() + 1 + word.size() > kNoteWidth) {
      out += escaped(line) + "<br/>";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
    at = end + 1;
  }
  return out + escaped(line);
}

std::string participants(const Recording& r, const std::vector<Scene>& scenes) {
  std::string text;
  for (uint8_t cpu = 0; cpu <= kCpusMax; cpu++) {
    const bool told = std::any_of(scenes.begin(), scenes.end(),
                                  [&](const Scene& scene) { return scene.cpu == cpu; });
    std::vector<std::string> ops;
    for (const Op& op : r.program.ops) {
      if (op.task == cpu) ops.push_back(escaped(print_op(op)));
    }
    if (ops.empty() || (cpu == 0 && !told)) continue;
    text +=
        fmt::format("    participant {0} as {0}: {1}\n", cpu_name(cpu), fmt::join(ops, "<br/>"));
  }
  return text;
}

std::string note(uint8_t cpu, const std::string& lines) {
  return fmt::format("    Note over {}: {}\n", cpu_name(cpu), lines);
}

std::string red_note(uint8_t cpu, const std::string& lines) {
  return fmt::format("    rect rgb(255, 205, 205)\n    {}    end\n", note(cpu, lines));
}

// What the operations of an execution without a finding returned.
std::string results(const Recording& r) {
  std::string text;
  for (uint32_t i = 0; i < r.program.ops.size(); i++) {
    const Op& op = r.program.ops[i];
    const std::string result =
        r.result.ops[i].ran ? std::string(errno_name(r.result.ops[i].error)) : "has not begun";
    if (op.task != 0)
      text += note(op.task, note_lines(fmt::format("{}: {}", print_op(op), result)));
  }
  return text;
}

// The first cpu with an operation; cpu 0 if there is none.
uint8_t some_cpu(const Recording& r) {
  for (const Op& op : r.program.ops) {
    if (op.task != 0) return op.task;
  }
  return 0;
}

}  // namespace

std::string print_mermaid(const Recording& r, const FormatOptions&) {
  const std::vector<Scene> scenes = scenes_of(r);
  std::string text = "sequenceDiagram\n";
  text += fmt::format("    %% {}\n", summary_of(r)) + participants(r, scenes);
  for (std::size_t i = 0; i < scenes.size(); i++) {
    const Scene& scene = scenes[i];
    std::vector<std::string> lines;
    for (const Scene::Line& line : scene.lines)
      lines.push_back(note_lines(fmt::format("{}: {}", line.step, line.text)));
    if (!lines.empty()) text += note(scene.cpu, fmt::format("{}", fmt::join(lines, "<br/>")));
    const bool switches = i + 1 < scenes.size() && scenes[i + 1].cpu != scene.cpu;
    if (switches)
      text += fmt::format("    {}-->>{}: {}\n", cpu_name(scene.cpu), cpu_name(scenes[i + 1].cpu),
                          scene.end.empty() ? "goes on" : escaped(scene.end));
  }
  if (!r.finding) text += results(r);
  if (r.finding) {
    const bool by_cpu = !scenes.empty();
    text += red_note(by_cpu ? finding_cpu(r) : some_cpu(r), note_lines(finding_mark(r)));
  }
  std::string story = print_story(r) + "SUMMARY: " + summary_of(r) + "\n";
  if (!r.replay.empty()) story += "replay: " + r.replay + "\n";
  for (std::size_t at = 0; at < story.size();) {
    const std::size_t end = std::min(story.find('\n', at), story.size());
    text += "%% " + story.substr(at, end - at) + "\n";
    at = end + 1;
  }
  return text;
}

}  // namespace rmap
