// SPDX-License-Identifier: Apache-2.0
#include "repro/keep/junit.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "repro/print/xml.h"

namespace rmap {
namespace {

std::string remark_element(const RegressReport& report, const Remark& r) {
  const std::string line = remark_line(report, r);
  const bool is_failure = r.standing == Standing::failed && !r.kernel.empty();
  const std::string_view element = is_failure ? "failure" : "error";
  return fmt::format("      <{0} message=\"{1}\">{2}</{0}>\n", element, xml_escaped(line),
                     xml_escaped(r.kernel.empty() ? "" : replay_command(report, r)));
}

}  // namespace

std::string junit_xml(const RegressReport& report, std::span<const double> seconds) {
  const std::string counts =
      fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{:.3f}\"",
                  report.replayed + report.errors.size(), report.failed,
                  report.stale + report.inconclusive + report.unreadable + report.errors.size(),
                  std::accumulate(seconds.begin(), seconds.end(), 0.0));
  std::string text = fmt::format("{} {}>\n  <testsuite name=\"regress\" {} skipped=\"0\">\n",
                                 kJunitHead, counts, counts);
  auto remark = report.remarks.begin();
  for (std::size_t i = 0; i < report.replayed; i++) {
    text += fmt::format("    <testcase classname=\"regress\" name=\"{}\" time=\"{:.3f}\"",
                        xml_escaped(report.files[i]), i < seconds.size() ? seconds[i] : 0.0);
    std::string inside;
    for (; remark != report.remarks.end() && remark->file == i; ++remark)
      inside += remark_element(report, *remark);
    text += inside.empty() ? "/>\n" : fmt::format(">\n{}    </testcase>\n", inside);
  }
  for (const Unusable& u : report.errors) {
    text += fmt::format(
        "    <testcase classname=\"regress\" name=\"{}\" time=\"0.000\">\n      <error "
        "message=\"{}\"></error>\n    </testcase>\n",
        xml_escaped(u.file), xml_escaped(u.error));
  }
  return text + "  </testsuite>\n</testsuites>\n";
}

}  // namespace rmap
