// What must hold of the forms of a program: bytes, litmus text, and what loads both from a file.
//
// Read next: core/program/program.h (bytes), core/program/litmus.h (text), repro/files/input.h
// (files).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "core/program/litmus.h"
#include "fuzz/tools/claim.h"

namespace rmap {

// The two directions of the text form; tests put broken ones in their place.
struct TextForm {
  std::string (*print)(const Litmus&) = print_litmus;
  LitmusResult (*parse)(std::string_view) = parse_litmus;
};

// Of a program: its bytes are canonical, and bytes and text give it back.
Check check_forms(const Program& p, const TextForm& form = {});

// Of any bytes: a file of them loads, or is refused with one line; what they decode to is within
// the limits, and check_forms() holds.
Check check_program_bytes(std::span<const uint8_t> bytes, const TextForm& form = {});

// Of any file: it loads, or is refused with one line that begins with where it is wrong.
Check check_file(std::span<const uint8_t> bytes);

// One line without control characters.
bool is_one_line(std::string_view text);

}  // namespace rmap
