// SPDX-License-Identifier: Apache-2.0
#include "core/text/hint.h"

#include "core/text/quote.h"

namespace rmap {
namespace {

// Not made when it is first asked for: that would be a way through the code that only the first
// input takes, and a fuzzer learns nothing from those.
HintStyle style;

}  // namespace

void set_hint_style(HintStyle chosen) { style = std::move(chosen); }

const std::string& tool() { return style.tool; }

std::string hinted(std::string_view path) {
  const std::string& folder = style.folder;
  if (path.starts_with('/') || path == "-") return shell_quoted(path);
  if (!folder.empty()) return shell_quoted(folder + std::string(path));
  return shell_quoted((path.starts_with('-') ? "./" : "") + std::string(path));  // Else an option.
}

}  // namespace rmap
