// soak: a campaign that fuzzes one kernel for hours or weeks.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "core/kernel/expression.h"
#include "repro/run/session.h"
#include "repro/soak/supervisor.h"
#include "repro/words/words.h"

namespace rmap {
namespace {

struct SoakWord {
  explicit SoakWord(const Io& where) : io(where) {}

  const Io& io;
  SoakOptions options;
  std::string kernel = "newest";
  std::string campaigns = "build/soak";
  double hours = 0;

  int run() {
    std::optional<NamedKernel> found = find_kernel(kernel, io);
    if (!found) return kBadInput;
    options.kernel = *std::move(found);
    options.planned_ms = static_cast<uint64_t>(hours * 3'600'000);
    if (options.directory.empty())
      options.directory = campaigns + "/" + in_a_path(options.kernel.name);
    std::error_code code;
    options.directory =
        std::filesystem::absolute(options.directory, code).lexically_normal().string();
    if (options.fuzzer.empty()) options.fuzzer = fuzzer_beside();
    if (!std::filesystem::is_regular_file(options.fuzzer, code) ||
        ::access(options.fuzzer.c_str(), X_OK) != 0)
      return wrong(options.fuzzer +
                   ": no fuzz target is there; build it (./run build), or name "
                   "one with --fuzzer");
    for (const std::string& seeds : options.seeds) {
      if (!std::filesystem::is_directory(seeds, code))
        return wrong(seeds + ": is no folder; name one of inputs with --corpus");
    }
    return soak(options, io);
  }

  int wrong(const std::string& line) const {
    complain(io, line);
    return kBadInput;
  }

  static std::string in_a_path(std::string name) {
    std::replace(name.begin(), name.end(), '/', '_');
    return name;
  }

  static std::string fuzzer_beside() {
    std::error_code code;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", code);
    return (self.parent_path() / "rmap_fuzzer").string();
  }
};

}  // namespace

Action add_soak(Arguments& args, const Io& io) {
  auto word = std::make_shared<SoakWord>(io);
  SoakOptions& o = word->options;
  args.remark(
      "Whoever kills it, or pulls the plug, loses next to nothing: the same command goes on.\n"
      "report.txt and report.html in the directory are renewed every minute.\n\n"
      "Exit codes: 0 the hours are over without a finding, 1 findings, 2 refused, bad usage, or "
      "it\n"
      "could not go on, 3 nothing can be concluded: it was ended (ctrl-C, SIGTERM, SIGHUP) when\n"
      "hours were left, or the fuzzers had trouble.");
  args.option("--kernel", word->kernel, "a kernel expression (default: the newest)");
  args.number("--hours", word->hours, 0.0001, 100'000.0,
              "how long, all starts of the campaign together; fractions are allowed")
      .required();
  args.number("--jobs", o.jobs, 1, 256, "so many fuzzers (default: one per processor)");
  args.option("--campaigns", word->campaigns,
              "where campaigns live, each in a folder that is called as its kernel")
      .shows_default();
  args.option("--directory", o.directory, "where this one lives instead");
  args.number("--seed", o.seed, 1, 1'000'000'000,
              "of a new campaign (default: a new one each time)");
  args.option("--corpus", o.seeds,
              "a folder of inputs to begin with, which is only read; may "
              "be repeated");
  args.option("--fuzzer", o.fuzzer, "the fuzz target (default: rmap_fuzzer beside this program)");
  add_schedules(args, o.schedules_max, "a candidate, while minimizing,");
  args.number("--merge-above", o.corpus_max, 1, 1'000'000'000,
              "merge the corpus when it has more files (default 4000)");
  args.flag("--json", o.json, "print the final report as one JSON object");
  return [word] { return word->run(); };
}

}  // namespace rmap
