// SPDX-License-Identifier: Apache-2.0
#include "repro/soak/corpus.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "core/program/program.h"
#include "repro/files/file.h"

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

// Fuzzers remove files when they find smaller ones, and a merge stumbles over files that vanish; so
// it works on links of its own.
void CorpusMerge::take_snapshot() {
  std::error_code code;
  remove_snapshot();
  for (const char* name : {"corpus.before", "corpus.merged"})
    fs::create_directories(folder_->file(name), code);
  before_ = files_in(folder_->file("corpus"));
  for (const std::string& name : before_)
    fs::create_hard_link(folder_->file("corpus/") + name, folder_->file("corpus.before/") + name,
                         code);
}

void CorpusMerge::remove_snapshot() const {
  std::error_code code;
  for (const char* name : {"corpus.before", "corpus.merged", "corpus.control"})
    fs::remove_all(folder_->file(name), code);
}

void CorpusMerge::start() {
  take_snapshot();
  std::error_code code;
  fs::remove(folder_->file("logs/merge"), code);
  const std::vector<std::string> command = {
      fuzzer_,
      "--kernel=" + kernel_,
      "--keep-going",
      "-merge=1",
      "-set_cover_merge=1",
      "-merge_control_file=" + folder_->file("corpus.control"),
      "-shuffle=0",
      "-prefer_small=1",
      "-use_value_profile=0",
      "-max_len=4096",
      "-rss_limit_mb=2560",
      "-timeout=25",
      "-artifact_prefix=" + folder_->file("crashes/"),
      "-print_funcs=0",
      folder_->file("corpus.merged"),
      folder_->file("corpus.before")};
  if (!process_.start_family(command, folder_->file("logs/merge")))
    bound_ *= 2;  // No process to be had: another time.
}

std::string CorpusMerge::result() {
  if (!process_.ended()) return {};
  const std::string merged = folder_->file("corpus.merged");
  const std::vector<std::string> kept = files_in(merged);
  std::error_code code;
  if (process_.status() != 0 || kept.empty()) {
    bound_ = 2 * before_.size();
    remove_snapshot();
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
  remove_snapshot();
  bound_ = std::max<uint64_t>(files_max_, 2 * kept.size());
  return fmt::format("{} files to {}", before_.size(), kept.size());
}

}  // namespace rmap
