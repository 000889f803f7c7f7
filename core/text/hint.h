// Hints: the commands that programs print, which work where they are printed.
//
// One rule: a hint calls rmapfuzz as its reader did, and names files as he did. If that was by an
// absolute path, he may stand anywhere, and the files' paths are absolute, too.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace rmap {

struct HintStyle {
  std::string tool = "./run rmapfuzz";  // As words of a shell.
  std::string folder;                   // Put before relative paths: empty, or ending with '/'.
};
// Once, when a program begins (repro/cli/called.h); until then hints are for the repository's root.
void set_hint_style(HintStyle style);

// How to call rmapfuzz.
const std::string& tool();
// A file's path as one word of a shell.
std::string hinted(std::string_view path);

}  // namespace rmap
