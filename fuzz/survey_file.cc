// SPDX-License-Identifier: Apache-2.0
#include "fuzz/survey_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>

#include "fuzz/arguments.h"

namespace rmap {

SurveyFile::SurveyFile(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  // With its blocks: where the disk is full, a write to a mapped hole is SIGBUS.
  errno = fd < 0 ? errno : posix_fallocate(fd, 0, sizeof(ReachedFile));
  void* memory = errno == 0
                     ? mmap(nullptr, sizeof(ReachedFile), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
                     : MAP_FAILED;
  if (memory == MAP_FAILED)
    usage_error(fmt::format("{}: cannot be written: {}", path, std::strerror(errno)));
  close(fd);
  file_ = new (memory) ReachedFile;
}

void SurveyFile::write(Survey& survey) { file_->reached = survey.reached(); }

}  // namespace rmap
