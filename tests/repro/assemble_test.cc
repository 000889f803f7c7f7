// show and assemble: text -> bytes -> text and bytes -> text -> bytes; nothing is overwritten.
// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "core/program/program.h"
#include "scheduler/decisions.h"
#include "tests/repro/fixture.h"

namespace rmap {
namespace {

class Assemble : public CommandTest {};

TEST_F(Assemble, a_witness_becomes_the_decisions) {
  ASSERT_EQ(run({"assemble", merge(), "-o", path("merge")}).code, 0);
  const Ran shown = run({"show", path("merge")});
  EXPECT_EQ(shown.code, 0);
  EXPECT_TRUE(
      shown.out.starts_with(std::string("litmus   merge\n") + (strchr(kMergeProgram, '\n') + 1)))
      << shown.out;
  EXPECT_TRUE(contains(shown.out, "decisions 00 00 00 00 01 ")) << shown.out;
}

TEST_F(Assemble, bytes_to_text_to_bytes) {
  sched::SplitMix random(2);
  for (int i = 0; i < 200; i++) {
    std::string content(8 + random.below(120), '\0');
    for (char& c : content) c = static_cast<char>(random.below(256));
    content[0] = kFormatVersion;
    Program p;
    ASSERT_TRUE(decode({reinterpret_cast<const uint8_t*>(content.data()), content.size()}, p));
    const std::vector<uint8_t> canonical = encode(p);
    write("text.litmus", run({"show", write("bytes", content)}).out);
    ASSERT_EQ(run({"assemble", path("text.litmus"), "-o", path("again"), "--force"}).code, 0);
    EXPECT_EQ(slurp(path("again")), std::string(canonical.begin(), canonical.end()));
  }
}

TEST_F(Assemble, without_an_output_it_prints_the_bytes) {
  ASSERT_EQ(run({"assemble", merge(), "-o", path("merge")}).code, 0);
  EXPECT_EQ(run({"assemble", merge()}).out, slurp(path("merge")));
}

TEST_F(Assemble, bytes_are_not_for_a_terminal) {
  std::ostringstream out;
  std::ostringstream err;
  const Io io{out, err, true};
  EXPECT_EQ(run_command({"assemble", merge()}, io), 2);
  EXPECT_EQ(out.str(), "");
}

TEST_F(Assemble, a_different_file_is_not_overwritten) {
  write("taken", "something else");
  EXPECT_EQ(run({"assemble", merge(), "-o", path("taken")}).code, 2);
  EXPECT_EQ(slurp(path("taken")), "something else");
  EXPECT_EQ(run({"assemble", merge(), "-o", path("taken"), "--force"}).code, 0);
  EXPECT_EQ(run({"assemble", merge(), "-o", path("taken")}).code, 0);  // The same content.
}

TEST_F(Assemble, a_kernel_without_a_witness_is_an_error) {
  const Ran r = run({"assemble", merge(), "--kernel", "v3.1"});
  EXPECT_EQ(r.code, 2);
  EXPECT_TRUE(contains(r.err, "no witness for v3.1")) << r.err;
}

}  // namespace
}  // namespace rmap
