// regress: its reports look like the golden ones, and the worst file decides.
// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "repro/keep/junit.h"
#include "repro/print/xml.h"
#include "tests/repro/golden.h"

namespace rmap {
namespace {

// One of everything.
RegressReport example() {
  RegressReport r;
  r.files = {"a<&\">.litmus", "b\xff\x01", "c.litmus", "d.litmus", "e.litmus", "f"};
  r.replayed = 6;
  r.passed = r.stale = r.inconclusive = r.unreadable = 1;
  r.failed = 2;
  r.rows = {{"v3.0", 3, 0, 1, 1, 0, {{"leak", 1}, {"missed_pte", 2}}},
            {"v3.7{put_root=last}", 2, 1, 1, 0, 1, {}}};
  r.remarks = {{0, 7, "v3.0", Standing::failed, "shows leak, and was kept for missed_pte"},
               {1, 0, "v3.7{put_root=last}", Standing::failed, "shows no finding"},
               {2, 9, "v3.0", Standing::stale, "kept by model version 1"},
               {3, 4, "v3.7{put_root=last}", Standing::inconclusive, "the step limit was reached"},
               {4, 0, "", Standing::failed, "e.litmus:2:1: 'fly' starts no line"}};
  r.errors = {{"g", "g: cannot be read (Permission denied); check the folder and its rights"}};
  return r;
}

TEST(RegressPrinters, the_table_is_the_golden_one) {
  std::string text;
  for (const Remark& r : example().remarks) text += remark_line(example(), r) + "\n";
  expect_golden("regress.table", text + regress_table(example()));
}

TEST(RegressPrinters, the_junit_report_is_the_golden_one) {
  expect_golden("regress.junit.xml",
                junit_xml(example(), std::vector{0.0, 0.25, 1.0, 0.0005, 2.0, 0.5}));
}

TEST(RegressPrinters, the_json_is_the_golden_one) {
  expect_golden(
      "regress.json",
      regress_json(example()).dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

TEST(RegressPrinters, the_worst_file_decides) {
  RegressReport r;
  EXPECT_EQ(r.code(), 0);
  r.stale = 1;
  EXPECT_EQ(r.code(), 3);
  r.stale = 0;
  r.inconclusive = 1;
  EXPECT_EQ(r.code(), 3);
  r.failed = 1;
  EXPECT_EQ(r.code(), 1);
  r.unreadable = 1;
  EXPECT_EQ(r.code(), 2);
}

TEST(RegressPrinters, xml_holds_only_what_it_may) {
  EXPECT_EQ(xml_escaped("a\tb\n<\xc3\xa4>"), "a&#9;b&#10;&lt;\xc3\xa4&gt;");
  EXPECT_EQ(xml_escaped(std::string("\0\x1f\x80\xc3\xc0\xaf", 6)), "??????");
  EXPECT_EQ(xml_escaped("\xed\xa0\x80|\xef\xbf\xbf|\xf4\x90\x80\x80|\xf0\x9f\x98\x80"),
            "???|???|????|\xf0\x9f\x98\x80");
}

}  // namespace
}  // namespace rmap
