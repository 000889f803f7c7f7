// The answer of `matrix --bisect`, as sentences and as JSON: pure functions of what bisect() found.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "repro/compare/bisect.h"

namespace rmap {

// "v3.3 never 0/15665 @3"; for a refused kernel, why.
std::string asked_words(const Asked& asked);
// "fixed by 948f017b093a.merge in v3.3"
std::string border_words(const Chain& chain, const Border& border);
// What is known of one border, the first sentence says which commit it is.
std::vector<std::string> border_sentences(const Chain& chain, const Border& border);
// Before the first border, and after the last one.
std::string sentence_on_the_oldest(const Bisection& b);
std::string sentence_on_the_newest(const Bisection& b);
// The kernels that stayed unknown, and those where the program shows nothing; empty if none did.
std::string sentence_on_the_unknown(const Bisection& b);
std::string sentence_on_the_vacuous(const Bisection& b);
// The kernels between releases that nobody asked; empty if there are none.
std::string sentence_on_the_unasked(const Chain& chain, const Bisection& b);
// All of it, in this order: a paragraph for each, whose first sentence is the answer.
std::vector<std::vector<std::string>> bisect_paragraphs(const Chain& chain, const Bisection& b);

nlohmann::json border_as_json(const Chain& chain, const Border& border);

}  // namespace rmap
