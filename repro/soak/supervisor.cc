// SPDX-License-Identifier: Apache-2.0
#include "repro/soak/supervisor.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <deque>
#include <set>

#include "repro/files/file.h"
#include "repro/print/every.h"
#include "repro/print/terminal.h"
#include "repro/print/text.h"
#include "repro/soak/corpus.h"
#include "repro/soak/findings.h"
#include "repro/soak/gather.h"
#include "repro/soak/keeper.h"
#include "repro/soak/signals.h"
#include "repro/soak/worker.h"

namespace rmap {
namespace {

constexpr useconds_t kTick = 100'000;
constexpr uint64_t kLookMs = 1'000;     // At inputs, and at how far it is.
constexpr uint64_t kSampleMs = 10'000;  // Into the journal.
constexpr uint64_t kReportMs = 60'000;
constexpr uint64_t kStopMs = 3'000;    // For a fuzzer to end when it is told to.
constexpr uint32_t kShortRunsMax = 4;  // Of each fuzzer, without an execution: it cannot run.

class Supervisor {
 public:
  Supervisor(const SoakOptions& options, const Io& io)
      : options_(options),
        io_(io),
        status_(io),
        folder_(options.directory),
        totals_(folder_.file("reached")),
        merge_(folder_, options.fuzzer, options.kernel.name, options.corpus_max),
        keeper_(folder_, options.kernel, options.schedules_max) {}

  int run() {
    if (!open()) return end_in_trouble();
    if (elapsed_ms() >= options_.planned_ms && keeper_.look() == 0) return end();
    const StopSignals signals;
    begin();
    while (!stop_asked() && error_.empty() && elapsed_ms() < options_.planned_ms) {
      const uint64_t now = now_ms();
      for (Worker& worker : workers_) tend(worker, now);
      look(now);
      ::usleep(kTick);
    }
    stop_workers();
    if (error_.empty()) finish();
    if (!error_.empty()) return end_in_trouble();
    return end();
  }

 private:
  // --- Beginning ---------------------------------------------------------------------------------
  bool open() {
    const auto drawn = static_cast<uint32_t>(std::time(nullptr)) % 1'000'000'000 + 1;
    campaign_ = {options_.kernel.name, kModelVersion, options_.seed != 0 ? options_.seed : drawn};
    error_ = folder_.open(campaign_);
    if (error_.empty()) error_ = journal_.open(folder_.file("journal.jsonl"));
    if (error_.empty()) error_ = totals_.begin(last_logged_run(folder_.file("logs")));
    if (!error_.empty()) return false;
    if (options_.seed != 0 && campaign_.seed != options_.seed)
      status_.say(fmt::format("soak: --seed {} is not used, the campaign was begun with seed {}",
                              options_.seed, campaign_.seed));
    remove_torn_inputs(folder_.file("corpus"));
    corpus_files_ = files_in(folder_.file("corpus")).size();
    for (const JournalLine& line : journal_.lines()) {
      base_ms_ = std::max(base_ms_, line.elapsed_ms);
      restarts_ = line.restarts;
      if (line.event == "input") noticed_.insert(line.what);
    }
    return true;
  }

  // The time before the line "start" counts as downtime, so nothing is noted before it.
  void begin() {
    worker_options_ = {options_.fuzzer, options_.kernel.name, options_.seeds, campaign_.seed};
    executions_before_ = totals_.sum().executions;
    started_ms_ = now_ms();
    running_ = true;
    note("start", "");
    notice();
    for (uint32_t i = 0; i < options_.jobs; i++)
      workers_.emplace_back(folder_, worker_options_, totals_);
  }

  // --- While it runs -----------------------------------------------------------------------------
  void tend(Worker& worker, uint64_t now) {
    const std::optional<std::string> death = worker.tick(now);
    if (!death) return;
    restarts_++;
    note("died", *death);
    if (error_.empty() && !can_run())
      error_ =
          fmt::format("{}: cannot run, {}; see {}", options_.fuzzer, *death, folder_.file("logs/"));
  }

  bool can_run() const {
    return totals_.sum().executions > executions_before_ ||
           std::any_of(workers_.begin(), workers_.end(),
                       [](const Worker& w) { return w.short_runs() < kShortRunsMax; });
  }

  void look(uint64_t now) {
    tend_children();
    if (!look_.due(now)) return;
    notice();
    if (sample_.due(now)) {
      note("sample", "");
      for (const Worker& worker : workers_) worker.tidy_log();
      remove_old_logs(folder_.file("logs"), totals_.ended_up_to());
      if (!merge_.running() && merge_.is_due(corpus_files_)) merge_.start();
    }
    tell(now);
  }

  // The children that take long: merging, minimizing.
  void tend_children() {
    if (merge_.running()) {
      const std::string result = merge_.result();
      if (!result.empty()) note("merged", result);
    }
    keeper_.tend();
  }

  void notice() {
    for (const std::string& input : stored_inputs(folder_)) {
      if (noticed_.insert(input).second) note("input", input);
    }
    keeper_.look();
  }

  // --- Telling -----------------------------------------------------------------------------------
  void note(const char* event, const std::string& what) {
    const Reached reached = totals_.sum();
    corpus_files_ = files_in(folder_.file("corpus")).size();
    const std::string wrong = journal_.append({.elapsed_ms = elapsed_ms(),
                                               .at = static_cast<uint64_t>(std::time(nullptr)),
                                               .executions = reached.executions,
                                               .corpus_files = corpus_files_,
                                               .sites = reached.site_count(),
                                               .pairs = reached.pairs.size(),
                                               .findings = noticed_.size(),
                                               .restarts = restarts_,
                                               .event = event,
                                               .what = what});
    if (error_.empty()) error_ = wrong;
  }

  // Without what must be gathered from the folder.
  SoakReport figures() {
    SoakReport r;
    r.kernel = campaign_.kernel;
    r.model = campaign_.model;
    r.seed = campaign_.seed;
    r.jobs = options_.jobs;
    r.elapsed_ms = elapsed_ms();
    r.planned_ms = options_.planned_ms;
    r.finished = !running_ && r.elapsed_ms >= r.planned_ms;
    r.restarts = restarts_;
    r.runs = totals_.runs();
    r.corpus_files = corpus_files_;
    put_reached(totals_.sum(), r);
    return r;
  }

  SoakReport report() {
    SoakReport r = figures();
    gather(folder_, journal_.lines(), r);
    for (std::string& why : keeper_.failures()) r.troubles.push_back(std::move(why));
    return r;
  }

  void write_reports(const SoakReport& r) {
    std::string wrong = replace_file(folder_.file("report.txt"), print_soak_text(r));
    if (wrong.empty()) wrong = replace_file(folder_.file("report.html"), print_soak_html(r));
    if (error_.empty()) error_ = wrong;
  }

  // A file gets the status line, too, once a minute.
  void tell(uint64_t now) {
    const bool minute = report_.due(now);
    if (minute) write_reports(report());
    const bool to_file = minute && !io_.err_is_terminal;
    if (!to_file && !status_.is_due()) return;
    const std::string line = status_line(figures(), noticed_.size());
    to_file ? status_.say(line) : status_.show(line);
  }

  uint64_t elapsed_ms() const { return base_ms_ + (running_ ? now_ms() - started_ms_ : 0); }

  // --- Ending ------------------------------------------------------------------------------------
  // On SIGUSR1 libFuzzer ends between two executions.
  void stop_workers() {
    base_ms_ = elapsed_ms();
    running_ = false;
    for (Worker& worker : workers_) worker.signal(SIGUSR1);
    for (const uint64_t begun = now_ms(); now_ms() - begun < kStopMs; ::usleep(kTick / 10)) {
      bool all = true;
      for (Worker& worker : workers_) all &= worker.has_stopped();
      if (all) return;
    }
    for (Worker& worker : workers_) worker.kill();
  }

  // What is under way is brought to its end, unless somebody asks (again) to stop.
  void finish() {
    const bool asked = stop_asked();
    const int asked_enough = asked ? 2 : 1;
    remove_torn_inputs(folder_.file("corpus"));
    notice();
    corpus_files_ = files_in(folder_.file("corpus")).size();
    if (!merge_.running() && merge_.is_due(corpus_files_)) merge_.start();
    const std::size_t left = keeper_.look();
    if (left > 0) status_.say(fmt::format("soak: {} to minimize ...", counted(left, "input")));
    while (stop_signals < asked_enough && error_.empty()) {
      tend_children();
      if (const uint64_t now = now_ms(); look_.due(now)) tell(now);
      if (keeper_.is_done() && keeper_.look() == 0 && !merge_.running()) break;
      ::usleep(kTick);
    }
    keeper_.kill();
    merge_.kill();
    note("stop", asked ? "asked to" : "");
  }

  int end() {
    const SoakReport r = report();
    write_reports(r);
    if (!error_.empty()) return end_in_trouble();
    status_.clear();
    io_.out << (options_.json ? print_soak_json(r) : print_soak_text(r));
    if (!options_.json) io_.out << fmt::format("\nreport      {}\n", folder_.file("report.html"));
    if (!r.findings.empty() || keeper_.look() > 0) return kFinding;  // Minimized or not.
    const bool conclusive = r.finished && r.executions > 0 && keeper_.failures().empty() &&
                            broken_fuzzers(folder_).empty();
    return conclusive ? kClean : kInconclusive;
  }

  int end_in_trouble() {
    status_.say(error_);
    return kBadInput;
  }

  const SoakOptions& options_;
  const Io& io_;
  StatusLine status_;
  Folder folder_;
  Campaign campaign_;
  Journal journal_;
  Totals totals_;
  WorkerOptions worker_options_;
  std::deque<Worker> workers_;
  CorpusMerge merge_;
  Keeper keeper_;
  std::set<std::string, std::less<>> noticed_;
  Every look_{kLookMs};
  Every sample_{kSampleMs};
  Every report_{kReportMs};
  uint64_t base_ms_ = 0;  // The running time of earlier starts.
  uint64_t started_ms_ = 0;
  bool running_ = false;
  uint64_t restarts_ = 0;
  uint64_t executions_before_ = 0;  // This start.
  uint64_t corpus_files_ = 0;
  std::string error_;
};

}  // namespace

// A parent may have left SIGCHLD ignored: then no child would ever be said to have failed. That
// whoever reads what is printed is gone is no reason to end.
int soak(const SoakOptions& options, const Io& io) {
  std::signal(SIGCHLD, SIG_DFL);
  std::signal(SIGPIPE, SIG_IGN);
  return Supervisor(options, io).run();
}

}  // namespace rmap
