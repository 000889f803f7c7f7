// ops: lists the operations of a program.
// SPDX-License-Identifier: Apache-2.0
#include "core/ops.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "repro/session.h"
#include "repro/text.h"
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
  struct Given {
    bool json = false;
    PageOptions page;
  };
  auto given = std::make_shared<Given>();
  args.flag("--json", given->json, "one JSON object per operation");
  add_width_option(args, given->page);
  return [given, &io] {
    const std::size_t width = prose_width_of(given->page, io);
    for (const OpInfo& info : op_table()) {
      const std::string operands = operands_words(info);
      if (given->json) {
        print_json(io, {{"meaning", info.meaning},
                        {"operation", info.name},
                        {"usage", std::string(info.name) + operands}});
      } else {
        io.out << wrapped("", std::string(info.name) + operands, width, 8)
               << wrapped("    ", std::string(info.meaning), width);
      }
    }
    if (!given->json) {
      const std::string places = fmt::format(
          "Addresses are 0 to {} in pages; mm0 to mm{} may stand after the name, mm0 is the "
          "default.",
          kWindowPages - 1, kMmsMax - 1);
      io.out << wrapped("", places, width);
    }
    return kClean;
  };
}

}  // namespace rmap
