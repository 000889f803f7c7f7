// points: lists which accesses are scheduling points under a kernel.
// SPDX-License-Identifier: Apache-2.0
#include "core/run/points.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "core/kernel/expression.h"
#include "repro/cli/pattern.h"
#include "repro/print/json.h"
#include "repro/run/session.h"
#include "repro/words/words.h"

namespace rmap {
namespace {

void print_as_json(const Io& io, const std::string& kernel, const std::vector<std::string>& lines) {
  std::string field, mode, locks, cls;
  for (const std::string& line : lines) {
    std::istringstream(line) >> field >> mode >> locks >> cls;
    print_json(io, "points/1",
               {{"class", cls},
                {"field", field},
                {"kernel", kernel},
                {"locks", locks == "-" ? "" : locks},
                {"mode", mode}});
  }
}

// Of a line of the table.
std::string_view field_of(const std::string& line) {
  return std::string_view(line).substr(0, line.find(' '));
}

std::vector<std::string_view> fields_of(const std::vector<std::string>& lines) {
  std::vector<std::string_view> fields;
  for (const std::string& line : lines) fields.push_back(field_of(line));
  return fields;
}

void print(const Io& io, const std::string& kernel, const std::vector<std::string>& lines) {
  io.out << fmt::format("kernel {}: a racy access is a scheduling point, a guarded one is none\n",
                        kernel);
  io.out << fmt::format("{:<18} {:<6} {:<24} {}\n", "field", "access", "locks held", "class");
  for (const std::string& line : lines) io.out << line << "\n";
}

}  // namespace

Action add_points(Arguments& args, const Io& io) {
  struct Given {
    std::string pattern;
    std::string kernel = "newest";
    bool json = false;
  };
  auto given = std::make_shared<Given>();
  pattern_argument(args, given->pattern, "field", {});
  args.option("--kernel", given->kernel, "a kernel expression (default: the newest)");
  args.flag("--json", given->json, "one JSON object per kind of access");
  return [given, &io]() -> int {
    const std::optional<NamedKernel> k = find_kernel(given->kernel, io);
    if (!k) return kBadInput;
    std::vector<std::string> lines;
    std::istringstream table(describe(learn_access_table(k->kernel)));
    for (std::string line; std::getline(table, line);) lines.push_back(line);
    const std::vector<std::string_view> fields = fields_of(lines);
    if (!any_matches(given->pattern, "field", fields, io)) return kBadInput;
    std::erase_if(
        lines, [&](const std::string& line) { return !matches(given->pattern, field_of(line)); });
    given->json ? print_as_json(io, k->name, lines) : print(io, k->name, lines);
    return kClean;
  };
}

}  // namespace rmap
