// SPDX-License-Identifier: Apache-2.0
#include "repro/files/input.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "core/text/utf8.h"
#include "repro/files/file.h"

namespace rmap {
namespace {

constexpr std::size_t kInputBytesMax = 16u << 20;

std::span<const uint8_t> bytes_of(const std::string& content) {
  return {reinterpret_cast<const uint8_t*>(content.data()), content.size()};
}

// Inputs in bytes begin with the version of their format, which no text begins with. What else is
// wrong with a text, its parser says, and where.
bool looks_like_text(const std::string& content) {
  const auto first = static_cast<unsigned char>(content[0]);
  if (first < 0x20) return first == '\t' || first == '\n' || first == '\r';
  return first != 0x7f && utf8_size(content) != 0;
}

// What editors put before a text to say how it is encoded.
std::string_view wrong_encoding(std::string_view content) {
  using namespace std::string_view_literals;
  if (content.starts_with("\xef\xbb\xbf"sv)) return "with a byte order mark";
  if (content.starts_with("\xff\xfe\0\0"sv) || content.starts_with("\0\0\xfe\xff"sv))
    return "in UTF-32";
  if (content.starts_with("\xff\xfe"sv) || content.starts_with("\xfe\xff"sv)) return "in UTF-16";
  return {};
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

}  // namespace

InputResult read_input(const std::string& path, std::string content) {
  if (content.empty()) return error(path, "is empty; give an input's bytes or litmus text");
  if (const std::string_view wrong = wrong_encoding(content); !wrong.empty()) {
    return {std::nullopt,
            fmt::format("{}:1:1: is text {}; save it as plain UTF-8, without a byte order mark",
                        path, wrong)};
  }
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
  if (path == "-") return "input";
  std::string word(path.substr(std::min(path.rfind('/') + 1, path.size())));
  if (word.ends_with(".litmus")) word.resize(word.size() - 7);
  for (char& c : word) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::strchr("-_+.", c) != nullptr;
    if (!plain) c = '_';
  }
  return word.empty() ? "input" : word;
}

std::string with_line_ends_of(std::string_view text, std::string updated) {
  const auto lines = std::count(text.begin(), text.end(), '\n');
  std::ptrdiff_t with_return = 0;
  for (std::size_t at = 0; (at = text.find("\r\n", at)) != std::string_view::npos; at += 2)
    with_return++;
  if (lines == 0 || with_return != lines) return updated;
  std::string out;
  for (char c : updated) {
    if (c == '\n' && !out.ends_with('\r')) out += '\r';
    out += c;
  }
  return out;
}

}  // namespace rmap
