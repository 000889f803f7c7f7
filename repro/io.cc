// SPDX-License-Identifier: Apache-2.0
#include "repro/io.h"

#include <algorithm>
#include <iterator>

namespace rmap {

int worse(int a, int b) {
  constexpr int kBadness[] = {kClean, kInconclusive, kFinding, kBadInput};
  const auto rank = [&](int code) {
    return std::find(std::begin(kBadness), std::end(kBadness), code);
  };
  return rank(a) < rank(b) ? b : a;
}

}  // namespace rmap
