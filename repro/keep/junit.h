// JUnit XML of a regress report, for CI systems: one test case a file.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "repro/keep/regress.h"

namespace rmap {

// How each of our reports begins; a file that begins so may be replaced by a newer one.
inline constexpr std::string_view kJunitHead =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"rmapfuzz regress\"";

// A file that failed is a failure; one that could not be read or judged, or is stale, is an error.
// `seconds`: how long each took; 0 where it does not say.
std::string junit_xml(const RegressReport& report, std::span<const double> seconds);

}  // namespace rmap
