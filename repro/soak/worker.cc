// SPDX-License-Identifier: Apache-2.0
#include "repro/soak/worker.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

#include "repro/files/file.h"
#include "repro/files/input.h"

namespace rmap {
namespace {

constexpr uint64_t kShortRunMs = 5'000;
constexpr std::size_t kLogBytesMax = 64u << 20;
constexpr uint32_t kLogsKept = 100;

}  // namespace

std::vector<std::string> worker_command(const Folder& folder, const WorkerOptions& options,
                                        uint32_t run) {
  const uint32_t seed = (options.seed + run) % 0x7fff'ffffu + 1;  // 0 would be libFuzzer's choice.
  std::vector<std::string> command = {
      options.fuzzer,
      "--kernel=" + options.kernel,
      "--findings=" + folder.file("inputs"),
      "--reached=" + folder.file("reached/") + run_name(run),
      fmt::format("-seed={}", seed),
      "-reload=1",
      "-max_len=4096",
      "-rss_limit_mb=2560",
      "-timeout=25",
      "-artifact_prefix=" + folder.file("crashes/"),
      "-print_funcs=0",
      folder.file("corpus"),
  };
  command.insert(command.end(), options.seeds.begin(), options.seeds.end());
  return command;
}

uint64_t pause_after(uint32_t short_runs) {
  constexpr uint64_t kPauseMsMax = 60'000;
  return short_runs == 0 ? 0 : std::min<uint64_t>(500ull << std::min(short_runs, 16u), kPauseMsMax);
}

std::optional<std::string> Worker::tick(uint64_t now_ms) {
  if (process_.ended()) {
    const uint32_t run = run_;
    note_end();
    short_runs_ = now_ms - started_ms_ < kShortRunMs ? short_runs_ + 1 : 0;
    next_start_ms_ = now_ms + pause_after(short_runs_);
    return fmt::format("run {}: {}", run_name(run), status_words(process_.status()));
  }
  if (process_.running() || now_ms < next_start_ms_) return std::nullopt;
  run_ = totals_->next_run();
  started_ms_ = now_ms;
  if (!process_.start(worker_command(*folder_, *options_, run_),
                      folder_->file("logs/") + run_name(run_))) {
    totals_->ended(run_);
    next_start_ms_ = now_ms + pause_after(++short_runs_);
  }
  return std::nullopt;
}

bool Worker::has_stopped() {
  if (process_.ended()) note_end();
  return !process_.running();
}

void Worker::kill() {
  if (!process_.running()) return;
  process_.kill();
  note_end();
}

void Worker::note_end() {
  totals_->ended(run_);
  shorten_log(folder_->file("logs/") + run_name(run_), 16u << 10, 8u << 10);
}

void Worker::tidy_log() const {
  if (process_.running()) shorten_log(folder_->file("logs/") + run_name(run_), 4u << 20, 64u << 10);
}

void shorten_log(const std::string& path, std::size_t bytes_max, std::size_t bytes_kept) {
  std::string log;
  if (!read_file(path, kLogBytesMax, log).empty() || log.size() <= bytes_max) return;
  const std::size_t cut = std::min(log.find('\n', log.size() - bytes_kept), log.size() - 1) + 1;
  log.erase(0, cut);
  // The fuzzer has it open to append to, so it stays the same file.
  const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (file < 0) return;
  if (::ftruncate(file, 0) != 0 || ::write(file, log.data(), log.size()) < 0)
    log.clear();  // It is no more than a help.
  ::close(file);
}

uint32_t last_logged_run(const std::string& logs) {
  uint32_t last = 0;
  for (const std::string& name : files_in(logs)) last = std::max(last, run_number(name));
  return last;
}

void remove_old_logs(const std::string& logs, uint32_t ended_up_to) {
  std::error_code code;
  for (const std::string& name : files_in(logs)) {
    const uint32_t run = run_number(name);
    if (run != 0 && run + kLogsKept <= ended_up_to)
      std::filesystem::remove(logs + "/" + name, code);
  }
}

}  // namespace rmap
