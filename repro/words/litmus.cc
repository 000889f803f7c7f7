// litmus: enumerates the schedules of litmus files and checks what they expect, or rewrites the
// counts.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "repro/litmus_check.h"
#include "repro/words/words.h"

namespace rmap {
namespace {

struct LitmusWord {
  explicit LitmusWord(const Io& where) : io(where) {}

  const Io& io;
  std::vector<std::string> files;
  std::string kernel;
  int preemptions = -1;
  bool update = false;
  bool json = false;
  Executors executors;

  int run() {
    LitmusOptions options;
    if (!kernel.empty()) {
      const std::optional<NamedKernel> k = find_kernel(kernel, io);
      if (!k) return kBadInput;
      options.only = k->kernel;
    }
    if (preemptions >= 0) options.preemptions = static_cast<uint32_t>(preemptions);
    options.update = update;
    return for_each_file(files, [&](const std::string& path) { return check(path, options); });
  }

  int check(const std::string& path, const LitmusOptions& options) {
    const std::optional<Input> input = load(path, io);
    if (!input) return kBadInput;
    if (!input->is_text) {
      io.err << fmt::format("{}: is an input in bytes, which expects nothing; give litmus text\n",
                            path);
      return kBadInput;
    }
    LitmusReport report = check_litmus(*input, options, executors, io);
    if (report.checks.empty()) {
      io.err << fmt::format("{}: expects nothing{}; add an expect line: expect v3.0 never\n", path,
                            kernel.empty() ? "" : " of that kernel");
      return kBadInput;
    }
    if (!json) print(path, report);
    int code = report.code;
    if (update && code != kFinding && !write_back(*input, report.text)) code = kBadInput;
    if (json) print_as_json(path, report);
    return code;
  }

  static std::string_view state_words(int code) {
    return code == kClean ? "ok" : code == kFinding ? "FAIL" : "inconclusive";
  }

  void print(const std::string& path, const LitmusReport& report) const {
    for (const LitmusCheck& c : report.checks) {
      io.out << fmt::format("{}:{}: {:<4} {}{}{}\n", path, c.line, state_words(c.code), c.what,
                            c.found.empty() ? "" : ": ", c.found);
    }
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
    print_json(io, {{"checks", checks}, {"file", path}, {"state", state_words(report.code)}});
  }

  bool write_back(const Input& input, const std::string& text) const {
    if (text == input.content) return true;
    const std::string wrong = write_file(input.path, text, true);
    if (!wrong.empty()) io.err << wrong << "\n";
    if (wrong.empty() && !json) io.out << fmt::format("{}: updated\n", input.path);
    return wrong.empty();
  }
};

}  // namespace

Action add_litmus(CLI::App& app, const Io& io) {
  auto word = std::make_shared<LitmusWord>(io);
  app.add_option("files", word->files, "litmus texts")->required();
  app.add_option("--kernel", word->kernel, "check only what is expected of this kernel");
  app.add_option("--preemptions", word->preemptions,
                 "the bound where the whole tree is not enumerated (default: as "
                 "written, else 2 for sometimes and always, 3 for never)")
      ->check(CLI::Range(0, 1000));
  app.add_flag("--update", word->update,
               "write the counts, and witnesses that no longer work, into the files");
  app.add_flag("--json", word->json, "one JSON object per file, with its checks");
  return [word] { return word->run(); };
}

}  // namespace rmap
