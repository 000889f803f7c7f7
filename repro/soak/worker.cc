// SPDX-License-Identifier: Apache-2.0
#include "repro/soak/worker.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <set>

#include "repro/input.h"

namespace rmap {
namespace {

constexpr uint64_t kShortRunMs = 5'000;
constexpr std::size_t kLogBytesMax = 64u << 20;
constexpr std::string_view kFindingLine = "fuzz: execution ";

// What a log says of findings; each line with its newline.
std::vector<std::string_view> finding_lines(std::string_view log) {
  std::vector<std::string_view> lines;
  for (std::size_t at = 0; at < log.size();) {
    const std::size_t end = std::min(log.find('\n', at), log.size() - 1) + 1;
    if (log.substr(at).starts_with(kFindingLine)) lines.push_back(log.substr(at, end - at));
    at = end;
  }
  return lines;
}

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

void shorten_log(const std::string& path, std::size_t bytes_max, std::size_t bytes_kept) {
  std::string log;
  if (!read_file(path, kLogBytesMax, log).empty() || log.size() <= bytes_max) return;
  const std::size_t cut = std::min(log.find('\n', log.size() - bytes_kept), log.size() - 1) + 1;
  std::string kept;
  for (std::string_view line : finding_lines(std::string_view(log).substr(0, cut))) kept += line;
  kept += log.substr(cut);
  // The fuzzer has it open to append to, so it stays the same file.
  const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (file < 0) return;
  if (::ftruncate(file, 0) != 0 || ::write(file, kept.data(), kept.size()) < 0)
    kept.clear();  // A log is no more than a help.
  ::close(file);
}

std::map<std::string, uint32_t> runs_by_signature(const std::string& logs) {
  std::map<std::string, uint32_t> runs;
  for (const std::string& name : files_in(logs)) {
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;  // A merge's.
    std::string log;
    if (!read_file(logs + "/" + name, kLogBytesMax, log).empty()) continue;
    std::set<std::string_view> signatures;
    for (std::string_view line : finding_lines(log)) {
      const std::size_t at = line.find(": ", kFindingLine.size());
      if (at == std::string_view::npos || !line.ends_with('\n')) continue;
      signatures.insert(line.substr(at + 2, line.size() - at - 3));
    }
    for (std::string_view signature : signatures) runs[std::string(signature)]++;
  }
  return runs;
}

}  // namespace rmap
