// coverage: which operation pairs, sites, rules and interleavings a corpus reaches, and which not.
// SPDX-License-Identifier: Apache-2.0
#include "repro/coverage/coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/kernel/expression.h"
#include "repro/files/output.h"
#include "repro/keep/regress.h"
#include "repro/print/json.h"
#include "repro/print/text.h"
#include "repro/run/progress.h"
#include "repro/words/words.h"

namespace rmap {
namespace {

constexpr std::size_t kRemarksShown = 5;

struct CoverageWord {
  explicit CoverageWord(const Io& where) : io(where) {}

  const Io& io;
  std::vector<std::string> paths;
  std::string kernel = "newest";
  std::string format = "text";
  std::string out_path;
  PageOptions page;
  bool force = false;
  bool all = false;

  int run() {
    const std::optional<NamedKernel> k = find_kernel(kernel, io);
    if (!k) return kBadInput;
    const Output output(io, out_path, force);
    Progress progress(io);
    if (progress.stop_asked()) return kInconclusive;
    std::vector<Unusable> unusable;
    const std::vector<std::string> files = regress_files(paths, unusable);
    if (const std::string wrong = output.objection(files); !wrong.empty()) {
      complain(io, wrong);
      return kBadInput;
    }
    const std::vector<Input> inputs = load_all(files, unusable);
    if (inputs.empty() && format != "json") return kBadInput;
    Executors executors;
    const auto go_on = [&](std::size_t done, std::size_t of) {
      progress.status().show(fmt::format("{} of {} kernels", done, of));
      return !progress.stop_asked();
    };
    std::optional<CoverageReport> report = measure_coverage(inputs, *k, executors, go_on);
    progress.status().clear();
    if (!report) {
      complain(io, "coverage: interrupted; nothing is reported");
      return kInconclusive;
    }
    report->unusable = unusable;
    return print(*report, output) && unusable.empty() ? kClean : kBadInput;
  }

  // Those that can be used; the others, and all remarks, are told.
  std::vector<Input> load_all(const std::vector<std::string>& files,
                              std::vector<Unusable>& unusable) const {
    std::vector<Input> inputs;
    std::vector<std::string> remarks;
    for (const Unusable& u : unusable) remarks.push_back(u.error);
    for (const std::string& path : files) {
      std::ostringstream remark;
      if (std::optional<Input> input = load(path, {io.out, remark})) {
        inputs.push_back(*std::move(input));
      } else {
        unusable.push_back({path, remark.str().substr(0, remark.str().find('\n'))});
      }
      for (std::string& line : lines_of(remark.str())) remarks.push_back(std::move(line));
    }
    print_some(remarks);
    return inputs;
  }

  // A folder of another target's inputs would fill the screen.
  void print_some(const std::vector<std::string>& remarks) const {
    const std::size_t shown = std::min(remarks.size(), kRemarksShown);
    for (std::size_t i = 0; i < shown; i++) complain(io, remarks[i]);
    if (shown < remarks.size())
      complain(io, fmt::format("... and {} more such lines; inputs are those of a kernel's fuzz "
                               "target, and litmus texts",
                               remarks.size() - shown));
  }

  bool print(const CoverageReport& report, const Output& output) const {
    const std::size_t width = prose_width_of(page, io, !output.is_stdout());
    const std::string text = format == "json"
                                 ? json_text("coverage/1", coverage_json(report)) + "\n"
                             : format == "html" ? coverage_page(report)
                                                : coverage_text(report, all, width);
    const std::string wrong = output.write(text);
    if (!wrong.empty()) complain(io, wrong);
    return wrong.empty();
  }
};

}  // namespace

Action add_coverage(Arguments& args, const Io& io) {
  auto word = std::make_shared<CoverageWord>(io);
  args.option(
          "paths", word->paths,
          "files, and folders of them: a corpus of a kernel's fuzz target, litmus texts (their "
          "witnesses for the kernel); of a folder, all but *.md, *.txt, *.json, *.html and hidden "
          "files")
      .required();
  args.option("--kernel", word->kernel, "the kernel that they run under").shows_default();
  args.option("--format", word->format, "text, json, or html: a page for a browser")
      .one_of({"text", "json", "html"})
      .shows_default();
  args.option("-o,--output", word->out_path, "where to write; - is stdout, the default");
  args.flag("--force", word->force, "overwrite a file with another content");
  args.flag("--all", word->all, "text: what was reached as well, and every pair");
  add_width_option(args, word->page);
  return [word] { return word->run(); };
}

}  // namespace rmap
