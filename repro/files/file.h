// Files: read as a whole, and written as a whole or not at all.
//
// A library of its own (repro_file), because fuzz targets store what they find and have no use for
// the rest of the tools. Each function returns what is wrong in one line, with what to do, or
// nothing.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rmap {

// Reads at most `bytes_max`; "-" is standard input.
std::string read_file(const std::string& path, std::size_t bytes_max, std::string& content);

// Puts a file there, on the disk, whatever was there before. It is written beside, as .PID-N.part,
// and takes the place at once: whoever kills the process, and whether the disk is full or not, the
// old content is there or the new one. A symbolic link stays one, and the rights stay.
std::string replace_file(const std::string& path, std::string_view content);

// Writes what a command made, and the folders that it needs. What is there stays: another content
// is an error unless `force`, the same one is left alone. An empty file is nobody's. What is no
// regular file (a pipe, a device) is never read and only written to.
std::string write_file(const std::string& path, std::string_view content, bool force);

// `path` is one of these files, by whatever name.
bool is_one_of(const std::string& path, const std::vector<std::string>& files);
// `path` is what this descriptor is open for.
bool is_descriptor(const std::string& path, int descriptor);

// From here on a file that would exceed the limit (ulimit -f) is an error as any other, which is
// told, instead of the end.
void survive_file_size_limit();

}  // namespace rmap
