// regress: replays a whole folder of inputs and regressions in one process.
// SPDX-License-Identifier: Apache-2.0
#include "repro/keep/regress.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/text/quote.h"
#include "repro/files/file.h"
#include "repro/files/output.h"
#include "repro/keep/junit.h"
#include "repro/print/json.h"
#include "repro/print/terminal.h"
#include "repro/print/text.h"
#include "repro/words/words.h"

namespace rmap {
namespace {

// Files, rate and failures so far; on a terminal only, so that no output depends on the clock.
class FilesProgress {
 public:
  explicit FilesProgress(const Io& io)
      : io_(io), status_(io), begin_(std::chrono::steady_clock::now()) {}

  void show(const RegressReport& report) {
    if (!status_.is_due()) return;
    status_.show(fmt::format("{} of {} files, {} per second, {} failed", report.replayed,
                             report.files.size(), rate(report), report.failed));
  }
  void clear() { status_.clear(); }
  void finish(const RegressReport& report) {
    if (io_.err_is_terminal) status_.say(fmt::format("{} files per second", rate(report)));
  }

 private:
  uint64_t rate(const RegressReport& report) const {
    const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - begin_);
    return report.replayed * 1000 / static_cast<uint64_t>(std::max<int64_t>(passed.count(), 1));
  }

  const Io& io_;
  StatusLine status_;
  std::chrono::steady_clock::time_point begin_;
};

class Clock {
 public:
  // Seconds since it was called last, or since the beginning.
  double lap() {
    const auto before = std::exchange(last_, std::chrono::steady_clock::now());
    return std::chrono::duration<double>(last_ - before).count();
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

struct RegressWord {
  explicit RegressWord(const Io& where) : io(where) {}

  const Io& io;
  std::vector<std::string> paths = {"repro/regressions"};
  RegressOptions options;
  std::string junit_path;
  bool json = false;
  std::optional<Io> said = io;  // Where all but the JUnit report goes.

  int run() {
    if (!find_kernel(options.kernel, io)) return kBadInput;
    Regress regress(options, paths);
    const RegressReport& report = regress.report();
    const Output junit(io, junit_path, true);
    if (!junit_path.empty() && !may_write(junit, report.files)) return kBadInput;
    if (!junit_path.empty()) said.emplace(junit.said());
    for (const Unusable& u : report.errors) complain(io, u.error);
    FilesProgress progress(io);
    std::vector<double> seconds;
    bool stopped = false;
    for (Clock clock; !(stopped = io.interrupted && io.interrupted()) && regress.next();
         seconds.push_back(clock.lap())) {
      progress.show(report);
      if (regress.new_remarks().empty()) continue;
      progress.clear();
      for (const Remark& r : regress.new_remarks()) print(report, r);
    }
    progress.finish(report);
    const std::size_t left = report.files.size() - report.replayed;
    stopped = stopped && left > 0;
    if (stopped)
      complain(io, fmt::format("regress: interrupted; {} not replayed", counted(left, "file")));
    const int code = stopped ? worse(report.code(), kInconclusive) : report.code();
    if (json) {
      print_json(*said, "regress/1", regress_json(report));
    } else {
      said->out << regress_table(report);
    }
    if (junit_path.empty()) return code;
    return write(junit, report, seconds) ? code : kBadInput;
  }

  void print(const RegressReport& report, const Remark& r) const {
    if (r.kernel.empty()) return complain(io, remark_line(report, r));
    if (json) return;  // It is in the object.
    said->out << printable_line(remark_line(report, r)) << "\n" << std::flush;
  }

  // An older report is replaced; anything else is not ours to overwrite.
  bool may_write(const Output& junit, const std::vector<std::string>& inputs) const {
    std::string wrong = junit.objection(inputs);
    std::string old;
    if (wrong.empty() && is_filled_file()) wrong = read_file(junit_path, 1u << 30, old);
    if (wrong.empty() && !old.empty() && !old.starts_with(kJunitHead))
      wrong = fmt::format("{}: exists and is no report of regress; take another name", junit_path);
    if (!wrong.empty()) complain(io, wrong);
    return wrong.empty();
  }

  // What is no regular file is only written to.
  bool is_filled_file() const {
    std::error_code code;
    return std::filesystem::is_regular_file(junit_path, code) &&
           std::filesystem::file_size(junit_path, code) > 0;
  }

  bool write(const Output& junit, const RegressReport& report,
             const std::vector<double>& seconds) const {
    if (!may_write(junit, report.files)) return false;  // It may be new.
    const std::string wrong = junit.write(junit_xml(report, seconds));
    if (!wrong.empty()) complain(io, wrong);
    return wrong.empty();
  }
};

}  // namespace

Action add_regress(Arguments& args, const Io& io) {
  auto word = std::make_shared<RegressWord>(io);
  args.option("paths", word->paths,
              "files, and folders of them: regressions and other litmus texts, and bytes; of a "
              "folder, all but *.md, *.txt, *.json, *.html and hidden files")
      .shows_default();
  args.option("--kernel", word->options.kernel,
              "the kernel for bytes, and for texts that keep no execution")
      .shows_default();
  args.flag("--expect-finding", word->options.expect_finding,
            "those must end in a finding, instead of without one");
  args.option("--junit", word->junit_path, "write the results as JUnit XML, too; - is stdout");
  args.flag("--json", word->json, "one JSON object");
  args.remark(
      "A text that keeps executions (witness, schedule, finding and trace lines) must show them\n"
      "again. One that keeps none and expects a finding was cut off, and fails; any other text is\n"
      "run as bytes are. What another model version kept is stale: the rule is still broken, and\n"
      "rebase writes it anew.\n"
      "Exit codes: 0 all passed, 1 some failed, 2 bad input or usage, 3 some are stale or\n"
      "inconclusive.");
  return [word] { return word->run(); };
}

}  // namespace rmap
