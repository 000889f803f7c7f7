// ops: lists the operations of a program.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/model/op.h"
#include "core/program/litmus.h"
#include "repro/cli/pattern.h"
#include "repro/print/json.h"
#include "repro/print/text.h"
#include "repro/run/session.h"
#include "repro/words/words.h"

namespace rmap {
namespace {

std::vector<std::string_view> op_names() {
  std::vector<std::string_view> names;
  for (const OpInfo& info : op_table()) names.push_back(info.name);
  return names;
}

void print_op(const Io& io, const OpInfo& info, bool json, std::size_t width) {
  if (json) {
    print_json(
        io, "ops/1",
        {{"meaning", info.meaning}, {"operation", info.name}, {"usage", litmus_usage(info)}});
  } else {
    io.out << wrapped("", litmus_usage(info), width, 8)
           << wrapped("    ", std::string(info.meaning), width);
  }
}

}  // namespace

Action add_ops(Arguments& args, const Io& io) {
  struct Given {
    std::string pattern;
    bool json = false;
    PageOptions page;
  };
  auto given = std::make_shared<Given>();
  pattern_argument(args, given->pattern, "operation", op_names());
  args.flag("--json", given->json, "one JSON object per operation");
  add_width_option(args, given->page);
  return [given, &io]() -> int {
    if (!any_matches(given->pattern, "operation", op_names(), io)) return kBadInput;
    const std::size_t width = prose_width_of(given->page, io);
    for (const OpInfo& info : op_table()) {
      if (matches(given->pattern, info.name)) print_op(io, info, given->json, width);
    }
    if (!given->json) {
      const std::string places = fmt::format(
          "Addresses are 0 to {} in pages, lengths are in pages; mmN is mm0 to mm{}, and mm0 where "
          "it is left out.",
          kWindowPages - 1, kMmsMax - 1);
      io.out << wrapped("", places, width);
    }
    return kClean;
  };
}

}  // namespace rmap
