// show: prints inputs as litmus text.
// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "repro/print/json.h"
#include "repro/run/session.h"
#include "repro/words/words.h"

namespace rmap {

Action add_show(Arguments& args, const Io& io) {
  struct Given {
    std::vector<std::string> files;
    bool json = false;
  };
  auto given = std::make_shared<Given>();
  args.option("files", given->files, "inputs: bytes or litmus text").required();
  args.flag("--json", given->json, "one JSON object per file");
  return [given, &io] {
    return for_each_file(given->files, [&](const std::string& path) -> int {
      const std::optional<Input> input = load(path, io, given->json);
      if (!input) return kBadInput;
      const std::string text = print_litmus(input->litmus);
      if (given->json) {
        print_json(io, "show/1",
                   {{"file", path},
                    {"litmus", text},
                    {"name", input->litmus.name},
                    {"operations", input->litmus.program.ops.size()}});
      } else {
        io.out << text;
      }
      return kClean;
    });
  };
}

}  // namespace rmap
