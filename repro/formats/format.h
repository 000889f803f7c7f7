// Formats: what `explain` can print an execution as. One file each in this folder, one row in
// format.cc.
//
// Printers are pure functions of a recording, and all say the same: columns for a terminal, ftrace
// for people who grep, json for programs, mermaid for a mailing list or an issue, perfetto for
// ui.perfetto.dev.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "repro/print/text.h"
#include "repro/run/session.h"

namespace rmap {

struct FormatOptions {
  bool all = false;                // Every event, and the set-up's; where a format leaves some out.
  bool colour = false;             // Only columns have any,
  std::size_t width = kTextWidth;  // and only they heed it; prose never takes more than kTextWidth.
};

struct Format {
  std::string_view name;
  std::string_view meaning;
  bool concatenates = false;  // Several inputs make one readable output.
  std::string (*print)(const Recording& r, const FormatOptions& options) = nullptr;
};
std::span<const Format> all_formats();
// Null when there is none of that name.
const Format* format_named(std::string_view name);
// "columns, ftrace, json, mermaid, perfetto"
std::string format_names();

// Columns, the story, the summary, and how to replay it.
std::string print_explanation(const Recording& r, const FormatOptions& options);
// As /sys/kernel/tracing/trace has it: one line an event, a step is a microsecond. The story stands
// in comments at the end.
std::string print_ftrace(const Recording& r, const FormatOptions& options);
// One object on one line; keys are sorted. See json.cc for the schema.
std::string print_json_trace(const Recording& r, const FormatOptions& options);
// A sequence diagram: what the story tells, and which task goes on when.
std::string print_mermaid(const Recording& r, const FormatOptions& options);
// Chrome trace events. A cpu is a thread; locks are a process of their own, as they need not nest.
std::string print_perfetto(const Recording& r, const FormatOptions& options);

}  // namespace rmap
