// ops: lists the operations of a program.
// SPDX-License-Identifier: Apache-2.0
#include "core/ops.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "repro/json.h"
#include "repro/session.h"
#include "repro/words/words.h"

namespace rmap {
namespace {

// "@A +L [@B] [+M] [ro]"
std::string operands_words(const OpInfo& info) {
  std::string text;
  for (char c : info.operands) {
    if (c == 'A') text += " @PAGE";
    if (c == 'L') text += " +PAGES";
    if (c == 'B') text += " @TO";
    if (c == 'b') text += " [@TO]";
    if (c == 'm') text += " [+NEW_PAGES]";
  }
  for (uint32_t i = 1; i <= info.flag_count(); i++) text += fmt::format(" [{}]", info.flag_name(i));
  return text;
}

}  // namespace

Action add_ops(Arguments& args, const Io& io) {
  auto json = std::make_shared<bool>(false);
  args.flag("--json", *json, "one JSON object per operation");
  return [json, &io] {
    for (const OpInfo& info : op_table()) {
      const std::string operands = operands_words(info);
      if (*json) {
        print_json(io, "ops/1",
                   {{"meaning", info.meaning},
                    {"operation", info.name},
                    {"usage", std::string(info.name) + operands}});
      } else {
        io.out << fmt::format("{:<58} {}\n", std::string(info.name) + operands, info.meaning);
      }
    }
    if (!*json) {
      io.out << fmt::format(
          "Addresses are 0 to {} in pages; mm0 to mm{} may stand after the name, mm0 is the "
          "default.\n",
          kWindowPages - 1, kMmsMax - 1);
    }
    return kClean;
  };
}

}  // namespace rmap
