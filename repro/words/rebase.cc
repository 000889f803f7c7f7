// rebase: finds the schedules of regressions again after the model has changed.
// SPDX-License-Identifier: Apache-2.0
#include "repro/keep/rebase.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/text/quote.h"
#include "repro/files/file.h"
#include "repro/keep/regress.h"
#include "repro/print/json.h"
#include "repro/words/words.h"

namespace rmap {
namespace {

struct RebaseWord {
  explicit RebaseWord(const Io& where) : io(where), progress(where) {}

  const Io& io;
  std::vector<std::string> paths = {"repro/regressions"};
  bool check = false;
  bool json = false;
  Executors executors;
  Progress progress;
  uint64_t fine = 0;
  uint64_t rebased = 0;
  uint64_t failed = 0;
  uint64_t unfinished = 0;

  int run() {
    std::vector<Unusable> errors;
    const std::vector<std::string> files = regress_files(paths, errors);
    for (const Unusable& u : errors) refuse(u.file, u.error, io, json);
    int code = errors.empty() ? kClean : kBadInput;
    code = worse(code, for_each_file(files, [&](const std::string& path) { return one(path); }));
    if (!json)
      io.out << fmt::format("{}: {} fine, {} {}, {} failed{}\n", files_words(files.size()), fine,
                            rebased, check ? "to rebase" : "rebased", failed,
                            unfinished == 0 ? "" : fmt::format(", {} unfinished", unfinished));
    return code;
  }

  int one(const std::string& path) {
    const InputResult result = load_input(path);
    if (!result.input) {
      failed++;
      return refuse(path, result.error, io, json);
    }
    if (!result.input->is_text) {
      return conclude(*result.input, {}, kClean, false);  // Bytes keep nothing.
    }
    return text(*result.input);
  }

  int text(const Input& input) {
    const Rebased r = rebase(input, executors, progress);
    int code = r.complete ? kClean : kInconclusive;
    for (const RebaseLine& line : r.lines) code = worse(code, line.code);
    const std::string now = with_line_ends_of(input.content, r.text);
    const bool changed = now != input.content;
    if (changed && !check) {
      const std::string wrong = write_file(input.path, now, true);
      if (!wrong.empty()) {
        failed++;
        return refuse(input.path, wrong, io, json);
      }
    }
    return conclude(input, r.lines, code, changed);
  }

  // Counts the file, and says what was done with it.
  int conclude(const Input& input, const std::vector<RebaseLine>& lines, int code, bool changed) {
    (code == kInconclusive ? unfinished : code != kClean ? failed : changed ? rebased : fine)++;
    if (json) {
      print_as_json(input, lines, code, changed);
    } else {
      for (const RebaseLine& line : lines) print(input, line);
    }
    return check && changed ? worse(code, kFinding) : code;
  }

  void print(const Input& input, const RebaseLine& line) const {
    const std::string found =
        fmt::format("{}{}: ", check ? "would be rebased: " : "rebased: ", line.kernel);
    io.out << printable_line(fmt::format("{}:{}: {}{}", input.path, line.line,
                                         line.code == kClean ? found : "", line.what))
           << "\n";
  }

  void print_as_json(const Input& input, const std::vector<RebaseLine>& lines, int code,
                     bool changed) const {
    nlohmann::json kernels = nlohmann::json::array();
    for (const RebaseLine& line : lines) {
      kernels.push_back({{"found", line.code == kClean},
                         {"kernel", line.kernel},
                         {"line", line.line},
                         {"what", line.what}});
    }
    const std::string_view state = code == kInconclusive ? "unfinished"
                                   : code != kClean      ? "failed"
                                   : !changed            ? "fine"
                                   : check               ? "to rebase"
                                                         : "rebased";
    print_json(
        io, "rebase/1",
        {{"changed", changed}, {"file", input.path}, {"kernels", kernels}, {"state", state}});
  }
};

}  // namespace

Action add_rebase(Arguments& args, const Io& io) {
  auto word = std::make_shared<RebaseWord>(io);
  args.option("paths", word->paths, "regressions, and folders of them").shows_default();
  args.flag("--check", word->check,
            "write nothing, say what would change, and exit with 1 if anything would");
  args.flag("--json", word->json, "one JSON object per file");
  return [word] { return word->run(); };
}

}  // namespace rmap
