// Operations: what a program is made of. The table in ops.def is read by everything that handles
// them; ops/ carries them out.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace rmap {

enum class OpKind : uint8_t {
#define OP(name, operands, flags, involved, meaning) name,
#include "core/model/ops.def"
#undef OP
};

inline constexpr std::size_t kOpKinds = 0
#define OP(name, operands, flags, involved, meaning) +1
#include "core/model/ops.def"
#undef OP
    ;

// One operation as stored. Ranges: see program.h.
struct Op {
  OpKind kind = OpKind::mmap;
  uint8_t task = 0;  // 0: set-up; 1 to kCpusMax: cpu1, ...
  uint8_t mm = 0;
  uint8_t address = 0;   // in pages
  uint8_t length = 1;    // in pages, from 1
  uint8_t address2 = 0;  // or the child's mm
  uint8_t flags = 0;     // at most one flag; its number, 0 for none
  uint8_t length2 = 0;   // in pages; 0: as the length
  friend bool operator==(const Op&, const Op&) = default;
};

struct OpInfo {
  std::string_view name;
  std::string_view operands;
  std::string_view flags;  // separated by spaces
  uint8_t involved;        // from plain to involved; no two the same
  std::string_view meaning;
  // The same as bits and numbers, because decoding asks for every operation of every input.
  uint32_t present = 0;
  uint32_t mapped = 0;
  uint32_t flag_number = 0;
  uint32_t with_address = 1;  // By flag.
  bool heap = false;

  constexpr OpInfo(std::string_view name_, std::string_view operands_, std::string_view flags_,
                   uint8_t involved_, std::string_view meaning_)
      : name(name_), operands(operands_), flags(flags_), involved(involved_), meaning(meaning_) {
    for (std::size_t i = 0; i < operands.size(); i++) {
      present |= bit(operands[i]);
      if (i > 0 && operands[i - 1] == '+') mapped |= bit(operands[i]);
      if (operands[i] == '^') heap = true;
    }
    if (flags.empty()) return;
    flag_number = 1;
    for (char c : flags) {
      if (c == '@') with_address |= 1u << flag_number;
      flag_number += c == ' ';
    }
  }

  bool has(char operand) const { return (present & bit(operand)) != 0; }
  // Something is mapped at that address afterwards.
  bool maps(char operand) const { return (mapped & bit(operand)) != 0; }
  bool moves_heap_end() const { return heap; }
  // The operation has its second address under that flag.
  bool has_second_address(uint32_t flag_chosen) const {
    return has('B') || (has('b') && (with_address >> flag_chosen & 1) != 0);
  }
  uint32_t flag_count() const { return flag_number; }
  std::string_view flag_name(uint32_t number) const;  // from 1

 private:
  // A, B, C, L, b and m fall on different bits.
  static constexpr uint32_t bit(char operand) {
    return 1u << ((operand >= 'a' ? operand - 'a' + 13 : operand - 'A') & 31);
  }
};
std::span<const OpInfo> op_table();
const OpInfo& op_info(OpKind kind);

// mremap's numbers for its flags.
inline constexpr uint8_t kMremapFixed = 0;
inline constexpr uint8_t kMremapInPlace = 1;
inline constexpr uint8_t kMremapMayMove = 2;
inline constexpr uint8_t kMremapDontUnmap = 3;
inline constexpr uint8_t kMmapReadOnly = 1;
inline constexpr uint8_t kMmapGrowsDown = 2;
inline constexpr uint8_t kMprotectReadOnly = 1;

}  // namespace rmap
