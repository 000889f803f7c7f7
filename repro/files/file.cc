// SPDX-License-Identifier: Apache-2.0
#include "repro/files/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <utility>

// Not std::filesystem: MemorySanitizer does not see what the C++ library's own code writes.

namespace rmap {
namespace {

// An open file, closed at the end of its life.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ > STDERR_FILENO) ::close(number_);
  }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  bool ok() const { return number_ >= 0; }
  int number() const { return number_; }

 private:
  int number_;
};

// --- What is wrong -------------------------------------------------------------------------------

const char* advice_for_writing(int error) {
  switch (error) {
    case ENOSPC: return "make room on the disk, or name another folder";
    case EDQUOT: return "your quota is used up; make room, or name another folder";
    case EFBIG: return "raise the limit on the size of files (ulimit -f)";
    case EROFS: return "name another folder";
    case ENAMETOOLONG: return "take a shorter name";
    case EPIPE: return "its reader is gone";
    case EACCES:
    case EPERM: return "check the rights of the file and its folder";
    default: return "check the file and its folder";
  }
}

std::string not_written(const std::string& path, int error) {
  return fmt::format("{}: cannot be written: {}; {}", path, std::strerror(error),
                     advice_for_writing(error));
}

std::string not_opened(const std::string& path, int error) {
  if (error == ENOENT || error == ENOTDIR) return path + ": no such file; check the name";
  return fmt::format("{}: {}; check the {}", path, std::strerror(error),
                     error == EACCES ? "rights of the file and its folder" : "name");
}

// --- Writing -------------------------------------------------------------------------------------

bool write_all(int file, std::string_view content) {
  while (!content.empty()) {
    const ssize_t n = ::write(file, content.data(), content.size());
    if (n < 0 && errno != EINTR) return false;
    if (n > 0) content.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

// "folder/" of "folder/name", and nothing of "name".
std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/') + 1); }

// Where the symbolic links lead, the last one perhaps to nothing.
std::string followed(std::string path) {
  constexpr int kLinksMax = 40;  // As the kernel.
  for (int i = 0; i < kLinksMax; i++) {
    char target[PATH_MAX];
    const ssize_t n = ::readlink(path.c_str(), target, sizeof target);
    if (n <= 0) break;
    const std::string_view link(target, static_cast<std::size_t>(n));
    path = (link[0] == '/' ? "" : folder_of(path)) + std::string(link);
  }
  return path;
}

// A new file in the folder, with the rights of `target`, if that is there. Its name is `part` then.
Descriptor open_part(const std::string& target, std::string& part) {
  struct stat there = {};
  const bool has_rights = ::stat(target.c_str(), &there) == 0;
  for (uint32_t n = 1;; n++) {
    part = fmt::format("{}.{}-{}.part", folder_of(target), ::getpid(), n);
    Descriptor file(::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (!file.ok() && errno == EEXIST) continue;
    if (file.ok() && has_rights) ::fchmod(file.number(), there.st_mode & 07777);
    return file;
  }
}

// So that the name is on the disk, too. Some file systems do not know how; there it is as good.
void sync_folder(const std::string& folder) {
  const char* path = folder.empty() ? "." : folder.c_str();
  const Descriptor file(::open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (file.ok()) ::fsync(file.number());
}

// The folders that were made for a file. They go again unless the file came to be.
class NewFolders {
 public:
  NewFolders() = default;
  ~NewFolders() {
    for (auto folder = made_.rbegin(); folder != made_.rend(); ++folder) ::rmdir(folder->c_str());
  }
  NewFolders(const NewFolders&) = delete;
  NewFolders& operator=(const NewFolders&) = delete;

  // Makes those above `path` that are missing. False, with errno, when one cannot be made.
  bool make(const std::string& path) {
    for (std::size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
      const std::string folder = path.substr(0, at);
      struct stat there = {};
      if (::stat(folder.c_str(), &there) == 0) continue;
      if (::mkdir(folder.c_str(), 0777) == 0) {
        made_.push_back(folder);
      } else if (errno != EEXIST) {  // Somebody else made it.
        return false;
      }
    }
    return true;
  }
  void keep() { made_.clear(); }

 private:
  std::vector<std::string> made_;
};

std::string write_new(const std::string& path, std::string_view content) {
  NewFolders folders;
  if (!folders.make(path)) return not_written(path, errno);
  std::string wrong = replace_file(path, content);
  if (wrong.empty()) folders.keep();
  return wrong;
}

// A pipe waits for its reader here, as for every writer.
std::string write_through(const std::string& path, std::string_view content) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (file.ok() && write_all(file.number(), content)) return {};
  return not_written(path, errno);
}

bool holds(const std::string& path, std::string_view content) {
  std::string there;
  return read_file(path, content.size(), there).empty() && there == content;
}

bool is_same(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

}  // namespace

// --- Reading -------------------------------------------------------------------------------------

std::string read_file(const std::string& path, std::size_t bytes_max, std::string& content) {
  const Descriptor file(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.ok()) return not_opened(path, errno);
  struct stat status = {};
  ::fstat(file.number(), &status);
  if (S_ISDIR(status.st_mode)) return fmt::format("{}: is a directory; name a file in it", path);
  // The size is only a hint: the file may be a pipe, or endless.
  constexpr std::size_t kChunk = 65536;
  const auto hint = static_cast<std::size_t>(status.st_size);
  content.clear();
  for (std::size_t size = 0;;) {
    const std::size_t more = size == 0 && S_ISREG(status.st_mode) ? hint + 1 : kChunk;
    content.resize(size + std::min(more, bytes_max + 1));
    const ssize_t n = ::read(file.number(), content.data() + size, content.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0)
      return fmt::format("{}: cannot be read ({}); check the file", path, std::strerror(errno));
    size += static_cast<std::size_t>(n);
    if (size > bytes_max) {
      return fmt::format("{}: is larger than {} MiB, which no input is; check the name", path,
                         bytes_max >> 20);
    }
    content.resize(size);
    if (n == 0 || (S_ISREG(status.st_mode) && size == hint)) return {};
  }
}

// --- Writing -------------------------------------------------------------------------------------

std::string replace_file(const std::string& path, std::string_view content) {
  const std::string target = followed(path);
  std::string part;
  const Descriptor file = open_part(target, part);
  if (file.ok() && write_all(file.number(), content) && ::fsync(file.number()) == 0 &&
      ::rename(part.c_str(), target.c_str()) == 0) {
    sync_folder(folder_of(target));
    return {};
  }
  const int error = errno;
  if (file.ok()) ::unlink(part.c_str());
  return not_written(path, error);
}

std::string write_file(const std::string& path, std::string_view content, bool force) {
  struct stat there = {};
  if (::stat(path.c_str(), &there) != 0)
    return errno == ENOENT ? write_new(path, content) : not_written(path, errno);
  if (S_ISDIR(there.st_mode)) return path + ": is a directory; name a file in it";
  if (!S_ISREG(there.st_mode)) return write_through(path, content);
  if (there.st_size != 0 && !force) {
    if (holds(path, content)) return {};
    return path + ": exists with another content; take another name, or --force";
  }
  return replace_file(path, content);
}

// --- Which file it is ----------------------------------------------------------------------------

bool is_one_of(const std::string& path, const std::vector<std::string>& files) {
  struct stat wanted = {};
  if (::stat(path.c_str(), &wanted) != 0) return false;
  return std::any_of(files.begin(), files.end(), [&](const std::string& file) {
    struct stat each = {};
    const int error = file == "-" ? ::fstat(STDIN_FILENO, &each) : ::stat(file.c_str(), &each);
    return error == 0 && is_same(each, wanted);
  });
}

bool is_descriptor(const std::string& path, int descriptor) {
  struct stat a = {};
  struct stat b = {};
  return ::stat(path.c_str(), &a) == 0 && ::fstat(descriptor, &b) == 0 && is_same(a, b);
}

void survive_file_size_limit() { std::signal(SIGXFSZ, SIG_IGN); }

}  // namespace rmap
