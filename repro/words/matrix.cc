// matrix: explores a program under every release, and under the commits between those that differ.
//
// The same decisions mean little under another kernel, so kernels are compared by exploring the
// program under each; what the file's own decisions do there is a column of its own. --bisect asks
// about one rule, and names the commits that introduced and fixed it.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "repro/bisect_words.h"
#include "repro/matrix_table.h"
#include "repro/text.h"
#include "repro/words/words.h"

namespace rmap {
namespace {

// With more of them, there are very many schedules.
constexpr int kConcurrentMany = 5;

struct MatrixOptions {
  std::vector<std::string> files;
  uint32_t preemptions = 2;
  uint64_t schedules = 1'000'000;
  bool every_commit = false;
  bool bisect = false;
  std::string rule;
  std::string kernel;
  PageOptions page;
  bool json = false;
};

// Which finding the table is about, and why.
struct Asking {
  Question question;
  std::string reason;
  std::string about = {};  // The kernel of the file's own decisions.
  bool shown = false;      // Those decisions show the finding there.
};

// One file under all kernels.
class Matrix {
 public:
  Matrix(const MatrixOptions& options, const Input& input, Executors& executors, const Io& io)
      : options_(options),
        io_(io),
        input_(input),
        executors_(executors),
        verdicts_(input, limits(options), executors, io) {}

  // Schedules grow with the operations' product, so that a raw crash may take an hour where its
  // minimized form takes seconds.
  void warn_of_size() const {
    const auto& ops = input_.litmus.program.ops;
    const auto concurrent =
        std::count_if(ops.begin(), ops.end(), [](const Op& op) { return op.task != 0; });
    if (concurrent <= kConcurrentMany) return;
    io_.err << fmt::format("{}: {} concurrent operations, which may take long; minimize it first\n",
                           input_.path, concurrent);
  }

  int run() {
    const std::optional<Asking> asking = ask_about();
    if (!asking) return kBadInput;
    warn_of_size();
    question_ = asking->question;
    const Bisection b = bisected(*asking);
    std::vector<MatrixRow> rows = chain_rows(b);
    if (options_.bisect) {
      append_own(*asking, rows);
    } else {
      append_patches(b, rows);
    }
    options_.json ? print_as_json(*asking, b, rows) : print(*asking, b, rows);
    if (options_.bisect) return b.knows_all() ? kClean : kInconclusive;
    return std::all_of(rows.begin(), rows.end(), is_known) ? kClean : kInconclusive;
  }

 private:
  static ExploreLimits limits(const MatrixOptions& options) {
    return {options.preemptions, options.schedules};
  }

  Answer answer(const std::string& kernel) { return verdicts_.answer(kernel, question_); }

  // Not all that was asked for is known while schedules are left.
  static bool is_known(const MatrixRow& row) {
    if (row.explored == nullptr) return true;
    return row.explored->x.exhausted && row.answer.verdict != "unknown";
  }

  Bisection bisected(const Asking& asking) {
    const Ask ask = [this](const std::string& kernel) { return answer(kernel); };
    BisectOptions options{options_.every_commit, options_.bisect, asking.about};
    const Bisection b = bisect(chain_, ask, options);
    // A kernel without one of its commits shows what no release does: it came and went in between.
    if (!asking.shown || b.is_anywhere()) return b;
    options.every_commit = true;
    return bisect(chain_, ask, options);
  }

  // --- Which finding -----------------------------------------------------------------------------
  std::optional<Asking> ask_about() {
    if (!options_.bisect) return Asking{};
    const std::optional<NamedKernel> kernel = kernel_for(input_, options_.kernel, io_);
    if (!kernel) return std::nullopt;
    if (!options_.rule.empty())
      return Asking{*Question::named(options_.rule), "the rule that --rule names", kernel->name};
    Executor& executor = executors_.of(kernel->kernel);
    const Result& r = executor.run(program_for(input_, kernel->kernel));
    if (r.finding()) {
      return Asking{
          {r.outcome.violation.rule},
          fmt::format("the rule that the file's own decisions break under {}", kernel->name),
          kernel->name,
          true};
    }
    return most_frequent(kernel->name);
  }

  // The rule that most schedules of the releases break.
  Asking most_frequent(const std::string& about) {
    uint64_t sums[kRulesEnd] = {};
    for (const std::string& release : chain_.releases) {
      const Exploration& x = verdicts_.explored(release, {}).x;
      for (uint32_t rule = 0; rule < kRulesEnd; rule++) sums[rule] += x.by_rule[rule];
    }
    const auto* most = std::max_element(std::begin(sums), std::end(sums));
    if (*most == 0) return {{}, "no release has any", about};
    return {{static_cast<uint32_t>(most - sums)},
            "the rule most often broken among the releases",
            about};
  }

  // --- Rows --------------------------------------------------------------------------------------
  MatrixRow row_of(const Asked& asked) {
    MatrixRow row{asked.kernel, {}, {}, asked.answer, nullptr};
    if (asked.answer.has != Has::refused)
      row.explored = &verdicts_.explored(asked.kernel, question_);
    return row;
  }

  std::vector<MatrixRow> chain_rows(const Bisection& b) {
    std::vector<MatrixRow> rows;
    for (const ChainRow& each : b.rows) {
      MatrixRow row = row_of(each.asked);
      const bool is_release = chain_.steps_of(chain_.release_at_most(each.steps)) == each.steps;
      if (!is_release) row.commit = chain_.steps[each.steps - 1].commit;
      for (const Border& border : b.borders) {
        if (border.last + 1 == each.steps) row.border = border_words(chain_, border);
      }
      rows.push_back(std::move(row));
    }
    return rows;
  }

  // The kernel of the file's own decisions, unless it is a row already.
  void append_own(const Asking& asking, std::vector<MatrixRow>& rows) {
    const Kernel own = kernel_named(asking.about).kernel;
    for (const MatrixRow& row : rows) {
      if (row.explored != nullptr && row.explored->kernel == own) return;
    }
    rows.push_back(row_of({asking.about, answer(asking.about)}));
  }

  // A patch that never landed is tried on the newest release that it could cure; if there is none,
  // on the newest that it could break.
  void append_patches(const Bisection& b, std::vector<MatrixRow>& rows) {
    std::string last;
    for (const Change& c : changes()) {
      if (!c.release.empty() || last == c.commit) continue;
      last = c.commit;
      std::string chosen;
      bool cures = false;
      for (const std::string& release : chain_.releases) {
        const std::string kernel = release + "+" + last;
        const auto is_it = [&](const ChainRow& row) { return row.asked.kernel == release; };
        const auto at = std::find_if(b.rows.begin(), b.rows.end(), is_it);
        const bool broken = at->asked.answer.has == Has::yes;
        if ((cures && !broken) || !parse_kernel(kernel).kernel) continue;
        chosen = kernel;
        cures = broken;
      }
      if (!chosen.empty()) rows.push_back(row_of({chosen, answer(chosen)}));
    }
  }

  // --- Printing ----------------------------------------------------------------------------------
  void print(const Asking& asking, const Bisection& b, const std::vector<MatrixRow>& rows) const {
    const std::size_t width = prose_width_of(options_.page, io_);
    io_.out << wrapped(input_.path + ": ",
                       fmt::format("{}, in all schedules with at most {} preemptions",
                                   question_.name(), options_.preemptions),
                       width, 2);
    if (!asking.reason.empty()) io_.out << wrapped("  ", asking.reason, width);
    io_.out << table_words(rows, width);
    if (!options_.bisect) return;
    io_.out << "\n";
    for (const auto& paragraph : bisect_paragraphs(chain_, b)) {
      for (const std::string& text : paragraph) {
        const std::size_t indent = &text == &paragraph.front() ? 0 : 2;
        io_.out << wrapped(std::string(indent, ' '), text, width, indent + 2);
      }
    }
  }

  void print_as_json(const Asking& asking, const Bisection& b,
                     const std::vector<MatrixRow>& rows) const {
    nlohmann::json j = {{"file", input_.path},
                        {"preemptions", options_.preemptions},
                        {"rows", nlohmann::json::array()},
                        {"rule", question_.name()},
                        {"schedules_max", options_.schedules}};
    for (const MatrixRow& row : rows) j["rows"].push_back(row_as_json(row));
    if (options_.bisect) {
      j["reason"] = asking.reason;
      j["borders"] = nlohmann::json::array();
      for (const Border& border : b.borders) j["borders"].push_back(border_as_json(chain_, border));
      j["paragraphs"] = bisect_paragraphs(chain_, b);
    }
    print_json(io_, j);
  }

  const MatrixOptions& options_;
  const Io& io_;
  const Input& input_;
  Executors& executors_;
  Verdicts verdicts_;
  const Chain chain_ = kernel_chain();
  Question question_;
};

// What is wrong with --rule, or nothing.
std::string check_rule(const std::string& rule) {
  if (Question::named(rule)) return {};
  return fmt::format(
      "'{}' is no rule whose breach is a finding; `rmapfuzz rules` lists them, and there are "
      "deadlock and any",
      rule);
}

int run_matrix(const MatrixOptions& options, const Io& io) {
  Executors executors;
  return for_each_file(options.files, [&](const std::string& path) -> int {
    const std::optional<Input> input = load(path, io);
    return input ? Matrix(options, *input, executors, io).run() : kBadInput;
  });
}

}  // namespace

Action add_matrix(Arguments& args, const Io& io) {
  auto options = std::make_shared<MatrixOptions>();
  args.option(
          "files", options->files,
          "inputs: bytes or litmus text; their operations are explored, their decisions are only "
          "replayed, in the last column")
      .required();
  args.number("--preemptions", options->preemptions, 0, 1000,
              "the bound (default 2); a never is tried with one more, up to 200000 schedules");
  args.number("--schedules", options->schedules, 1, 1'000'000'000,
              "give up on a kernel after so many schedules (default 1000000)");
  args.flag("--every-commit", options->every_commit,
            "explore each commit, also between releases that agree: what came and went there");
  const Argument bisect = args.flag(
      "--bisect", options->bisect,
      "name the commits that introduced and fixed one rule's finding, and what each does alone");
  args.option("--rule", options->rule,
              "with --bisect: the rule, `deadlock` or `any` (default: what the file's own "
              "decisions show, else the rule most found among the releases)")
      .check(check_rule)
      .needs(bisect);
  args.option("--kernel", options->kernel,
              "with --bisect: the kernel of the file's own decisions, for which a fix is tried, "
              "too (default: that of the file's first witness, else the newest)")
      .needs(bisect);
  args.flag("--json", options->json, "one JSON object per file, with a row per kernel");
  add_width_option(args, options->page);
  return [options, &io] { return run_matrix(*options, io); };
}

}  // namespace rmap
