// Regress: a folder of inputs and kept regressions, replayed, and what came of them. Printers are
// pure functions of the report.
//
// A text is a regression if it keeps an execution under any kernel: each of those must hold. A text
// that keeps none, but expects a finding (sometimes, always), was cut off, and fails; any other one
// is run as bytes are. What is stale passes for nothing: it must be rebased first.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "repro/keep/regression.h"

namespace rmap {

struct RegressOptions {
  std::string kernel = "newest";  // For bytes, and for texts that keep nothing.
  bool expect_finding = false;    // Those must end in a finding, instead of without.
};

// Something about a file that is not as it should be.
struct Remark {
  std::size_t file = 0;  // Index in RegressReport::files.
  uint32_t line = 0;     // 0: in none.
  std::string kernel;    // Empty: the file could not be read.
  Standing standing = Standing::holds;
  std::string what;
};

// What the executions under one kernel came to. A file counts once for each kernel that it names.
struct RegressRow {
  std::string kernel;
  uint64_t files = 0;
  uint64_t clean = 0;
  uint64_t failed = 0;
  uint64_t stale = 0;
  uint64_t inconclusive = 0;
  std::map<std::string_view, uint64_t> findings = {};  // By rule.
};

struct RegressReport {
  std::vector<std::string> files;
  uint64_t replayed = 0;  // The first of them.
  uint64_t passed = 0;
  uint64_t failed = 0;
  uint64_t stale = 0;
  uint64_t inconclusive = 0;
  uint64_t unreadable = 0;
  std::vector<RegressRow> rows;  // In the order in which the files name the kernels.
  std::vector<Remark> remarks;   // In the order of the files.
  std::vector<Unusable> errors;  // What could not even be listed.

  // The worst: 2 unreadable or not to be listed, 1 failed, 3 stale or inconclusive, else 0.
  int code() const;
};

// Replays files into a report, one after the other.
class Regress {
 public:
  // All files of `paths`.
  Regress(RegressOptions options, const std::vector<std::string>& paths);
  // Replays the next file. False when there is none.
  bool next();
  // What the last file brought.
  std::span<const Remark> new_remarks() const {
    return std::span(report_.remarks).subspan(remarks_before_);
  }
  const RegressReport& report() const { return report_; }

 private:
  Standing replay(const Input& input);
  Judgement replay_plain(const Input& input);
  Standing note(std::string_view kernel, Judgement j);
  RegressRow& row(std::string_view kernel);

  RegressOptions options_;
  RegressReport report_;
  Executors executors_;
  Replayer replayer_{executors_};
  std::string content_;
  std::size_t remarks_before_ = 0;
};

// All files of the folders, and the files, sorted. Of a folder, all but hidden files, *.md, *.txt,
// *.json and *.html are taken, and folders that are symbolic links are not entered. What is wrong
// is in `errors`.
std::vector<std::string> regress_files(const std::vector<std::string>& paths,
                                       std::vector<Unusable>& errors);

// "1 file", "2 files"
std::string files_words(std::size_t n);
// "repro/regressions/x.litmus:7: shows no finding ..."
std::string remark_line(const RegressReport& report, const Remark& remark);
// The command that shows it.
std::string replay_command(const RegressReport& report, const Remark& remark);
std::string regress_table(const RegressReport& report);
nlohmann::json regress_json(const RegressReport& report);

}  // namespace rmap
