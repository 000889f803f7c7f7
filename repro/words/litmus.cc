// litmus: enumerates the schedules of litmus files and checks what they expect, or rewrites the
// counts; or makes the table of a folder's files.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/kernel/expression.h"
#include "core/text/quote.h"
#include "repro/compare/litmus_check.h"
#include "repro/compare/litmus_table.h"
#include "repro/files/file.h"
#include "repro/print/json.h"
#include "repro/print/text.h"
#include "repro/words/words.h"

namespace rmap {
namespace {

struct LitmusWord {
  explicit LitmusWord(const Io& where) : io(where) {}

  const Io& io;
  std::vector<std::string> files;
  std::string kernel;
  int preemptions = -1;
  uint64_t schedules = LitmusOptions().schedules_max;
  bool update = false;
  bool json = false;
  bool table = false;
  Executors executors;

  int run() {
    if (table)
      return for_each_file(files, [&](const std::string& folder) { return tabulate(folder); });
    LitmusOptions options;
    if (!kernel.empty()) {
      const std::optional<NamedKernel> k = find_kernel(kernel, io);
      if (!k) return kBadInput;
      options.only = k->kernel;
    }
    if (preemptions >= 0) options.preemptions = static_cast<uint32_t>(preemptions);
    options.schedules_max = schedules;
    options.update = update;
    Progress progress(io);
    return for_each_file(files,
                         [&](const std::string& path) { return check(path, options, progress); });
  }

  int check(const std::string& path, const LitmusOptions& options, Progress& progress) {
    const std::optional<Input> input = load(path, io, json);
    if (!input) return kBadInput;
    if (!input->is_text)
      return refuse(path, path + ": is an input in bytes, which expects nothing; give litmus text",
                    io, json);
    LitmusReport report = check_litmus(*input, options, executors, progress,
                                       [&](const LitmusCheck& c) { print(path, c); });
    if (report.checks.empty() && report.unmade == 0) {
      return refuse(
          path,
          fmt::format("{}: expects nothing{}; add an expect line: expect {} never", path,
                      kernel.empty() ? "" : " of that kernel", kernel.empty() ? "v3.0" : kernel),
          io, json);
    }
    if (report.unmade > 0 && !json) {
      complain(io,
               fmt::format("{}: interrupted; {} not made", path, counted(report.unmade, "check")));
    }
    int code = report.code;
    if (update && code != kFinding && !write_back(*input, report.text)) code = kBadInput;
    if (json) print_as_json(path, report);
    return code;
  }

  static std::string_view state_words(int code) {
    return code == kClean ? "ok" : code == kFinding ? "FAIL" : "inconclusive";
  }

  // At once: the next check may take long.
  void print(const std::string& path, const LitmusCheck& c) const {
    if (json) return;
    io.out << printable_line(fmt::format("{}:{}: {:<4} {}{}{}", path, c.line, state_words(c.code),
                                         c.what, c.found.empty() ? "" : ": ", c.found))
           << "\n"
           << std::flush;
  }

  void print_as_json(const std::string& path, const LitmusReport& report) const {
    nlohmann::json checks = nlohmann::json::array();
    for (const LitmusCheck& c : report.checks) {
      checks.push_back({{"check", c.what},
                        {"found", c.found},
                        {"line", c.line},
                        {"ok", c.code == kClean},
                        {"state", state_words(c.code)}});
    }
    print_json(io, "litmus/1",
               {{"checks", checks},
                {"complete", report.complete},
                {"file", path},
                {"state", state_words(report.code)}});
  }

  bool write_back(const Input& input, const std::string& text) const {
    const std::string now = with_line_ends_of(input.content, text);
    return now == input.content || write(input.path, now);
  }

  bool write(const std::string& path, const std::string& text) const {
    const std::string wrong = write_file(path, text, true);
    if (!wrong.empty()) complain(io, wrong);
    if (wrong.empty() && !json) io.out << fmt::format("{}: updated\n", path);
    return wrong.empty();
  }

  // --- --table -----------------------------------------------------------------------------------
  int tabulate(const std::string& folder) const {
    std::vector<Input> inputs;
    for (const std::string& path : litmus_files(folder)) {
      std::optional<Input> input = load(path, io);
      if (!input) return kBadInput;
      inputs.push_back(std::move(*input));
    }
    if (inputs.empty()) {
      complain(io, folder + ": is no folder with litmus files; name one");
      return kBadInput;
    }
    const std::string text = litmus_table(inputs);
    if (update) return update_readme(folder + "/README.md", text);
    io.out << text;
    return kClean;
  }

  static std::vector<std::string> litmus_files(const std::string& folder) {
    std::vector<std::string> paths;
    std::error_code code;
    std::filesystem::directory_iterator it(folder, code);
    for (; !code && it != std::filesystem::directory_iterator(); it.increment(code)) {
      if (it->path().extension() == ".litmus") paths.push_back(it->path().string());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
  }

  int update_readme(const std::string& path, const std::string& text) const {
    std::string readme;
    const std::string wrong = read_file(path, 1u << 20, readme);
    const std::optional<std::string> updated = with_litmus_table(readme, text);
    if (!updated) {
      complain(io,
               wrong.empty() ? path + ": has no marker lines; see tests/litmus/README.md" : wrong);
      return kBadInput;
    }
    const std::string now = with_line_ends_of(readme, *updated);
    return now == readme || write(path, now) ? kClean : kBadInput;
  }
};

}  // namespace

Action add_litmus(Arguments& args, const Io& io) {
  auto word = std::make_shared<LitmusWord>(io);
  args.option("files", word->files, "litmus texts; with --table, folders of them").required();
  const Argument only =
      args.option("--kernel", word->kernel, "check only what is expected of this kernel");
  const Argument preemptions =
      args.number("--preemptions", word->preemptions, 0, 1000,
                  "the bound where the whole tree is not enumerated (default: as "
                  "written, else 2 for sometimes and always, 3 for never)");
  const Argument schedules = add_schedules(args, word->schedules, "a kernel");
  args.flag("--update", word->update,
            "write the counts, and witnesses that no longer work, into the files");
  const Argument json =
      args.flag("--json", word->json, "one JSON object per file, with its checks");
  args.flag("--table", word->table,
            "only print the files' entries and verdicts as a Markdown table; with --update, put "
            "it into the folder's README.md")
      .excludes(only)
      .excludes(preemptions)
      .excludes(schedules)
      .excludes(json);
  return [word] { return word->run(); };
}

}  // namespace rmap
