// SPDX-License-Identifier: Apache-2.0
#include "repro/soak/keeper.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "repro/files/file.h"
#include "repro/soak/findings.h"

namespace rmap {
namespace {

constexpr uint32_t kTriesMax = 2;
constexpr std::size_t kLogBytesMax = 1u << 20;

}  // namespace

std::size_t Keeper::look() {
  if (process_.running()) return to_do_.size();
  to_do_.clear();
  for (const std::string& input : inputs_to_do(*folder_, kept_findings(*folder_))) {
    if (!unkept_.contains(input)) to_do_.push_back(input);
  }
  return to_do_.size();
}

void Keeper::tend() {
  if (process_.ended()) kept();
  if (!process_.running() && !to_do_.empty()) keep();
}

void Keeper::keep() {
  const auto body = [&] {
    const std::string wrong = keep_input(*folder_, *kernel_, to_do_.front(), schedules_max_);
    if (wrong.empty()) return 0;
    const std::string line = wrong + "\n";
    return ::write(STDERR_FILENO, line.data(), line.size()) < 0 ? 2 : 1;
  };
  const std::string log = folder_->file("logs/minimize");
  ::unlink(log.c_str());
  if (!process_.start(body, log)) to_do_.clear();  // No process to be had: another time.
}

void Keeper::kept() {
  const std::string input = to_do_.front();
  to_do_.pop_front();
  if (process_.status() == 0 && is_listed(input)) return;
  if (++tries_[input] < kTriesMax) return;
  std::string log;
  if (!read_file(folder_->file("logs/minimize"), kLogBytesMax, log).empty()) log.clear();
  unkept_[input] =
      fmt::format("{} could not be minimized ({}): {}", folder_->file("inputs/") + input,
                  status_words(process_.status()), log.substr(0, log.find('\n')));
}

// Whatever the child says: as long as a finding does not list it, it would be done for ever.
bool Keeper::is_listed(const std::string& input) const {
  const std::vector<std::string> left = inputs_to_do(*folder_, kept_findings(*folder_));
  return std::find(left.begin(), left.end(), input) == left.end();
}

std::vector<std::string> Keeper::failures() const {
  std::vector<std::string> all;
  for (const auto& [input, why] : unkept_) all.push_back(why);
  return all;
}

}  // namespace rmap
