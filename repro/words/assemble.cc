// assemble: turns litmus text into the bytes of an input.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "repro/json.h"
#include "repro/session.h"
#include "repro/words/words.h"

namespace rmap {
namespace {

struct Assemble {
  explicit Assemble(const Io& where) : io(where) {}

  const Io& io;
  std::string file;
  std::string out_path;
  std::string kernel;
  bool force = false;
  bool json = false;

  int run() {
    const std::optional<Input> input = load(file, io);
    if (!input) return kBadInput;
    Program p = input->litmus.program;
    if (!choose_decisions(*input, p)) return kBadInput;
    const std::vector<uint8_t> bytes = encode(p);
    const std::string content(bytes.begin(), bytes.end());
    if (!out_path.empty()) return write(content);
    if (json || io.out_is_terminal) {
      io.err << "rmapfuzz assemble: bytes are not for a terminal; give -o FILE\n";
      return kBadInput;
    }
    io.out << content;
    return kClean;
  }

  // The program's own decisions, else the witness for the kernel, else the first witness.
  bool choose_decisions(const Input& input, Program& p) const {
    std::optional<NamedKernel> k;
    if (!kernel.empty() && !(k = find_kernel(kernel, io))) return false;
    if (!p.decisions.empty() || p.tail != 0) return true;
    for (const Witness& witness : input.litmus.witnesses) {
      if (k && !(kernel_named(witness.kernel).kernel == k->kernel)) continue;
      return use_decisions(p, witness.decisions);
    }
    if (k) {
      io.err << fmt::format(
          "{}: has no witness for {}; `./run rmapfuzz litmus --update {}` adds one where there is "
          "any\n",
          file, k->name, file);
      return false;
    }
    return true;
  }

  int write(const std::string& content) const {
    const std::string wrong = write_file(out_path, content, force);
    if (!wrong.empty()) {
      io.err << wrong << "\n";
      return kBadInput;
    }
    if (json)
      print_json(io, "assemble/1", {{"bytes", content.size()}, {"file", file}, {"out", out_path}});
    return kClean;
  }
};

}  // namespace

Action add_assemble(Arguments& args, const Io& io) {
  auto word = std::make_shared<Assemble>(io);
  args.option("file", word->file, "a litmus text").required();
  args.option("-o,--output", word->out_path,
              "where to write (default: stdout, unless that is a terminal)");
  args.option("--kernel", word->kernel, "take the witness for this kernel");
  args.flag("--force", word->force, "overwrite a file with another content");
  args.flag("--json", word->json, "say what was written, as a JSON object");
  return [word] { return word->run(); };
}

}  // namespace rmap
