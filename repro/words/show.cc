// show: prints inputs as litmus text.
// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "repro/session.h"
#include "repro/words/words.h"

namespace rmap {

Action add_show(CLI::App& app, const Io& io) {
  struct Arguments {
    std::vector<std::string> files;
    bool json = false;
  };
  auto args = std::make_shared<Arguments>();
  app.add_option("files", args->files, "inputs: bytes or litmus text")->required();
  app.add_flag("--json", args->json, "one JSON object per file");
  return [args, &io] {
    return for_each_file(args->files, [&](const std::string& path) -> int {
      const std::optional<Input> input = load(path, io);
      if (!input) return kBadInput;
      const std::string text = print_litmus(input->litmus);
      if (args->json) {
        print_json(io, {{"file", path},
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
