// SPDX-License-Identifier: Apache-2.0
#include "repro/soak/supervisor.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <ctime>
#include <deque>
#include <set>

#include "repro/soak/corpus.h"
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
constexpr uint64_t kStopMs = 3'000;  // For a fuzzer to end when it is told to.

uint64_t now_ms() {
  using namespace std::chrono;
  return static_cast<uint64_t>(
      duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count());
}

// True every so many milliseconds, the first time at once.
class Every {
 public:
  explicit Every(uint64_t period_ms) : period_ms_(period_ms) {}
  bool due(uint64_t now) {
    if (now < next_) return false;
    next_ = now + period_ms_;
    return true;
  }

 private:
  uint64_t period_ms_;
  uint64_t next_ = 0;
};

class Supervisor {
 public:
  Supervisor(const SoakOptions& options, const Io& io)
      : options_(options),
        io_(io),
        folder_(options.directory),
        totals_(folder_.file("reached")),
        merge_(folder_, options.fuzzer, options.kernel.name, options.corpus_max),
        keeper_(folder_, options.kernel, options.schedules_max) {}

  int run() {
    if (!begin()) return end_in_trouble();
    const StopSignals signals;
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
  bool begin() {
    campaign_ = {options_.kernel.name, kModelVersion, options_.seed};
    error_ = folder_.open(campaign_);
    if (error_.empty()) error_ = journal_.open(folder_.file("journal.jsonl"));
    if (error_.empty()) error_ = totals_.fold();
    if (!error_.empty()) return false;
    remove_torn_inputs(folder_.file("corpus"));
    for (const JournalLine& line : journal_.lines()) {
      base_ms_ = std::max(base_ms_, line.elapsed_ms);
      restarts_ = line.restarts;
      if (line.event == "input") noticed_.insert(line.what);
    }
    worker_options_ = {options_.fuzzer, options_.kernel.name, options_.seeds, campaign_.seed};
    started_ms_ = now_ms();
    running_ = true;
    notice();
    note("start", "");
    for (uint32_t i = 0; i < options_.jobs; i++)
      workers_.emplace_back(folder_, worker_options_, totals_);
    return error_.empty();
  }

  // --- While it runs -----------------------------------------------------------------------------
  void tend(Worker& worker, uint64_t now) {
    const std::optional<std::string> death = worker.tick(now);
    if (!death) return;
    restarts_++;
    note("died", *death);
  }

  void look(uint64_t now) {
    tend_children();
    if (!look_.due(now)) return;
    notice();
    if (sample_.due(now)) {
      note("sample", "");
      shorten_logs();
      if (!merge_.running() && merge_.is_due(corpus_files_)) merge_.start();
    }
    if (report_.due(now)) write_reports(report());
    show(now);
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
    for (const std::string& input : files_in(folder_.file("inputs"))) {
      if (noticed_.insert(input).second) note("input", input);
    }
    keeper_.look();
  }

  void shorten_logs() {
    for (const std::string& name : files_in(folder_.file("logs")))
      shorten_log(folder_.file("logs/") + name, 4u << 20, 64u << 10);
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
    std::string wrong = write_durably(folder_.file("report.txt"), print_soak_text(r));
    if (wrong.empty()) wrong = write_durably(folder_.file("report.html"), print_soak_html(r));
    if (error_.empty()) error_ = wrong;
  }

  // One line, renewed on a terminal, else one a minute.
  void show(uint64_t now) {
    if (!io_.err_is_terminal && !show_.due(now)) return;
    const std::string line = status_line(figures(), noticed_.size());
    io_.err << (io_.err_is_terminal ? "\r\033[K" + line : line + "\n") << std::flush;
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

  // What is under way is brought to its end, unless somebody asks a second time.
  void finish() {
    remove_torn_inputs(folder_.file("corpus"));
    notice();
    corpus_files_ = files_in(folder_.file("corpus")).size();
    if (!merge_.running() && merge_.is_due(corpus_files_)) merge_.start();
    const std::size_t left = keeper_.look();
    if (left > 0) io_.err << fmt::format("soak: {} inputs to minimize ...\n", left) << std::flush;
    while (!stop_asked_again() && error_.empty()) {
      tend_children();
      if (keeper_.is_done() && keeper_.look() == 0 && !merge_.running()) break;
      ::usleep(kTick);
    }
    keeper_.kill();
    merge_.kill();
    note("stop", stop_asked() ? "asked to" : "");
  }

  int end() {
    const SoakReport r = report();
    write_reports(r);
    if (!error_.empty()) return end_in_trouble();
    if (io_.err_is_terminal) io_.err << "\r\033[K" << std::flush;
    io_.out << (options_.json ? print_soak_json(r) : print_soak_text(r));
    if (!options_.json) io_.out << fmt::format("\nreport      {}\n", folder_.file("report.html"));
    if (!r.findings.empty()) return kFinding;
    const bool conclusive =
        r.executions > 0 && keeper_.failures().empty() && broken_fuzzers(folder_).empty();
    return conclusive ? kClean : kInconclusive;
  }

  int end_in_trouble() {
    io_.err << error_ << "\n";
    return kBadInput;
  }

  const SoakOptions& options_;
  const Io& io_;
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
  Every show_{kReportMs};
  uint64_t base_ms_ = 0;  // The running time of earlier starts.
  uint64_t started_ms_ = 0;
  bool running_ = false;
  uint64_t restarts_ = 0;
  uint64_t corpus_files_ = 0;
  std::string error_;
};

}  // namespace

int soak(const SoakOptions& options, const Io& io) { return Supervisor(options, io).run(); }

}  // namespace rmap
