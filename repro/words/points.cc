// points: lists which accesses are scheduling points under a kernel.
// SPDX-License-Identifier: Apache-2.0
#include "core/points.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "repro/json.h"
#include "repro/session.h"
#include "repro/words/words.h"

namespace rmap {
namespace {

void print_table_as_json(const Io& io, const std::string& kernel, const std::string& table) {
  std::istringstream lines(table);
  std::string field, mode, locks, cls;
  while (lines >> field >> mode >> locks >> cls) {
    print_json(io, "points/1",
               {{"class", cls},
                {"field", field},
                {"kernel", kernel},
                {"locks", locks == "-" ? "" : locks},
                {"mode", mode}});
  }
}

}  // namespace

Action add_points(Arguments& args, const Io& io) {
  struct Given {
    std::string kernel = "newest";
    bool json = false;
  };
  auto given = std::make_shared<Given>();
  args.option("--kernel", given->kernel, "a kernel expression (default: the newest)");
  args.flag("--json", given->json, "one JSON object per kind of access");
  return [given, &io]() -> int {
    const std::optional<NamedKernel> k = find_kernel(given->kernel, io);
    if (!k) return kBadInput;
    const std::string table = describe(learn_access_table(k->kernel));
    if (given->json) {
      print_table_as_json(io, k->name, table);
      return kClean;
    }
    io.out << fmt::format("kernel {}: a racy access is a scheduling point, a guarded one is none\n",
                          k->name);
    io.out << fmt::format("{:<18} {:<6} {:<24} {}\n", "field", "access", "locks held", "class")
           << table;
    return kClean;
  };
}

}  // namespace rmap
