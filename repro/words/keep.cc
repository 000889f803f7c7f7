// keep: minimizes findings, and keeps them as regressions that ctest replays.
// SPDX-License-Identifier: Apache-2.0
#include "repro/keep.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/quote.h"
#include "repro/json.h"
#include "repro/minimize.h"
#include "repro/words/words.h"

namespace rmap {
namespace {

struct KeepWord {
  explicit KeepWord(const Io& where) : io(where) {}

  const Io& io;
  std::vector<std::string> files;
  std::string name;
  std::string folder = "repro/regressions";
  std::string kernel;
  std::string rule;
  bool force = false;
  bool json = false;
  Executors executors;

  int run() {
    std::size_t n = 0;
    return for_each_file(files, [&](const std::string& path) { return keep(path, ++n); });
  }

  int fail(const std::string& line) const {
    io.err << line << "\n";
    return kBadInput;
  }

  // NAME, NAME-2, NAME-3, ...; or that of the input.
  std::string name_of(const Input& input, std::size_t n) const {
    if (name.empty()) return input.litmus.name;
    return n == 1 ? name : fmt::format("{}-{}", name, n);
  }

  // Writing `to` would overwrite the input, and lose something that it says.
  static bool loses(const Input& input, const std::string& to, const Kernel& kernel) {
    std::error_code missing;
    if (!std::filesystem::equivalent(input.path, to, missing)) return false;
    return !input.is_text || !says_only_what_is_kept(input.litmus, input.content, kernel);
  }

  int keep(const std::string& path, std::size_t n) {
    const std::optional<Input> input = load(path, io);
    if (!input) return kBadInput;
    const std::string as = name_of(*input, n);
    if (!is_regression_name(as)) {
      return fail(fmt::format(
          "{}: '{}' is no name for a regression; give --name one word of a-z, 0-9, + and -", path,
          as));
    }
    const std::optional<NamedKernel> k = kernel_for(*input, kernel, io);
    if (!k) return kBadInput;
    Executor& executor = executors.of(k->kernel);
    const Program p = program_for(*input, k->kernel);
    const Result& r = executor.run(p);
    if (!r.finding()) {
      return fail(fmt::format(
          "{}: nothing to keep, its schedule shows no finding under {}; name another --kernel, or "
          "let all be tried: ./run rmapfuzz matrix {}",
          path, k->name, path));
    }
    const Finding finding = describe_finding(executor, p);
    if (!rule.empty() && rule != finding.rule) {
      return fail(fmt::format("{}: shows {} under {}, not {}; leave --rule out", path, finding.rule,
                              k->name, rule));
    }
    const std::string to =
        fmt::format("{}{}{}-{}.litmus", folder, folder.ends_with('/') ? "" : "/", finding.rule, as);
    if (force && loses(*input, to, k->kernel)) {
      return fail(fmt::format(
          "{}: would be overwritten, and says more than the one execution that is kept under {}; "
          "take another --name, or another folder with -o",
          path, k->name));
    }
    const std::optional<Minimized> small =
        minimize(Goal(executor, finding.signature), p, {.stop = io.interrupted});
    const auto kept = small ? kept_text(executor, k->name, small->program, as,
                                        input->is_text ? input->content : std::string())
                            : std::nullopt;
    if (!kept) {
      return fail(fmt::format(
          "{}: its finding takes more than the {} decisions that an input holds; drop operations "
          "by hand, and try again",
          path, kDecisionsMax));
    }
    const std::string wrong = write_file(to, kept->text, force);
    if (!wrong.empty()) return fail(wrong);
    report(path, to, p, small->program, kept->keepsake, *k);
    return kClean;
  }

  void report(const std::string& path, const std::string& to, const Program& before,
              const Program& after, const Keepsake& k, const NamedKernel& named) const {
    if (json) {
      print_json(io, "keep/1",
                 {{"choices", k.plan.size()},
                  {"file", path},
                  {"kept", to},
                  {"kernel", named.name},
                  {"operations", after.ops.size()},
                  {"operations_before", before.ops.size()},
                  {"rule", k.finding.rule},
                  {"signature", k.finding.signature},
                  {"trace_hash", hex16(k.hash)}});
      return;
    }
    io.out << fmt::format(
        "kernel   {}\n{}: {} operations and {} choices, from {} operations\nkept {}\n"
        "replay: ./run rmapfuzz regress {}\n",
        named.name, k.finding.signature, after.ops.size(), k.plan.size(), before.ops.size(), to,
        shell_quoted(to));
  }
};

}  // namespace

Action add_keep(Arguments& args, const Io& io) {
  auto word = std::make_shared<KeepWord>(io);
  args.option("files", word->files, "inputs with a finding: bytes or litmus text").required();
  args.option("--name", word->name,
              "what the file is called after its rule: one word of a-z, 0-9, + and -; further "
              "files get -2, -3, ... (default: the input's name)");
  args.option("--kernel", word->kernel,
              "a kernel expression (default: the first witness's, else the newest)");
  args.option("--rule", word->rule, "insist on a finding of this rule");
  args.option("-o,--output", word->folder, "the folder").shows_default();
  args.flag("--force", word->force,
            "overwrite a regression with another content; the input itself only "
            "if it says nothing but what is kept");
  args.flag("--json", word->json, "one JSON object per file");
  return [word] { return word->run(); };
}

}  // namespace rmap
