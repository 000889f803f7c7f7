// rebase: finds the schedules of regressions again after the model has changed.
// SPDX-License-Identifier: Apache-2.0
#include "repro/rebase.h"

#include <fmt/format.h>

#include "repro/regress.h"
#include "repro/words/words.h"

namespace rmap {
namespace {

struct RebaseWord {
  explicit RebaseWord(const Io& where) : io(where) {}

  const Io& io;
  std::vector<std::string> paths = {"repro/regressions"};
  bool check = false;
  Executors executors;
  uint64_t fine = 0;
  uint64_t rebased = 0;
  uint64_t failed = 0;

  int run() {
    std::vector<std::string> errors;
    const std::vector<std::string> files = regress_files(paths, errors);
    for (const std::string& error : errors) io.err << error << "\n";
    int code = errors.empty() ? kClean : kBadInput;
    code = worse(code, for_each_file(files, [&](const std::string& path) { return one(path); }));
    io.out << fmt::format("{}: {} fine, {} {}, {} failed\n", files_words(files.size()), fine,
                          rebased, check ? "to rebase" : "rebased", failed);
    return code;
  }

  int one(const std::string& path) {
    const InputResult result = load_input(path);
    if (!result.input) {
      failed++;
      io.err << result.error << "\n";
      return kBadInput;
    }
    if (!result.input->is_text) {
      fine++;  // Bytes keep nothing.
      return kClean;
    }
    return text(*result.input);
  }

  int text(const Input& input) {
    const Rebased r = rebase(input, executors, io);
    const bool changed = r.text != input.content;
    const std::string wrong = changed && !check ? write_file(input.path, r.text, true) : "";
    int code = wrong.empty() ? kClean : kBadInput;
    if (!wrong.empty()) io.err << wrong << "\n";
    for (const RebaseLine& line : r.lines) {
      code = worse(code, line.code);
      const bool found = line.code == kClean;
      if (found && !wrong.empty()) continue;  // Found, and not written.
      io.out << fmt::format("{}:{}: {}{}\n", input.path, line.line,
                            !found  ? ""
                            : check ? "would be rebased: "
                                    : "rebased: ",
                            line.what);
    }
    (code != kClean ? failed : changed ? rebased : fine)++;
    return check && changed ? worse(code, kFinding) : code;
  }
};

}  // namespace

Action add_rebase(CLI::App& app, const Io& io) {
  auto word = std::make_shared<RebaseWord>(io);
  app.add_option("paths", word->paths, "regressions, and folders of them")->capture_default_str();
  app.add_flag("--check", word->check,
               "write nothing, say what would change, and exit with 1 if anything would");
  return [word] { return word->run(); };
}

}  // namespace rmap
