// matrix: one row per kernel, by exploring the program; the raw replay is a column of its own.
// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "tests/repro/fixture.h"

namespace rmap {
namespace {

class Matrix : public CommandTest {};

TEST_F(Matrix, repaired_kernels_never_fail) {
  const Ran r = run({"matrix", merge(), "--json"});
  EXPECT_EQ(r.code, 0);
  const auto file = nlohmann::json::parse(r.out);
  int never = 0;
  for (const auto& row : file["rows"]) {
    const std::string kernel = row["kernel"];
    const bool repaired = kernel == "v3.3" || kernel == "v3.7" || contains(kernel, "hugh");
    if (repaired) never += row["verdict"] == "never";
    if (kernel == "v3.0" || kernel == "v3.0+948f017b093a") {
      EXPECT_EQ(row["verdict"], "sometimes") << row;
    }
  }
  EXPECT_EQ(never, 3) << r.out;
}

TEST_F(Matrix, one_object_for_each_file) {
  const Ran r = run({"matrix", merge(), merge(), "--json", "--preemptions", "0"});
  EXPECT_EQ(std::count(r.out.begin(), r.out.end(), '\n'), 2) << r.out;
}

TEST_F(Matrix, a_kernel_that_was_given_up_on_is_unknown) {
  const Ran r = run({"matrix", merge(), "--schedules", "5"});
  EXPECT_EQ(r.code, 3);
  EXPECT_TRUE(contains(r.out, "unknown 0/5 @2")) << r.out;
  EXPECT_TRUE(contains(r.out, "gave up after 5 schedules")) << r.out;
  const Ran as_json = run({"matrix", merge(), "--schedules", "5", "--json"});
  EXPECT_EQ(as_json.code, 3);
  const auto row = nlohmann::json::parse(as_json.out)["rows"][0];
  EXPECT_EQ(row["exhausted"], false);
  EXPECT_EQ(row["total"], 5);
  EXPECT_EQ(run({"matrix", merge(), "--schedules", "0"}).code, 2);
}

TEST_F(Matrix, the_raw_replay_is_labelled) {
  EXPECT_TRUE(contains(run({"matrix", merge()}).out, "raw replay"));
}

}  // namespace
}  // namespace rmap
