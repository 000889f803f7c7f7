// XML: what JUnit reports and HTML pages have in common.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace rmap {

// Any bytes as the text of an attribute: what XML cannot hold becomes '?'.
std::string xml_escaped(std::string_view text);

}  // namespace rmap
