// UTF-8, as far as reading and printing text needs it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace rmap {

// The number of bytes of the character that `text`, which is not empty, begins with; 0 if it begins
// with none: with a byte out of place, too long a form, a surrogate, or beyond Unicode.
std::size_t utf8_size(std::string_view text);

}  // namespace rmap
