// Quoting: commands that we print work when they are pasted into a shell.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace rmap {

// `text` as one word of a POSIX shell; as it is, where that is one.
std::string shell_quoted(std::string_view text);

}  // namespace rmap
