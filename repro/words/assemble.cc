// assemble: turns litmus text into the bytes of an input.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/kernel/expression.h"
#include "core/text/hint.h"
#include "repro/files/output.h"
#include "repro/print/json.h"
#include "repro/run/session.h"
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
    if (json && out_path.empty()) return fail("rmapfuzz assemble: --json needs -o FILE");
    const Output output(io, out_path, force);
    if (const std::string wrong = output.objection_to_bytes({file}); !wrong.empty())
      return fail(wrong);
    const std::optional<Input> input = load(file, io, json);
    if (!input) return kBadInput;
    Program p = input->litmus.program;
    if (!choose_decisions(*input, p)) return kBadInput;
    const std::vector<uint8_t> bytes = encode(p);
    const std::string wrong =
        output.write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    if (!wrong.empty()) return fail(wrong);
    if (json)
      print_json(output.said(), "assemble/1",
                 {{"bytes", bytes.size()}, {"file", file}, {"out", out_path}});
    return kClean;
  }

  int fail(const std::string& line) const { return refuse(file, line, io, false); }

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
      complain(io,
               fmt::format(
                   "{}: has no witness for {}; `{} litmus --update {}` adds one where there is any",
                   file, k->name, tool(), hinted(file)));
      return false;
    }
    return true;
  }
};

}  // namespace

Action add_assemble(Arguments& args, const Io& io) {
  auto word = std::make_shared<Assemble>(io);
  args.option("file", word->file, "a litmus text").required();
  args.option("-o,--output", word->out_path,
              "where to write; - is stdout (default: stdout, unless that is a terminal)");
  args.option("--kernel", word->kernel, "take the witness for this kernel");
  args.flag("--force", word->force, "overwrite a file with another content");
  args.flag("--json", word->json, "say what was written, as a JSON object");
  return [word] { return word->run(); };
}

}  // namespace rmap
