// matrix: explores a program under every release, and under the commits between those that differ.
//
// The same decisions mean little under another kernel, so kernels are compared by exploring the
// program under each; what the file's own decisions do there is a column of its own. --bisect asks
// about one rule, and names the commits that introduced and fixed it.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/kernel/chain.h"
#include "core/kernel/expression.h"
#include "core/text/hint.h"
#include "core/text/nearest.h"
#include "core/text/quote.h"
#include "repro/compare/bisect_words.h"
#include "repro/compare/matrix_table.h"
#include "repro/print/json.h"
#include "repro/print/text.h"
#include "repro/words/words.h"

namespace rmap {
namespace {

// With more of them, there are very many schedules.
constexpr int kConcurrentMany = 5;

struct MatrixOptions {
  std::vector<std::string> files;
  uint32_t preemptions = 2;
  uint64_t schedules = ExploreLimits().schedules_max;
  bool every_commit = false;
  bool bisect = false;
  std::string rule;
  std::string kernel;
  PageOptions page;
  bool json = false;
};

// Which finding the table is about, and why.
struct Asking {
  AskedRule question;
  std::string reason;
  std::string about = {};  // The kernel of the file's own decisions.
  bool shown = false;      // Those decisions show the finding there.
};

// One file under all kernels.
class Matrix {
 public:
  Matrix(const MatrixOptions& options, const Input& input, Executors& executors, Progress& progress,
         const Io& io)
      : options_(options),
        io_(io),
        input_(input),
        executors_(executors),
        verdicts_(input, limits(options), executors, progress) {}

  // Schedules grow with the operations' product, so that a raw crash may take an hour where its
  // minimized form takes seconds.
  void warn_of_size() const {
    const auto& ops = input_.litmus.program.ops;
    const auto concurrent =
        std::count_if(ops.begin(), ops.end(), [](const Op& op) { return op.task != 0; });
    if (concurrent <= kConcurrentMany) return;
    complain(io_,
             fmt::format("{}: {} concurrent operations, which may take long; minimize it first",
                         input_.path, concurrent));
  }

  int run() {
    const std::optional<Asking> asking = ask_about();
    if (!asking) return kBadInput;
    warn_of_size();
    question_ = asking->question;
    if (!options_.json) print_heading(*asking);
    const Bisection b = bisected(*asking);
    if (options_.bisect) {
      append_own(*asking);
    } else {
      append_patches(b);
    }
    options_.json ? print_as_json(*asking, b) : print_rest(b);
    if (verdicts_.interrupted()) return kInconclusive;
    if (options_.bisect) return b.knows_all() ? kClean : kInconclusive;
    return std::all_of(rows_.begin(), rows_.end(), is_known) ? kClean : kInconclusive;
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
    options.settled = [this](const ChainRow& row, const Border* border) { settle(row, border); };
    holds_back_ = asking.shown;
    const Bisection b = bisect(chain_, ask, options);
    if (!holds_back_) return b;
    // A kernel without one of its commits shows what no release does: it came and went in between.
    holds_back_ = false;
    rows_.clear();
    options.every_commit = true;
    return bisect(chain_, ask, options);
  }

  // --- Which finding -----------------------------------------------------------------------------
  std::optional<Asking> ask_about() {
    if (!options_.bisect) return Asking{};
    const std::optional<NamedKernel> kernel = kernel_for(input_, options_.kernel, io_);
    if (!kernel) return std::nullopt;
    if (!options_.rule.empty())
      return Asking{*AskedRule::named(options_.rule), "the rule that --rule names", kernel->name};
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
      const Explored* e = verdicts_.explored(release, {});
      if (e == nullptr) break;
      for (uint32_t rule = 0; rule < kRulesEnd; rule++) sums[rule] += e->x.by_rule[rule];
    }
    const auto* most = std::max_element(std::begin(sums), std::end(sums));
    if (*most == 0) return {{}, "no release was seen to have any", about};
    return {{static_cast<uint32_t>(most - sums)},
            "the rule most often broken among the releases",
            about};
  }

  // --- Rows --------------------------------------------------------------------------------------
  // Nothing for a kernel that was not explored because the user asked to stop.
  std::optional<MatrixRow> row_of(const Asked& asked) {
    MatrixRow row{asked.kernel, {}, {}, asked.answer, nullptr};
    if (asked.answer.has == Has::refused) return row;
    row.explored = verdicts_.explored(asked.kernel, question_);
    return row.explored == nullptr ? std::nullopt : std::optional(row);
  }

  void settle(const ChainRow& each, const Border* border) {
    std::optional<MatrixRow> row = row_of(each.asked);
    if (!row) return;
    const bool is_release = chain_.steps_of(chain_.release_at_most(each.steps)) == each.steps;
    if (!is_release) row->commit = chain_.steps[each.steps - 1].commit;
    if (border != nullptr) row->border = border_words(chain_, *border);
    append(*std::move(row));
  }

  // Prints the row, and those that were held back until one has the finding.
  void append(MatrixRow row) {
    const bool was_held_back = holds_back_;
    holds_back_ &= row.answer.has != Has::yes;
    rows_.push_back(std::move(row));
    if (holds_back_ || options_.json) return;
    for (std::size_t i = was_held_back ? 0 : rows_.size() - 1; i < rows_.size(); i++)
      io_.out << row_words(rows_[i], width());
    io_.out << std::flush;
  }

  void append_kernel(const std::string& kernel) {
    if (std::optional<MatrixRow> row = row_of({kernel, answer(kernel)})) append(*std::move(row));
  }

  // The kernel of the file's own decisions, unless it is a row already.
  void append_own(const Asking& asking) {
    const Kernel own = kernel_named(asking.about).kernel;
    for (const MatrixRow& row : rows_) {
      if (row.explored != nullptr && row.explored->kernel == own) return;
    }
    append_kernel(asking.about);
  }

  // A patch that no release has is tried on the newest release that it could cure; if there is
  // none, on the newest that it could break.
  void append_patches(const Bisection& b) {
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
      if (!chosen.empty()) append_kernel(chosen);
    }
  }

  // --- Printing ----------------------------------------------------------------------------------
  std::size_t width() const { return prose_width_of(options_.page, io_); }

  void print_heading(const Asking& asking) const {
    io_.out << wrapped(input_.path + ": ",
                       fmt::format("{}, in all schedules with at most {}", question_.name(),
                                   counted(options_.preemptions, "preemption")),
                       width(), 2);
    if (!asking.reason.empty()) io_.out << wrapped("  ", asking.reason, width());
    io_.out << heading_words(width()) << std::flush;
  }

  void print_rest(const Bisection& b) const {
    const bool interrupted = verdicts_.interrupted();
    if (interrupted) {
      complain(io_, input_.path + ": interrupted; kernels without a row were not explored");
    }
    if (!options_.bisect) {
      const std::string unasked = sentence_on_the_unasked(chain_, b);
      if (!interrupted && !unasked.empty()) io_.out << wrapped("", unasked, width(), 2);
      return;
    }
    io_.out << "\n";
    for (const auto& paragraph : bisect_paragraphs(chain_, b)) {
      for (const std::string& text : paragraph) {
        const std::size_t indent = &text == &paragraph.front() ? 0 : 2;
        io_.out << wrapped(std::string(indent, ' '), text, width(), indent + 2);
      }
    }
  }

  bool is_complete() const {
    return !verdicts_.interrupted() &&
           std::all_of(rows_.begin(), rows_.end(), [](const MatrixRow& row) {
             return row.explored == nullptr || row.explored->x.exhausted;
           });
  }

  void print_as_json(const Asking& asking, const Bisection& b) const {
    nlohmann::json j = {{"complete", is_complete()},          {"file", input_.path},
                        {"not_asked", b.unasked(chain_)},     {"preemptions", options_.preemptions},
                        {"rows", nlohmann::json::array()},    {"rule", question_.name()},
                        {"schedules_max", options_.schedules}};
    for (const MatrixRow& row : rows_) j["rows"].push_back(row_as_json(row));
    if (options_.bisect) {
      j["reason"] = asking.reason;
      j["borders"] = nlohmann::json::array();
      for (const Border& border : b.borders) j["borders"].push_back(border_as_json(chain_, border));
      j["paragraphs"] = bisect_paragraphs(chain_, b);
    }
    print_json(io_, "matrix/1", std::move(j));
  }

  const MatrixOptions& options_;
  const Io& io_;
  const Input& input_;
  Executors& executors_;
  Verdicts verdicts_;
  const Chain chain_ = kernel_chain();
  AskedRule question_;
  std::vector<MatrixRow> rows_;
  bool holds_back_ = false;  // Rows are not printed yet.
};

// What is wrong with --rule, or nothing.
std::string check_rule(const std::string& rule) {
  if (AskedRule::named(rule)) return {};
  const bool is_early = rule_named(rule) != Rule::none;
  return fmt::format(
      "'{}' is no rule whose breach is a finding{}; `{} rules` lists them, and there are deadlock "
      "and any",
      printable(rule), is_early ? "" : did_you_mean(rule, rule_names()), tool());
}

int run_matrix(const MatrixOptions& options, const Io& io) {
  Executors executors;
  Progress progress(io);
  return for_each_file(options.files, [&](const std::string& path) -> int {
    const std::optional<Input> input = load(path, io, options.json);
    return input ? Matrix(options, *input, executors, progress, io).run() : kBadInput;
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
  add_schedules(args, options->schedules, "a kernel");
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
