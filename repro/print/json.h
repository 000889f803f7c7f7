// JSON: what words print for programs, and what campaigns keep.
//
// One object on a line, with its keys sorted. Each names its schema and the schema's version, as in
// "schema": "rmapfuzz/replay/1"; json.md documents them all, and tests/repro/json_test.cc holds the
// two together. A version changes when a key goes or means something else; a key may be added.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "repro/io.h"

namespace rmap {

// The object on one line, without the newline. What is not UTF-8 is replaced: the name of a file
// may hold any bytes.
std::string json_text(std::string_view schema, nlohmann::json object);
void print_json(const Io& io, std::string_view schema, nlohmann::json object);

}  // namespace rmap
