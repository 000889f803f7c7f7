// How this program was called, which the hints that it prints follow (core/text/hint.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace rmap {

// Who reads the hints: whoever called the program, where he stands; or anybody, later.
enum class Readers { caller, anybody };

// `program`: rmapfuzz as the caller would type it. ./run says in RMAPFUZZ_RUN how it was called
// itself, and that counts.
void hint_as_called(std::string program, Readers readers = Readers::caller);

}  // namespace rmap
