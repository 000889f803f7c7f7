// keep: minimizes findings, and keeps them as regressions that ctest replays.
// SPDX-License-Identifier: Apache-2.0
#include "repro/keep/keep.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/kernel/chain.h"
#include "core/kernel/expression.h"
#include "core/text/hint.h"
#include "repro/files/file.h"
#include "repro/print/json.h"
#include "repro/print/text.h"
#include "repro/run/progress.h"
#include "repro/shrink/minimize_shown.h"
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
    if (folder == "-") {
      complain(io, "keep: writes files into a folder, and - is none; name one with -o");
      return kBadInput;
    }
    std::size_t n = 0;
    return for_each_file(files, [&](const std::string& path) { return keep(path, ++n); });
  }

  int fail(const std::string& path, const std::string& line) const {
    return refuse(path, line, io, json);
  }

  // NAME, NAME-2, NAME-3, ...; or that of the input; or one made of that.
  std::string name_of(const Input& input, std::size_t n) const {
    if (!name.empty()) return n == 1 ? name : fmt::format("{}-{}", name, n);
    const std::string& own = input.litmus.name;
    return is_regression_name(own) ? own : regression_name(own);
  }

  // Writing `to` would overwrite the input, and lose something that it says.
  static bool loses(const Input& input, const std::string& to, const Kernel& kernel) {
    if (!is_one_of(to, {input.path})) return false;
    return !input.is_text || !says_only_what_is_kept(input.litmus, input.content, kernel);
  }

  int keep(const std::string& path, std::size_t n) {
    const std::optional<Input> input = load(path, io, json);
    if (!input) return kBadInput;
    const std::string as = name_of(*input, n);
    if (!is_regression_name(as)) {
      return fail(path,
                  fmt::format("{}: '{}' is no name for a regression; give --name one word of a-z, "
                              "0-9, + and -",
                              path, as));
    }
    const std::optional<NamedKernel> k = kernel_for(*input, kernel, io);
    if (!k) return kBadInput;
    Executor& executor = executors.of(k->kernel);
    const Program p = program_for(*input, k->kernel);
    const Result r = executor.run(p);
    if (!r.finding()) return no_finding(*input, *k, r);
    const Finding finding = describe_finding(executor, p);
    if (rule.empty()) {
      const std::string wrong = not_shown(*input, k->kernel, r, finding);
      if (!wrong.empty()) return lost(path, wrong);
    }
    if (!rule.empty() && rule != finding.rule) {
      return fail(path, fmt::format("{}: shows {} under {}, not {}; leave --rule out", path,
                                    finding.rule, k->name, rule));
    }
    if (const std::string wrong = spoils(*input, file_for(finding, as), *k); !wrong.empty())
      return fail(path, wrong);
    const std::optional<Minimized> small =
        minimize_shown(Goal(executor, finding.signature), p, path, io);
    if (small) return keep_small(*input, p, *small, finding, as, *k);
    return too_long(path);
  }

  int lost(const std::string& path, const std::string& wrong) const {
    fail(path, wrong);
    return kInconclusive;
  }

  int no_finding(const Input& input, const NamedKernel& k, const Result& r) const {
    if (const std::string wrong = not_shown(input, k.kernel, r, {}); !wrong.empty())
      return lost(input.path, wrong);
    return fail(input.path,
                fmt::format("{}: nothing to keep, its schedule shows no finding under {}; name "
                            "another --kernel, or let all be tried: {} matrix {}",
                            input.path, k.name, tool(), hinted(input.path)));
  }

  int too_long(const std::string& path) const {
    return fail(path, fmt::format("{}: its finding takes more than the {} decisions that an input "
                                  "holds; drop operations by hand, and try again",
                                  path, kDecisionsMax));
  }

  std::string file_for(const Finding& finding, const std::string& as) const {
    return fmt::format("{}{}{}-{}.litmus", folder, folder.ends_with('/') ? "" : "/", finding.rule,
                       as);
  }

  // How writing `to` would spoil an input, or nothing.
  std::string spoils(const Input& input, const std::string& to, const NamedKernel& k) const {
    if (!force || !is_one_of(to, files)) return {};
    if (!is_one_of(to, {input.path})) return to + ": is an input, which stays; take another --name";
    if (!loses(input, to, k.kernel)) return {};
    return fmt::format(
        "{}: would be overwritten, and says more than the one execution that is kept under {}; "
        "take another --name, or another folder with -o",
        input.path, k.name);
  }

  // A name that was made up makes way: NAME, NAME-2, NAME-3, ...
  int keep_small(const Input& input, const Program& before, const Minimized& small,
                 const Finding& finding, const std::string& as, const NamedKernel& k) {
    const bool made_up = name.empty() && as != input.litmus.name && !force;
    std::error_code code;
    for (uint32_t n = 1;; n++) {
      const std::string now = n == 1 ? as : fmt::format("{}-{}", as, n);
      const auto kept = kept_text(executors.of(k.kernel), k.name, small.program, now,
                                  input.is_text ? input.content : std::string());
      if (!kept) return too_long(input.path);
      const std::string to = file_for(finding, now);
      const bool taken = std::filesystem::exists(to, code);
      const std::string wrong = write_file(to, kept->text, force);
      if (!wrong.empty() && made_up && taken) continue;
      if (!wrong.empty()) return fail(input.path, wrong);
      report(input.path, to, before, small.program, kept->keepsake, k);
      return kClean;
    }
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
        "kernel   {}\n{}: {} and {}, from {}\nkept {}\n"
        "replay: {} regress {}\n",
        named.name, k.finding.signature, counted(after.ops.size(), "operation"),
        counted(k.plan.size(), "choice"), counted(before.ops.size(), "operation"), to, tool(),
        hinted(to));
  }
};

}  // namespace

Action add_keep(Arguments& args, const Io& io) {
  auto word = std::make_shared<KeepWord>(io);
  args.option("files", word->files, "inputs with a finding: bytes or litmus text").required();
  args.option("--name", word->name,
              "what the file is called after its rule: one word of a-z, 0-9, + and -; further "
              "files get -2, -3, ... (default: made of the input's name, and free)");
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
