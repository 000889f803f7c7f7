// The promise of core/program/program.h: an input that was stored once is readable for ever, and
// means what it meant.
//
// tests/formats/vN/ has inputs that were written while N was the format version, each beside the
// litmus text that it meant then. They are never changed and never renewed: when this test fails,
// the decoder is wrong.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/program/litmus.h"
#include "tests/files.h"

namespace rmap {
namespace {

std::span<const uint8_t> bytes_of(const std::string& content) {
  return {reinterpret_cast<const uint8_t*>(content.data()), content.size()};
}

std::filesystem::path folder_of(uint8_t version) {
  return fmt::format("{}/tests/formats/v{}", RMAPFUZZ_SOURCE_DIR, version);
}

std::vector<std::filesystem::path> inputs_of(uint8_t version) {
  std::vector<std::filesystem::path> inputs;
  for (const auto& entry : std::filesystem::directory_iterator(folder_of(version))) {
    if (entry.path().extension() == ".input") inputs.push_back(entry.path());
  }
  std::sort(inputs.begin(), inputs.end());
  return inputs;
}

TEST(Format, inputs_of_every_version_mean_what_they_meant) {
  for (uint8_t version = 1; version <= kFormatVersion; version++) {
    ASSERT_TRUE(std::filesystem::exists(folder_of(version)))
        << "store inputs of the new version there, before anybody else has some";
    for (const std::filesystem::path& path : inputs_of(version)) {
      SCOPED_TRACE(path.string());
      const std::string content = slurp(path);
      ASSERT_FALSE(content.empty());
      EXPECT_EQ(static_cast<uint8_t>(content[0]), version);
      Program p;
      ASSERT_TRUE(decode(bytes_of(content), p));
      std::filesystem::path text = path;
      EXPECT_EQ(print_litmus({.name = path.stem().string(), .program = p}),
                slurp(text.replace_extension(".litmus")));
    }
  }
}

// So that no field of the format can change unnoticed.
TEST(Format, the_stored_inputs_have_every_operation_flag_strategy_and_operand) {
  for (uint8_t version = 1; version <= kFormatVersion; version++) {
    std::set<std::pair<OpKind, uint8_t>> ops;
    std::set<StrategyId> strategies;
    std::set<uint8_t> tasks;
    std::set<uint8_t> mms;
    bool tail = false;
    bool failures = false;
    bool decisions = false;
    for (const std::filesystem::path& path : inputs_of(version)) {
      Program p;
      ASSERT_TRUE(decode(bytes_of(slurp(path)), p));
      strategies.insert(p.strategy);
      tail |= p.tail != 0;
      failures |= p.failures == kFailuresMax;
      decisions |= !p.decisions.empty();
      for (const Op& op : p.ops) {
        ops.emplace(op.kind, op.flags);
        tasks.insert(op.task);
        mms.insert(op.mm);
      }
    }
    EXPECT_TRUE(tail && failures && decisions);
    EXPECT_EQ(strategies.size(), kStrategies);
    EXPECT_EQ(tasks.size(), kCpusMax + 1);
    EXPECT_EQ(mms.size(), kMmsMax);
    if (version != kFormatVersion) continue;  // What was added later needs no new version.
    for (uint8_t kind = 0; kind < op_table().size(); kind++) {
      for (uint8_t flag = 0; flag <= op_table()[kind].flag_count(); flag++) {
        EXPECT_TRUE(ops.contains({static_cast<OpKind>(kind), flag}))
            << op_table()[kind].name << " with flag " << int{flag};
      }
    }
  }
}

TEST(Format, a_version_that_nobody_has_written_yet_is_refused) {
  for (unsigned version = kFormatVersion + 1u; version < 256; version++) {
    std::vector<uint8_t> bytes = encode(Program{});
    bytes[0] = static_cast<uint8_t>(version);
    Program p;
    EXPECT_FALSE(decode(bytes, p));
  }
}

}  // namespace
}  // namespace rmap
