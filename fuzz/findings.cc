// SPDX-License-Identifier: Apache-2.0
#include "fuzz/findings.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "core/text/quote.h"
#include "fuzz/arguments.h"
#include "repro/files/file.h"

namespace rmap {

bool Findings::add(const Finding& f, std::span<const uint8_t> input, uint64_t execution) {
  if (!first_seen_.emplace(f.signature, execution).second) return false;
  if (!folder_.empty()) store(f, input);
  return true;
}

// Trouble is no finding: not even libFuzzer's handlers see this exit. And libFuzzer calls it a
// crash when a file grows too large.
void Findings::store(const Finding& f, std::span<const uint8_t> input) const {
  const std::string path = fmt::format("{}/{}-{}", folder_, f.rule, f.hash8);
  if (access(path.c_str(), F_OK) == 0) return;
  survive_file_size_limit();
  const std::string wrong =
      replace_file(path, {reinterpret_cast<const char*>(input.data()), input.size()});
  if (wrong.empty()) return;
  fmt::print(stderr, "{}\n", printable_line(wrong));
  std::_Exit(kUsageExit);
}

}  // namespace rmap
