// SPDX-License-Identifier: Apache-2.0
#include "fuzz/arguments.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace rmap {
namespace {

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
  } else if (name == "--reached" && !value.empty()) {
    a.reached = value;
  } else if (arg == "--stats") {
    a.stats = true;
  } else if (arg.starts_with("--") && arg != "--") {
    usage_error(
        fmt::format("unknown argument {}; there are --kernel=EXPR, --keep-going, --until=PATTERN, "
                    "--ignore=PATTERN, --findings=DIR, --reached=FILE and --stats",
                    arg));
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
  fmt::print(stderr, "{}\n", what);
  std::exit(2);
}

Arguments parse_arguments(std::span<char* const> arguments, std::string kernel) {
  Arguments a;
  for (const char* arg : arguments.subspan(1)) parse_argument(arg, kernel, a);
  KernelResult parsed = parse_kernel(kernel);
  if (!parsed.kernel) usage_error(parsed.error);
  a.kernel = *std::move(parsed.kernel);
  a.tool = tool_beside(arguments[0]);
  a.artifacts = Artifacts({arguments.begin() + 1, arguments.end()});
  return a;
}

}  // namespace rmap
