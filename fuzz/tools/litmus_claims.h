// What must hold of any text that is read as litmus text.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fuzz/tools/program_claims.h"

namespace rmap {

// Tests put broken ones in their place.
struct TextUpdates {
  std::string (*expectations)(std::string_view, const Litmus&) = update_expectations;
  std::string (*kept)(std::string_view, const Litmus&, std::string_view) = update_kept;
};

// It is refused, with one line about a place that it has; or what it says is printed, read and
// printed again the same; its program survives the trip through bytes; and writing lines anew that
// did not change loses nothing of it.
Check check_litmus_text(std::string_view text, const TextForm& form = {},
                        const TextUpdates& updates = {});

}  // namespace rmap
