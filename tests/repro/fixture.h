// What the tests of the command share: running it, temporary files, and the merge race as litmus
// text.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "core/program/program.h"
#include "repro/command.h"
#include "tests/files.h"

namespace rmap {

struct Ran {
  int code;
  std::string out;
  std::string err;
};

// The user presses ctrl-C once the command has asked `patience` times whether they did.
inline Ran run(std::vector<std::string> args, uint64_t patience = ~uint64_t{0}) {
  std::ostringstream out;
  std::ostringstream err;
  Io io{out, err};
  io.interrupted = [&patience] { return patience == 0 || --patience == 0; };
  const int code = run_command(std::move(args), io);
  return {code, out.str(), err.str()};
}

// As texts that keep an execution name the model.
inline const std::string kModelWords = "model " + std::to_string(kModelVersion);

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// `text` with each `from` replaced.
inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

// The race of the mail. The witness moves the entry behind a walk that has passed its new place.
inline constexpr const char* kMergeProgram =
    "litmus   mremap-merge\n"
    "setup    mmap @0 +2; write @0 +2; mremap @1 +1 @8\n"
    "cpu1     mremap @8 +1 @1\n"
    "cpu2     migrate @8\n";
inline constexpr const char* kMergeWitness =
    "witness  v3.0 00 00 00 00 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
    "00 00 00 00 "
    "00 00 00 00 "
    "00 00 00 00 00 00 00 00 00 00 00 01\n";

// A folder of its own for each test.
class CommandTest : public ::testing::Test {
 protected:
  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  std::string write(const std::string& name, const std::string& content) const {
    std::ofstream(path(name), std::ios::binary) << content;
    return path(name);
  }
  std::string merge() const {
    return write("merge.litmus", std::string(kMergeProgram) + kMergeWitness);
  }

  // The merge race among operations that have nothing to do with it.
  std::string noisy() const {
    const std::string file =
        write("noisy.litmus",
              "litmus noisy\n"
              "setup mmap @0 +4; write @0 +4; mremap @1 +1 @8; mmap @20 +2; read @20 +2\n"
              "cpu1 read @20 +1; mremap @8 +1 @1; munmap @20 +1\n"
              "cpu2 migrate @8\nfailures 1\n"
              "expect v3.0 missed_pte sometimes\nwitness v3.0 00\n");
    EXPECT_EQ(run({"litmus", file, "--update", "--preemptions", "2"}).code, 0);
    return file;
  }

  // The merge race as a regression in that folder. Returns its file.
  std::string kept_merge(const std::string& folder) const {
    std::filesystem::create_directories(path(folder));
    return write(folder + "/missed_pte-merge-order.litmus",
                 slurp(std::string(RMAPFUZZ_SOURCE_DIR) + "/tests/golden/regress.kept.litmus"));
  }

  static std::string full_name() {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    return std::string(info->test_suite_name()) + "-" + info->name();
  }
  const TempFolder temp_{::testing::TempDir(), full_name()};
  const std::string& folder_ = temp_.path();
};

}  // namespace rmap
