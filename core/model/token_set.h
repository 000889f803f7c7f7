// TokenSet: a set of mapping tokens, as bits.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

#include "core/model/types.h"

namespace rmap {

class TokenSet {
 public:
  TokenSet() = default;
  static TokenSet of(TokenId t) {
    TokenSet set;
    set.insert(t);
    return set;
  }

  bool has(TokenId t) const { return (word(t) >> (t.value & 63) & 1) != 0; }
  void insert(TokenId t) { words_[t.value >> 6] |= bit(t); }
  void remove(TokenId t) { words_[t.value >> 6] &= ~bit(t); }
  bool empty() const { return (words_[0] | words_[1]) == 0; }
  uint32_t size() const {
    return static_cast<uint32_t>(std::popcount(words_[0]) + std::popcount(words_[1]));
  }
  TokenSet minus(const TokenSet& other) const {
    return TokenSet(words_[0] & ~other.words_[0], words_[1] & ~other.words_[1]);
  }
  TokenSet operator&(const TokenSet& other) const {
    return TokenSet(words_[0] & other.words_[0], words_[1] & other.words_[1]);
  }
  // The smallest member. Requires: not empty.
  TokenId first() const {
    const int at = words_[0] != 0 ? std::countr_zero(words_[0]) : 64 + std::countr_zero(words_[1]);
    return TokenId{static_cast<uint8_t>(at)};
  }
  // The smallest id that is not a member, kTokensMax if there is none.
  uint32_t first_free() const {
    const int low = std::countr_one(words_[0]);
    return static_cast<uint32_t>(low < 64 ? low : 64 + std::countr_one(words_[1]));
  }

  template <typename Visit>
  void for_each(Visit visit) const {
    for (uint32_t i = 0; i < 2; i++) {
      for (uint64_t rest = words_[i]; rest != 0; rest &= rest - 1)
        visit(
            TokenId{static_cast<uint8_t>(64 * i + static_cast<uint32_t>(std::countr_zero(rest)))});
    }
  }

 private:
  TokenSet(uint64_t low, uint64_t high) : words_{low, high} {}
  static uint64_t bit(TokenId t) { return uint64_t{1} << (t.value & 63); }
  uint64_t word(TokenId t) const { return words_[t.value >> 6]; }

  uint64_t words_[2] = {};
};
static_assert(kTokensMax <= 128);

}  // namespace rmap
