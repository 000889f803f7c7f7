// SPDX-License-Identifier: Apache-2.0
#include "repro/soak/totals.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <filesystem>

#include "repro/files/file.h"
#include "repro/soak/folder.h"

namespace rmap {
namespace {

constexpr std::string_view kTotal = "total-";
constexpr uint32_t kRunsFolded = 100;  // While fuzzers run: so many at a time.

std::string total_name(uint32_t number) { return std::string(kTotal) + run_name(number); }

// The number in a total's name, or 0.
uint32_t total_number(std::string_view name) {
  return name.starts_with(kTotal) ? run_number(name.substr(kTotal.size())) : 0;
}

std::string_view bytes_of(const ReachedFile& file) {
  return {reinterpret_cast<const char*>(&file), sizeof file};
}

}  // namespace

std::string run_name(uint32_t number) { return fmt::format("{:04}", number); }

uint32_t run_number(std::string_view name) {
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  return error == std::errc() && end == name.data() + name.size() ? number : 0;
}

// A fuzzer that was killed at once leaves a file without a beginning, which counts for nothing.
Totals::Content Totals::add_file(const std::string& name, Reached& sum) const {
  std::string content;
  if (!read_file(folder_ + "/" + name, sizeof(ReachedFile), content).empty())
    return Content::damaged;
  if (content.find_first_not_of('\0') == std::string::npos) return Content::unbegun;
  if (content.size() != sizeof(ReachedFile)) return Content::damaged;
  ReachedFile file;
  std::memcpy(static_cast<void*>(&file), content.data(), sizeof file);
  if (file.magic != ReachedFile::kMagic || file.model != kModelVersion ||
      file.size != sizeof(Reached))
    return Content::damaged;
  sum.add(file.reached);
  return Content::whole;
}

// False, and out of the way, if it is damaged.
bool Totals::add_run(const std::string& name, Reached& sum) const {
  if (add_file(name, sum) != Content::damaged) return true;
  std::error_code code;
  std::filesystem::rename(folder_ + "/" + name, folder_ + "/" + name + ".damaged", code);
  return false;
}

std::string Totals::begin(uint32_t last_run) {
  last_run_ = last_run;
  for (const std::string& name : files_in(folder_)) {
    folded_ = std::max(folded_, total_number(name));
    last_run_ = std::max({last_run_, run_number(name), folded_});
  }
  if (std::string wrong = fold(last_run_); !wrong.empty()) return wrong;
  if (folded_ != 0) add_file(total_name(folded_), past_);
  return {};
}

// Requires: all runs up to `up_to` have ended.
std::string Totals::fold(uint32_t up_to) {
  ReachedFile total;
  if (folded_ != 0 && add_file(total_name(folded_), total.reached) != Content::whole) {
    return fmt::format(
        "{0}/{1}: is damaged; put a copy of it there, or remove it, and what the runs up to {2} "
        "reached counts no more",
        folder_, total_name(folded_), folded_);
  }
  std::vector<std::string> added;
  for (const std::string& name : files_in(folder_)) {
    const uint32_t run = run_number(name);
    const uint32_t older = total_number(name);
    // Killed before they were removed:
    const bool is_in_it = (run != 0 && run <= folded_) || (older != 0 && older < folded_);
    const bool is_new = run > folded_ && run <= up_to;
    if (is_in_it || (is_new && add_run(name, total.reached))) added.push_back(name);
  }
  if (up_to != folded_) {
    std::string wrong = replace_file(folder_ + "/" + total_name(up_to), bytes_of(total));
    if (!wrong.empty()) return wrong;
    if (folded_ != 0) added.push_back(total_name(folded_));
    folded_ = up_to;
  }
  std::error_code code;
  for (const std::string& name : added) std::filesystem::remove(folder_ + "/" + name, code);
  return {};
}

uint32_t Totals::next_run() {
  live_.insert(++last_run_);
  return last_run_;
}

// What cannot be put together now, on a full disk, is left to the next start.
void Totals::ended(uint32_t run) {
  std::error_code code;  // A program that cannot be run leaves no file.
  const std::string name = run_name(run);
  if (std::filesystem::exists(folder_ + "/" + name, code)) add_run(name, past_);
  live_.erase(run);
  if (ended_up_to() >= folded_ + kRunsFolded) fold(ended_up_to());
}

Reached Totals::sum() const {
  Reached sum = past_;
  for (const uint32_t run : live_) add_file(run_name(run), sum);
  return sum;
}

}  // namespace rmap
