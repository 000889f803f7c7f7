// SPDX-License-Identifier: Apache-2.0
#include "repro/junit.h"

#include <fmt/format.h>

#include <algorithm>

namespace rmap {
namespace {

// The number of bytes of the UTF-8 character that `text` begins with, 0 if it is none or none that
// XML 1.0 allows.
std::size_t character_size(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return first >= 0x20 || first == '\t' || first == '\n' ? 1 : 0;
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return 0;
  uint32_t value = first & (0xffu >> (size + 1));
  for (std::size_t i = 1; i < size; i++) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    value = value << 6 | (byte(i) & 0x3fu);
  }
  constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = value >= 0xd800 && value < 0xe000;
  const bool is_character = value != 0xfffe && value != 0xffff && value <= 0x10ffff;
  return value >= kSmallest[size] && !is_surrogate && is_character ? size : 0;
}

std::string remark_element(const RegressReport& report, const Remark& r) {
  const std::string line = remark_line(report, r);
  const bool is_failure = r.standing == Standing::failed && !r.kernel.empty();
  const std::string_view element = is_failure ? "failure" : "error";
  return fmt::format("      <{0} message=\"{1}\">{2}</{0}>\n", element, xml_escaped(line),
                     xml_escaped(r.kernel.empty() ? "" : replay_command(report, r)));
}

}  // namespace

std::string xml_escaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    switch (size == 0 ? '\0' : text[0]) {
      case '\0': out += '?'; break;
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\n': out += "&#10;"; break;
      case '\t': out += "&#9;"; break;
      default: out += text.substr(0, size); break;
    }
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out;
}

std::string junit_xml(const RegressReport& report) {
  const std::string counts =
      fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\"", report.replayed, report.failed,
                  report.stale + report.inconclusive + report.unreadable);
  std::string text = fmt::format("{} {}>\n  <testsuite name=\"regress\" {} skipped=\"0\">\n",
                                 kJunitHead, counts, counts);
  auto remark = report.remarks.begin();
  for (std::size_t i = 0; i < report.replayed; i++) {
    text += fmt::format("    <testcase classname=\"regress\" name=\"{}\" time=\"0\"",
                        xml_escaped(report.files[i]));
    std::string inside;
    for (; remark != report.remarks.end() && remark->file == i; ++remark)
      inside += remark_element(report, *remark);
    text += inside.empty() ? "/>\n" : fmt::format(">\n{}    </testcase>\n", inside);
  }
  return text + "  </testsuite>\n</testsuites>\n";
}

}  // namespace rmap
