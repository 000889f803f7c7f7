// SPDX-License-Identifier: Apache-2.0
#include "core/text/hint.h"

#include "core/text/quote.h"

namespace rmap {
namespace {

HintStyle& hint_style() {
  static HintStyle style;
  return style;
}

}  // namespace

void set_hint_style(HintStyle style) { hint_style() = std::move(style); }

const std::string& tool() { return hint_style().tool; }

std::string hinted(std::string_view path) {
  const std::string& folder = hint_style().folder;
  if (path.starts_with('/') || path == "-") return shell_quoted(path);
  if (!folder.empty()) return shell_quoted(folder + std::string(path));
  return shell_quoted((path.starts_with('-') ? "./" : "") + std::string(path));  // Else an option.
}

}  // namespace rmap
