// SPDX-License-Identifier: Apache-2.0
#include "fuzz/arguments.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "core/kernel/expression.h"
#include "core/text/nearest.h"
#include "core/text/quote.h"
#include "repro/cli/called.h"

namespace rmap {
namespace {

constexpr std::string_view kHelp =
    "Runs the bytes of an input as a program under a kernel. Arguments with one dash are the "
    "fuzzing\n"
    "engine's; libFuzzer lists its own with -help=1.\n"
    "  --kernel=EXPR      a release plus or minus commits, as in v3.0+486cf46f3f9b\n"
    "  --keep-going       count findings by signature instead of stopping\n"
    "  --until=PATTERN    stop only at such a finding, as in missed_pte:migrate+mremap\n"
    "  --ignore=PATTERN   go on past such findings\n"
    "  --findings=DIR     go on, and store the first input of each signature in this folder\n"
    "  --reached=FILE     always says what was reached so far, for `rmapfuzz soak`\n"
    "  --stats            print statistics at the end\n"
    "Exit codes: 0 clean, 2 bad usage; on a finding what the engine makes of abort(): libFuzzer "
    "77,\n"
    "the stand-alone runner 1.\n";

// The arguments that the help lists.
std::vector<std::string_view> names() {
  constexpr std::string_view kBegin = "\n  --";
  std::vector<std::string_view> found;
  for (std::size_t at = kHelp.find(kBegin); at < kHelp.size(); at = kHelp.find(kBegin, at + 1)) {
    const std::size_t begin = at + kBegin.find('-');
    found.push_back(kHelp.substr(begin, kHelp.find_first_of("= ", begin) - begin));
  }
  return found;
}

Pattern pattern_named(std::string_view text) {
  const PatternResult parsed = parse_pattern(text);
  if (!parsed.pattern) usage_error(parsed.error);
  return *parsed.pattern;
}

void parse_argument(std::string_view arg, std::string& kernel, Arguments& a) {
  const std::string_view name = arg.substr(0, arg.find('='));
  const std::string_view value = arg.substr(std::min(name.size() + 1, arg.size()));
  if (name == "--kernel") {
    kernel = value;
  } else if (arg == "--keep-going") {
    a.keep_going = true;
  } else if (name == "--until") {
    a.until = pattern_named(value);
  } else if (name == "--ignore") {
    a.ignored.push_back(pattern_named(value));
  } else if (name == "--findings" && !value.empty()) {
    a.findings = value;
    if (access(a.findings.c_str(), W_OK | X_OK) != 0)
      usage_error(fmt::format("{}: is no folder that can be written; make it first", a.findings));
  } else if (name == "--reached" && !value.empty()) {
    a.reached = value;
  } else if (arg == "--stats") {
    a.stats = true;
  } else if (arg == "--help") {
    fmt::print("{}", kHelp);
    std::exit(0);
  } else if (arg.starts_with("--") && arg != "--") {
    usage_error(
        fmt::format("unknown argument {}{}; --help lists them", arg, did_you_mean(name, names())));
  }
}

// The rmapfuzz beside this target, where it was built, else wherever it is installed.
std::string tool_beside(const std::string& program) {
  // Not std::filesystem: MemorySanitizer does not see what the C++ library's own code writes.
  const std::string beside = program.substr(0, program.rfind('/') + 1) + "rmapfuzz";
  return access(beside.c_str(), F_OK) == 0 ? beside : "rmapfuzz";
}

}  // namespace

void usage_error(const std::string& what) {
  fmt::print(stderr, "{}\n", printable_line(what));
  std::exit(kUsageExit);
}

Arguments parse_arguments(std::span<char* const> arguments, std::string kernel) {
  hint_as_called(tool_beside(arguments[0]));
  Arguments a;
  for (const char* arg : arguments.subspan(1)) parse_argument(arg, kernel, a);
  KernelResult parsed = parse_kernel(kernel);
  if (!parsed.kernel) usage_error(parsed.error);
  a.kernel = *std::move(parsed.kernel);
  a.artifacts = Artifacts({arguments.begin() + 1, arguments.end()});
  return a;
}

}  // namespace rmap
