// SPDX-License-Identifier: Apache-2.0
#include "repro/input.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace rmap {
namespace {

constexpr std::size_t kInputBytesMax = 16u << 20;

std::span<const uint8_t> bytes_of(const std::string& content) {
  return {reinterpret_cast<const uint8_t*>(content.data()), content.size()};
}

// Text has no control characters; outside ASCII it must at least begin as litmus text does.
bool looks_like_text(const std::string& content) {
  unsigned control = 0;
  unsigned any = 0;
  for (char c : content) {  // To the end, which is faster than to look where to stop.
    const auto u = static_cast<unsigned char>(c);
    const unsigned is_space = unsigned{u == '\t'} | unsigned{u == '\n'} | unsigned{u == '\r'};
    control |= (unsigned{u < 0x20} & ~is_space) | unsigned{u == 0x7f};
    any |= u;
  }
  if (control != 0) return false;
  const bool ascii = any < 0x80;
  return ascii || content.starts_with("litmus") || content.starts_with("#");
}

InputResult error(const std::string& path, std::string_view what) {
  return {std::nullopt, fmt::format("{}: {}", path, what)};
}

InputResult read_text(Input input) {
  LitmusResult parsed = parse_litmus(input.content);
  if (!parsed.litmus) {
    const ParseError& e = parsed.error;
    return {std::nullopt, fmt::format("{}:{}:{}: {}", input.path, e.line, e.column, e.message)};
  }
  input.litmus = std::move(*parsed.litmus);
  return {std::move(input), {}};
}

InputResult read_bytes(Input input) {
  const auto bytes = bytes_of(input.content);
  if (bytes[0] != kFormatVersion) {
    return error(
        input.path,
        fmt::format("format version {} is unknown, this program reads version {}; give an input "
                    "that a fuzz target wrote, or litmus text",
                    bytes[0], kFormatVersion));
  }
  if (bytes.size() < kHeaderSize) {
    return error(
        input.path,
        fmt::format(
            "ends after {} of the {} bytes of its header, so it is truncated; copy it again",
            bytes.size(), kHeaderSize));
  }
  CHECK(decode(bytes, input.litmus.program));
  const std::size_t whole = (bytes.size() - kHeaderSize) / kOpSize;
  if (whole < std::min<std::size_t>(bytes[2], kOpsMax)) {
    input.note = fmt::format(
        "{}: announces {} operations but holds {}, so it may be truncated; going on with those",
        input.path, bytes[2], whole);
  }
  input.litmus.name = word_of_path(input.path);
  return {std::move(input), {}};
}

// An open file, closed at the end of its life.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  bool ok() const { return number_ >= 0; }
  int number() const { return number_; }

 private:
  int number_;
};

// With `O_EXCL`, what was written is on the disk when this returns.
bool write_all(const std::string& path, std::string_view content, int flags) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0666));
  while (file.ok() && !content.empty()) {
    const ssize_t n = ::write(file.number(), content.data(), content.size());
    if (n < 0 && errno != EINTR) return false;
    if (n > 0) content.remove_prefix(static_cast<std::size_t>(n));
  }
  return file.ok() && ((flags & O_EXCL) == 0 || ::fsync(file.number()) == 0);
}

// The old content or the new one is there whatever happens meanwhile: a new file is written beside
// it, and takes its place. A symbolic link stays one.
bool replace(const std::string& path, std::string_view content, std::filesystem::perms perms) {
  std::error_code code;
  const std::filesystem::path target = std::filesystem::canonical(path, code);
  if (code) return false;
  const std::string fresh = fmt::format("{}/.{}.{}.new", target.parent_path().string(),
                                        target.filename().string(), ::getpid());
  if (write_all(fresh, content, O_EXCL)) {
    std::filesystem::permissions(fresh, perms, code);
    if (::rename(fresh.c_str(), target.c_str()) == 0) return true;
  }
  ::unlink(fresh.c_str());
  return false;
}

}  // namespace

InputResult read_input(const std::string& path, std::string content) {
  if (content.empty()) return error(path, "is empty; give an input's bytes or litmus text");
  Input input;
  input.path = path;
  input.is_text = looks_like_text(content);
  input.content = std::move(content);
  return input.is_text ? read_text(std::move(input)) : read_bytes(std::move(input));
}

InputResult load_input(const std::string& path) {
  std::string content;
  const std::string wrong = read_input_file(path, content);
  if (!wrong.empty()) return {std::nullopt, wrong};
  return read_input(path, std::move(content));
}

std::string read_input_file(const std::string& path, std::string& content) {
  return read_file(path, kInputBytesMax, content);
}

std::string word_of_path(std::string_view path) {
  std::string word(path.substr(std::min(path.rfind('/') + 1, path.size())));
  if (word.ends_with(".litmus")) word.resize(word.size() - 7);
  for (char& c : word) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::strchr("-_+.", c) != nullptr;
    if (!plain) c = '_';
  }
  return word.empty() ? "input" : word;
}

bool is_one_of(const std::string& path, const std::vector<std::string>& files) {
  return std::any_of(files.begin(), files.end(), [&](const std::string& file) {
    std::error_code code;
    return std::filesystem::equivalent(file, path, code);
  });
}

std::string read_file(const std::string& path, std::size_t bytes_max, std::string& content) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.ok()) {
    const bool missing = errno == ENOENT || errno == ENOTDIR;
    return fmt::format("{}: {}; check the name", path,
                       missing ? "no such file" : std::strerror(errno));
  }
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

std::string write_file(const std::string& path, std::string_view content, bool force) {
  std::error_code code;
  const std::filesystem::file_status status = std::filesystem::status(path, code);
  if (std::filesystem::is_directory(status))
    return fmt::format("{}: is a directory; name a file in it", path);
  if (std::filesystem::exists(status) && !force) {
    std::string existing;
    if (read_file(path, kInputBytesMax, existing).empty() && existing == content) return {};
    return fmt::format("{}: exists with another content; take another name, or --force", path);
  }
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, code);
  const bool replaces = std::filesystem::is_regular_file(status);
  if (replaces ? replace(path, content, status.permissions()) : write_all(path, content, O_TRUNC))
    return {};
  return fmt::format("{}: cannot be written; check the folder and its rights", path);
}

}  // namespace rmap
