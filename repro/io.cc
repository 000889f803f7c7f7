// SPDX-License-Identifier: Apache-2.0
#include "repro/io.h"

#include <algorithm>
#include <iterator>

#include "core/text/quote.h"

namespace rmap {

void complain(const Io& io, std::string_view line) {
  io.err << printable_line(line) << "\n" << std::flush;
}

int worse(int a, int b) {
  constexpr int kBadness[] = {kClean, kInconclusive, kFinding, kBadInput};
  const auto rank = [&](int code) {
    return std::find(std::begin(kBadness), std::end(kBadness), code);
  };
  return rank(a) < rank(b) ? b : a;
}

}  // namespace rmap
