// The words of litmus text, for libFuzzer and its kind.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace rmap {

// What stands in fuzz/litmus_fuzzer.dict: a word a line, in AFL's syntax. Words come from the
// tables that the parser reads, in their order; a test compares the file.
std::string litmus_dictionary();

}  // namespace rmap
