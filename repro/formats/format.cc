// SPDX-License-Identifier: Apache-2.0
#include "repro/formats/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "repro/formats/columns.h"
#include "repro/story/story.h"

namespace rmap {
namespace {

constexpr Format kFormats[] = {
    {"columns", "one column per cpu, and the story", true, print_explanation},
    {"ftrace", "lines as the kernel's tracer prints them, to grep", false, print_ftrace},
    {"json", "one object per input, on one line", true, print_json_trace},
    {"mermaid", "a sequence diagram for Markdown", false, print_mermaid},
    {"perfetto", "Chrome trace events, for ui.perfetto.dev", false, print_perfetto},
};

}  // namespace

std::span<const Format> all_formats() { return kFormats; }

const Format* format_named(std::string_view name) {
  const auto* found = std::find_if(std::begin(kFormats), std::end(kFormats),
                                   [&](const Format& format) { return format.name == name; });
  return found == std::end(kFormats) ? nullptr : found;
}

std::string format_names() {
  std::vector<std::string_view> names;
  for (const Format& format : kFormats) names.push_back(format.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string print_explanation(const Recording& r, const FormatOptions& options) {
  const std::size_t width = std::min(options.width, kTextWidth);  // Of prose.
  const std::string story = print_story(r, width);
  const std::string summary = wrapped("SUMMARY: ", summary_of(r), width);
  std::string text = fmt::format("kernel   {}\n{}\n{}\n", r.kernel, print_setup(r, options.width),
                                 print_columns(r, options));
  if (r.trace.truncated()) text += "Only the beginning is shown: the trace was too long to keep.\n";
  text += (options.colour ? with_painted_cpus(story) : story) + "\n";
  for (const std::string& line : lines_of(summary))
    text += painted(line, options.colour && r.finding ? colour_of_finding() : "") + "\n";
  return r.replay.empty() ? text : text + wrapped_command("replay: ", r.replay, options.width);
}

}  // namespace rmap
