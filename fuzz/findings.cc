// SPDX-License-Identifier: Apache-2.0
#include "fuzz/findings.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "fuzz/arguments.h"

namespace rmap {

bool Findings::add(const Finding& f, std::span<const uint8_t> input, uint64_t execution) {
  if (!first_seen_.emplace(f.signature, execution).second) return false;
  if (!folder_.empty()) store(f, input);
  return true;
}

// Under another name first: the file is there as a whole or not at all, whoever kills the process
// or pulls the plug. Trouble is no finding: not even libFuzzer's handlers see this exit.
void Findings::store(const Finding& f, std::span<const uint8_t> input) const {
  const std::string path = fmt::format("{}/{}-{}", folder_, f.rule, f.hash8);
  if (access(path.c_str(), F_OK) == 0) return;
  const std::string part = fmt::format("{}.{}.part", path, getpid());
  errno = 0;
  const int fd = open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  const bool written =
      fd >= 0 && write(fd, input.data(), input.size()) == static_cast<ssize_t>(input.size()) &&
      fsync(fd) == 0 && close(fd) == 0;
  if (written && std::rename(part.c_str(), path.c_str()) == 0) return sync_folder();
  fmt::print(stderr, "{}: cannot be written: {}\n", part,
             std::strerror(errno != 0 ? errno : ENOSPC));  // A short write sets no errno.
  unlink(part.c_str());
  std::_Exit(kUsageExit);
}

// The name is on the disk, too.
void Findings::sync_folder() const {
  const int fd = open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  fsync(fd);
  close(fd);
}

}  // namespace rmap
