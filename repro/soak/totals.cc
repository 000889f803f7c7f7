// SPDX-License-Identifier: Apache-2.0
#include "repro/soak/totals.h"

#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <filesystem>

#include "repro/input.h"
#include "repro/soak/folder.h"

namespace rmap {
namespace {

constexpr std::string_view kTotal = "total-";

// The number that a file's name ends with, or 0.
uint32_t number_in(std::string_view name) {
  if (name.starts_with(kTotal)) name.remove_prefix(kTotal.size());
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  return error == std::errc() && end == name.data() + name.size() ? number : 0;
}

std::string_view bytes_of(const ReachedFile& file) {
  return {reinterpret_cast<const char*>(&file), sizeof file};
}

}  // namespace

std::string run_name(uint32_t number) { return fmt::format("{:04}", number); }

// A fuzzer that was killed at once leaves a file without a beginning, which counts for nothing.
bool Totals::add_file(const std::string& name, Reached& sum) const {
  std::string content;
  if (!read_file(folder_ + "/" + name, sizeof(ReachedFile), content).empty()) return false;
  if (content.size() != sizeof(ReachedFile)) return false;
  ReachedFile file;
  std::memcpy(static_cast<void*>(&file), content.data(), sizeof file);
  if (file.magic != ReachedFile::kMagic || file.model != kModelVersion ||
      file.size != sizeof(Reached))
    return false;
  sum.add(file.reached);
  return true;
}

std::string Totals::fold() {
  const std::vector<std::string> names = files_in(folder_);
  uint32_t folded = 0;
  for (const std::string& name : names) {
    if (name.starts_with(kTotal)) folded = std::max(folded, number_in(name));
    last_run_ = std::max(last_run_, number_in(name));
  }
  ReachedFile total;
  for (const std::string& name : names) {
    const uint32_t number = number_in(name);
    const bool counts = name.starts_with(kTotal) ? number == folded : number > folded;
    if (number != 0 && counts) add_file(name, total.reached);
  }
  past_ = total.reached;
  const std::string newest = std::string(kTotal) + run_name(last_run_);
  if (last_run_ != folded) {
    std::string wrong = write_durably(folder_ + "/" + newest, bytes_of(total));
    if (!wrong.empty()) return wrong;
  }
  std::error_code code;
  for (const std::string& name : names) {
    if (number_in(name) != 0 && name != newest) std::filesystem::remove(folder_ + "/" + name, code);
  }
  return {};
}

uint32_t Totals::next_run() {
  last_run_++;
  live_.emplace(last_run_, run_name(last_run_));
  return last_run_;
}

void Totals::ended(uint32_t run) {
  add_file(live_.at(run), past_);
  live_.erase(run);
}

Reached Totals::sum() const {
  Reached sum = past_;
  for (const auto& [run, name] : live_) add_file(name, sum);
  return sum;
}

}  // namespace rmap
