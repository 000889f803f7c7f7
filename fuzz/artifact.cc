// SPDX-License-Identifier: Apache-2.0
#include "fuzz/artifact.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace rmap {
namespace {

struct Sha1 {
  uint32_t h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};

  void block(const uint8_t* bytes) {
    uint32_t w[80];
    for (uint32_t i = 0; i < 16; i++) {
      w[i] = 0;
      for (uint32_t k = 0; k < 4; k++) w[i] = w[i] << 8 | bytes[i * 4 + k];
    }
    for (uint32_t i = 16; i < 80; i++)
      w[i] = std::rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (uint32_t i = 0; i < 80; i++) {
      const uint32_t next = add({std::rotl(a, 5), mix(i, b, c, d), e, kConstants[i / 20], w[i]});
      e = d;
      d = c;
      c = std::rotl(b, 30);
      b = a;
      a = next;
    }
    const uint32_t out[5] = {a, b, c, d, e};
    for (uint32_t i = 0; i < 5; i++) h[i] = add({h[i], out[i]});
  }

 private:
  static constexpr uint32_t kConstants[] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};
  // Modulo 2^32, without the wrap that some sanitizers report.
  static uint32_t add(std::initializer_list<uint32_t> terms) {
    uint64_t sum = 0;
    for (uint32_t term : terms) sum += term;
    return static_cast<uint32_t>(sum);
  }
  static uint32_t mix(uint32_t i, uint32_t b, uint32_t c, uint32_t d) {
    if (i < 20) return (b & c) | (~b & d);
    if (i >= 40 && i < 60) return (b & c) | (b & d) | (c & d);
    return b ^ c ^ d;
  }
};

bool holds(const std::string& path, std::span<const uint8_t> input) {
  std::error_code code;
  if (!std::filesystem::is_regular_file(path, code)) return false;
  if (std::filesystem::file_size(path, code) != input.size()) return false;
  std::ifstream file(path, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(file), {}};
  return std::equal(content.begin(), content.end(), input.begin(), input.end(),
                    [](char c, uint8_t b) { return static_cast<uint8_t>(c) == b; });
}

// The file that holds `input`: this one, or the first below this folder in the order of names; or
// empty.
std::string find_below(const std::string& path, std::span<const uint8_t> input) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) return holds(path, input) ? path : "";
  std::string first;
  for (std::filesystem::recursive_directory_iterator it(path, error), end; !error && it != end;
       it.increment(error)) {
    const std::string file = it->path().string();
    if (holds(file, input) && (first.empty() || file < first)) first = file;
  }
  return first;
}

}  // namespace

std::string sha1(std::span<const uint8_t> bytes) {
  std::vector<uint8_t> padded(bytes.begin(), bytes.end());
  padded.push_back(0x80);
  while (padded.size() % 64 != 56) padded.push_back(0);
  const uint64_t bits = uint64_t{bytes.size()} * 8;
  for (int shift = 56; shift >= 0; shift -= 8)
    padded.push_back(static_cast<uint8_t>(bits >> shift));
  Sha1 hash;
  for (std::size_t i = 0; i < padded.size(); i += 64) hash.block(&padded[i]);
  return fmt::format("{:08x}", fmt::join(hash.h, ""));
}

std::string Artifacts::value_of(const std::string& flag) const {
  std::string value;
  for (const std::string& argument : arguments_) {
    if (argument.starts_with(flag + "=")) value = argument.substr(flag.size() + 1);
  }
  return value;
}

std::string Artifacts::file_of(std::span<const uint8_t> input) const {
  for (const std::string& argument : arguments_) {
    if (argument == "-") return "-";  // Standard input, to be given again.
    if (argument.starts_with('-')) continue;
    if (const std::string file = find_below(argument, input); !file.empty()) return file;
  }
  const std::string exact = value_of("-exact_artifact_path");
  if (!exact.empty()) return exact;
  const std::string prefix = value_of("-artifact_prefix");
  return fmt::format("{}crash-{}", prefix.empty() ? "./" : prefix, sha1(input));
}

}  // namespace rmap
