// SPDX-License-Identifier: Apache-2.0
#include "repro/print/html.h"

#include <fmt/format.h>

#include <algorithm>

#include "repro/print/text.h"
#include "repro/print/xml.h"

namespace rmap {
namespace {

constexpr std::string_view kStyle = R"(
:root { --page: #fcfcfb; --text: #1d1d1b; --faint: #6b6b66; --line: #deded8; --plot: #1f6fb2;
  --mark: #b3261e; --box: #f3f3ef; }
@media (prefers-color-scheme: dark) {
  :root { --page: #161618; --text: #e6e6e3; --faint: #9c9c96; --line: #38383b; --plot: #6cb2ee;
    --mark: #ff8a80; --box: #202023; } }
body { background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif;
  max-width: 68rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: .2rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
p.lead { margin-top: 0; color: var(--faint); }
table { border-collapse: collapse; } .wide { overflow-x: auto; }
th, td { text-align: left; vertical-align: top; padding: .2rem 1.2rem .2rem 0;
  border-bottom: 1px solid var(--line); }
th { font-weight: 600; } table.numbers td + td, table.numbers th + th { text-align: right;
  font-variant-numeric: tabular-nums; }
pre, code { font: 12.5px/1.45 ui-monospace, monospace; } code { overflow-wrap: anywhere; }
pre { background: var(--box); padding: .7rem; overflow-x: auto; }
details { border-bottom: 1px solid var(--line); padding: .4rem 0; } summary { cursor: pointer; }
details > :not(summary) { margin-left: 1rem; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(22rem, 1fr)); gap: 1rem; }
svg { width: 100%; height: auto; } svg text { fill: var(--faint); font-size: 11px; }
svg .title { fill: var(--text); font-size: 13px; font-weight: 600; }
svg .grid { stroke: var(--line); } svg .curve { stroke: var(--plot); fill: none; stroke-width: 2;
  stroke-linejoin: round; } svg .mark { stroke: var(--mark); stroke-dasharray: 2 3; }
svg .end { fill: var(--plot); }
.finding { color: var(--mark); font-weight: 600; } .faint { color: var(--faint); }
)";

// The picture, and in it the field of the curve.
constexpr uint64_t kPlotWidth = 460;
constexpr uint64_t kPlotHeight = 220;
constexpr uint64_t kLeft = 66;
constexpr uint64_t kRight = 440;
constexpr uint64_t kTop = 34;
constexpr uint64_t kBottom = 184;
// Larger values are drawn as that one, so that nothing overflows.
constexpr uint64_t kMost = uint64_t{1} << 50;

// 1, 2 or 5 times a power of ten, so that some four steps lead to `most`.
uint64_t step_for(uint64_t most) {
  for (uint64_t power = 1;; power *= 10) {
    for (uint64_t factor : {1, 2, 5}) {
      if (most / 4 <= factor * power) return factor * power;
    }
  }
}

// The same of seconds, in steps that people know.
uint64_t time_step_for(uint64_t seconds) {
  constexpr uint64_t kSteps[] = {1,    2,    5,    10,    15,    30,    60,    120,    300,   600,
                                 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800};
  for (uint64_t step : kSteps) {
    if (seconds / 5 <= step) return step;
  }
  return seconds / 5;
}

// "1.5 M": short enough for an axis.
std::string short_number(uint64_t n) {
  constexpr std::pair<uint64_t, std::string_view> kUnits[] = {
      {1'000'000'000'000, "T"}, {1'000'000'000, "G"}, {1'000'000, "M"}, {1'000, "k"}};
  for (const auto& [unit, name] : kUnits) {
    if (n < unit) continue;
    const uint64_t tenths = n % unit * 10 / unit;
    if (tenths == 0) return fmt::format("{} {}", n / unit, name);
    return fmt::format("{}.{} {}", n / unit, tenths, name);
  }
  return fmt::format("{}", n);
}

// Where values are drawn.
struct Scale {
  uint64_t x_most;
  uint64_t y_most;
  uint64_t x(uint64_t seconds) const {
    return kLeft + (kRight - kLeft) * std::min(seconds, x_most) / x_most;
  }
  uint64_t y(uint64_t n) const { return kBottom - (kBottom - kTop) * std::min(n, y_most) / y_most; }
};

std::string axes(const Scale& s, uint64_t x_step, uint64_t y_step) {
  std::string svg;
  for (uint64_t n = 0; n <= s.y_most; n += y_step) {
    svg += fmt::format(
        "<line class=\"grid\" x1=\"{0}\" y1=\"{2}\" x2=\"{1}\" y2=\"{2}\"/>"
        "<text x=\"{3}\" y=\"{4}\" text-anchor=\"end\">{5}</text>\n",
        kLeft, kRight, s.y(n), kLeft - 8, s.y(n) + 4, short_number(n));
  }
  for (uint64_t t = 0; t <= s.x_most; t += x_step) {
    svg += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", s.x(t),
                       kBottom + 17, t == 0 ? "0" : duration_words(t));
  }
  return svg + fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">running time</text>\n",
                           kRight, kBottom + 33);
}

}  // namespace

std::string html_escaped(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    out += xml_escaped(text.substr(at, end - at));
    if (end < text.size()) out += '\n';
    at = end + 1;
  }
  return out;
}

std::string html_page(std::string_view title, std::string_view body) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
      "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
      "<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n{}</body>\n</html>\n",
      html_escaped(title), kStyle, body);
}

std::string html_table(const std::vector<std::string>& heads,
                       const std::vector<std::vector<std::string>>& rows, bool numbers) {
  std::string html =
      fmt::format("<div class=\"wide\"><table{}>\n", numbers ? " class=\"numbers\"" : "");
  if (!heads.empty()) html += fmt::format("<tr><th>{}</th></tr>\n", fmt::join(heads, "</th><th>"));
  for (const std::vector<std::string>& row : rows)
    html += fmt::format("<tr><td>{}</td></tr>\n", fmt::join(row, "</td><td>"));
  return html + "</table></div>\n";
}

std::string svg_plot(const Plot& plot) {
  const auto [last_x, last_y] = plot.points.empty() ? std::pair<uint64_t, uint64_t>()  //
                                                    : plot.points.back();
  uint64_t most = 1;
  for (const auto& point : plot.points) most = std::max(most, std::min(point.second, kMost));
  const uint64_t y_step = step_for(most);
  const Scale s{std::clamp<uint64_t>(last_x, 1, kMost), (most + y_step - 1) / y_step * y_step};
  std::string svg = fmt::format(
      "<svg viewBox=\"0 0 {0} {1}\" role=\"img\" aria-label=\"{2}\">\n"
      "<text class=\"title\" x=\"8\" y=\"16\">{2}</text>\n",
      kPlotWidth, kPlotHeight,
      html_escaped(fmt::format("{}: {}", plot.title, with_commas(last_y))));
  svg += axes(s, time_step_for(s.x_most), y_step);
  for (const auto& [t, what] : plot.marks) {
    svg += fmt::format(
        "<line class=\"mark\" x1=\"{0}\" y1=\"{1}\" x2=\"{0}\" y2=\"{2}\"><title>{3}</title>"
        "</line>\n",
        s.x(t), kTop, kBottom, html_escaped(what));
  }
  if (plot.points.empty()) return svg + "</svg>\n";
  svg += "<polyline class=\"curve\" points=\"";
  for (const auto& [t, n] : plot.points) svg += fmt::format("{},{} ", s.x(t), s.y(n));
  svg += fmt::format("\"/>\n<circle class=\"end\" cx=\"{}\" cy=\"{}\" r=\"3\"/>\n", s.x(last_x),
                     s.y(last_y));
  return svg + "</svg>\n";
}

std::string duration_words(uint64_t seconds) {
  constexpr std::pair<uint64_t, std::string_view> kUnits[] = {
      {86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
  for (std::size_t i = 0; i + 1 < std::size(kUnits); i++) {
    const auto& [unit, name] = kUnits[i];
    if (seconds < unit) continue;
    const auto& [smaller, smaller_name] = kUnits[i + 1];
    const uint64_t rest = seconds % unit / smaller;
    if (rest == 0) return fmt::format("{} {}", seconds / unit, name);
    return fmt::format("{} {} {} {}", seconds / unit, name, rest, smaller_name);
  }
  return fmt::format("{} s", seconds);
}

}  // namespace rmap
