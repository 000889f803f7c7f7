// SPDX-License-Identifier: Apache-2.0
#include "fuzz/tools/explain_claims.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "repro/keep/regression.h"

namespace rmap {
namespace {

bool is_json_format(std::string_view name) { return name == "json" || name == "perfetto"; }

// "0x" and a digit: no format prints any number like that.
bool has_address(std::string_view text) {
  for (std::size_t at = text.find("0x"); at != std::string_view::npos; at = text.find("0x", at + 2))
    if (at + 2 < text.size() && std::isxdigit(static_cast<unsigned char>(text[at + 2])))
      return true;
  return false;
}

bool is_printable(std::string_view text, bool colour) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    const auto u = static_cast<unsigned char>(c);
    return (u >= 0x20 && u < 0x7f) || c == '\n' || (colour && c == '\033');
  });
}

Check check_printed(const Format& format, const FormatOptions& options, const std::string& text) {
  if (text.empty() || text.back() != '\n')
    return Broken{"explain-cut", "what is explained ends with a line", text};
  if (!is_printable(text, options.colour))
    return Broken{"explain-unprintable", "what is explained is printable ASCII", text};
  if (has_address(text))
    return Broken{"explain-address", "what is explained has no addresses", text};
  if (is_json_format(format.name) && !nlohmann::json::accept(text))
    return Broken{"explain-no-json", "what is explained as JSON is JSON", text};
  return {};
}

Broken broken_keep(std::string_view token, std::string_view claim, const std::string& text) {
  return {token, claim, text};
}

Check check_kept_text(const FuzzedKernel& kernel, const KeptText& kept, KeepFunction keep) {
  const std::string& text = kept.text;
  const LitmusResult parsed = parse_litmus(text);
  if (!parsed.litmus)
    return broken_keep("keep-refused", "a kept regression is litmus text",
                       parsed.error.message + "\n" + text);
  const Litmus& l = *parsed.litmus;
  if (print_litmus(l) != text)
    return broken_keep("keep-other-text", "a kept regression prints as itself", text);
  if (!says_only_what_is_kept(l, text, kernel.named.kernel))
    return broken_keep("keep-more", "a kept regression says only what is kept", text);
  Program p = l.program;
  if (l.witnesses.size() != 1 || !use_decisions(p, l.witnesses[0].decisions))
    return broken_keep("keep-witness", "a kept regression has one witness", text);
  const std::optional<KeptText> again = keep(kernel.executor, kernel.named.name, p, l.name, text);
  if (!again || again->text != text)
    return broken_keep("keep-again", "a kept regression is kept as itself", text);
  return {};
}

// Holds: witness and schedule both show the finding that is kept, and the trace is the same.
Check check_judgement(const FuzzedKernel& kernel, const std::string& text) {
  Replayer replayer(kernel.all);
  Litmus l = *parse_litmus(text).litmus;
  for (bool with_witness : {true, false}) {
    if (!with_witness) l.witnesses.clear();  // Then the schedule is followed.
    for (const Kept& kept : kept_in(l)) {
      const Judgement j = replayer.judge(l, kept);
      if (j.standing == Standing::holds) continue;
      return broken_keep(with_witness ? "keep-fails" : "keep-schedule-fails",
                         "a kept regression holds when it is replayed", j.what + "\n" + text);
    }
  }
  return {};
}

}  // namespace

const Format& format_chosen_by(uint8_t byte) { return all_formats()[byte % all_formats().size()]; }

// From above the lowest bits, so that each format meets all of them.
FormatOptions options_chosen_by(uint8_t byte) {
  return {.all = (byte & 0x40) != 0, .colour = (byte & 0x80) != 0};
}

Check check_format(const FuzzedKernel& kernel, const Program& p, const Format& format,
                   const FormatOptions& options) {
  const auto recorded = [&] {
    return record(kernel.executor, kernel.named, p, RuleSet::proof(), kEventsExplained);
  };
  const Recording first = recorded();
  const std::string text = format.print(first, options);
  if (Check broken = check_printed(format, options, text)) return broken;
  const Recording second = recorded();
  if (second.trace.hash() != first.trace.hash())
    return Broken{"explain-trace", "an execution has the same trace twice", text};
  if (format.print(second, options) != text)
    return Broken{"explain-again", "an execution is explained the same twice", text};
  return {};
}

Check check_keep(const FuzzedKernel& kernel, const Program& p, KeepFunction keep) {
  if (!kernel.executor.run(p).finding()) return {};
  const auto kept = keep(kernel.executor, kernel.named.name, p, "input", "");
  if (!kept) return {};
  if (Check broken = check_kept_text(kernel, *kept, keep)) return broken;
  return check_judgement(kernel, kept->text);
}

}  // namespace rmap
