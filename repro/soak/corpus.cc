// SPDX-License-Identifier: Apache-2.0
#include "repro/soak/corpus.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "core/program.h"
#include "repro/input.h"

namespace rmap {
namespace {

namespace fs = std::filesystem;

bool is_torn(const std::string& path) {
  std::string content;
  if (!read_file(path, 16u << 20, content).empty()) return false;
  Program p;
  return content.size() < kHeaderSize &&
         !decode({reinterpret_cast<const uint8_t*>(content.data()), content.size()}, p);
}

}  // namespace

uint32_t remove_torn_inputs(const std::string& corpus) {
  uint32_t removed = 0;
  std::error_code code;
  for (const std::string& name : files_in(corpus)) {
    const std::string path = corpus + "/" + name;
    if (is_torn(path)) removed += fs::remove(path, code);
  }
  return removed;
}

void CorpusMerge::start() {
  const std::string merged = folder_->file("corpus.merged");
  std::error_code code;
  fs::remove_all(merged, code);
  fs::create_directories(merged, code);
  before_ = files_in(folder_->file("corpus"));
  fs::remove(folder_->file("logs/merge"), code);
  if (!process_.start_family(
          {fuzzer_, "--kernel=" + kernel_, "--keep-going", "-merge=1", "-set_cover_merge=1",
           "-shuffle=0", "-prefer_small=1", "-use_value_profile=0", "-max_len=4096",
           "-rss_limit_mb=2560", "-timeout=25", "-artifact_prefix=" + folder_->file("crashes/"),
           "-print_funcs=0", merged, folder_->file("corpus")},
          folder_->file("logs/merge")))
    bound_ *= 2;  // No process to be had: another time.
}

std::string CorpusMerge::result() {
  if (!process_.ended()) return {};
  const std::string merged = folder_->file("corpus.merged");
  const std::vector<std::string> kept = files_in(merged);
  std::error_code code;
  if (process_.status() != 0 || kept.empty()) {
    bound_ = 2 * before_.size();
    fs::remove_all(merged, code);
    return fmt::format("no merge: {}", status_words(process_.status()));
  }
  for (const std::string& name : kept) {
    const std::string path = folder_->file("corpus/") + name;
    if (!fs::exists(path, code)) fs::rename(merged + "/" + name, path, code);
  }
  for (const std::string& name : before_) {
    if (!std::binary_search(kept.begin(), kept.end(), name))
      fs::remove(folder_->file("corpus/") + name, code);
  }
  fs::remove_all(merged, code);
  bound_ = std::max<uint64_t>(files_max_, 2 * kept.size());
  return fmt::format("{} files to {}", before_.size(), kept.size());
}

}  // namespace rmap
