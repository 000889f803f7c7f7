// Folder: where a campaign lives, and what is where in it.
//
//   campaign.json   which kernel and model version, and the seed
//   lock            held by the supervisor and its children
//   journal.jsonl   what was reached when (journal.h)
//   corpus/         the inputs that the fuzzers share
//   corpus.before/, corpus.merged/, corpus.control
//                   while it is merged: links to what it was, what is kept, how far libFuzzer is
//   inputs/         the first input of each signature, as the fuzzers store them
//   findings/       the same minimized (NAME.litmus), explained (NAME.txt), described (NAME.json)
//   reached/NNNN    what one fuzzer reached (core/run/survey.h); total-NNNN: the sum up to that
//   one;
//                   NNNN.damaged: what could not be read, and does not count
//   crashes/        inputs that broke a fuzzer itself
//   logs/           what the children printed; of the fuzzers' those of the last hundred runs
//   report.txt, report.html
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rmap {

struct Campaign {
  std::string kernel;  // The expression.
  uint32_t model = 0;
  uint32_t seed = 0;
};

class Folder {
 public:
  explicit Folder(std::string path) : path_(std::move(path)) {}
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  // Makes the folder or goes on with it, and keeps everybody else out. `campaign` says what is
  // wanted; its seed is that of a new campaign, and the old one's afterwards. Returns what is
  // wrong, or nothing.
  std::string open(Campaign& campaign);

  const std::string& path() const { return path_; }
  std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string lock();
  std::string path_;
  int lock_ = -1;
};

// The names of the files in a folder, in order, without hidden and half-written ones. None if there
// is no such folder.
std::vector<std::string> files_in(const std::string& folder);

}  // namespace rmap
