// ops: lists the operations of a program.
// SPDX-License-Identifier: Apache-2.0
#include "core/ops.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/litmus.h"
#include "repro/pattern.h"
#include "repro/session.h"
#include "repro/words/words.h"

namespace rmap {
namespace {

std::vector<std::string_view> op_names() {
  std::vector<std::string_view> names;
  for (const OpInfo& info : op_table()) names.push_back(info.name);
  return names;
}

void print_op(const Io& io, const OpInfo& info, bool json) {
  if (json) {
    print_json(
        io, {{"meaning", info.meaning}, {"operation", info.name}, {"usage", litmus_usage(info)}});
  } else {
    io.out << fmt::format("{}\n    {}\n", litmus_usage(info), info.meaning);
  }
}

}  // namespace

Action add_ops(Arguments& args, const Io& io) {
  struct Given {
    std::string pattern;
    bool json = false;
  };
  auto given = std::make_shared<Given>();
  pattern_argument(args, given->pattern, "operation", op_names());
  args.flag("--json", given->json, "one JSON object per operation");
  return [given, &io]() -> int {
    if (!any_matches(given->pattern, "operation", op_names(), io)) return kBadInput;
    for (const OpInfo& info : op_table()) {
      if (matches(given->pattern, info.name)) print_op(io, info, given->json);
    }
    if (!given->json) {
      io.out << fmt::format(
          "Addresses are 0 to {} in pages, lengths are in pages; mmN is mm0 to mm{}, and mm0 where "
          "it is left out.\n",
          kWindowPages - 1, kMmsMax - 1);
    }
    return kClean;
  };
}

}  // namespace rmap
