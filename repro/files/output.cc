// SPDX-License-Identifier: Apache-2.0
#include "repro/files/output.h"

#include <fmt/format.h>
#include <unistd.h>

#include "repro/files/file.h"

namespace rmap {
namespace {

std::ostream* stream_of(const Io& io, const std::string& path) {
  if (path.empty() || path == "-" || is_descriptor(path, STDOUT_FILENO)) return &io.out;
  return is_descriptor(path, STDERR_FILENO) ? &io.err : nullptr;
}

}  // namespace

Output::Output(const Io& io, std::string path, bool force)
    : io_(io), path_(std::move(path)), force_(force), stream_(stream_of(io, path_)) {}

bool Output::is_stdout() const { return stream_ == &io_.out; }

Io Output::said() const {
  return {.out = is_stdout() ? io_.err : io_.out,
          .err = io_.err,
          .err_is_terminal = io_.err_is_terminal,
          .interrupted = io_.interrupted};
}

std::string Output::objection(const std::vector<std::string>& inputs) const {
  if (stream_ != nullptr || !is_one_of(path_, inputs)) return {};
  return path_ + ": is an input, which stays; name another output";
}

std::string Output::objection_to_bytes(const std::vector<std::string>& inputs) const {
  if (is_stdout() && io_.out_is_terminal) return "bytes are not for a terminal; give -o FILE";
  return objection(inputs);
}

std::string Output::write(std::string_view content) const {
  if (stream_ == nullptr) return write_file(path_, content, force_);
  *stream_ << content << std::flush;
  return {};  // Who owns the stream says if that failed.
}

}  // namespace rmap
