// Small helpers of the oracle's two halves, oracle.cc and oracle_at_rest.cc: sets of tokens as
// bits.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

#include "core/types.h"

namespace rmap {

constexpr uint64_t token_bit(TokenId t) { return uint64_t{1} << t.value; }

template <typename Visit>
void for_each_token(uint64_t set, Visit visit) {
  for (; set != 0; set &= set - 1) visit(TokenId{static_cast<uint8_t>(std::countr_zero(set))});
}

inline sched::Object page_object(FrameId page) {
  return sched::make_object(kPageObject, page.value);
}

}  // namespace rmap
