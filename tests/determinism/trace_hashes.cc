// Prints what stored inputs and generated programs do under every release, one line each. Two
// builds that print the same lines run the same executions, step for step; check.sh compares four
// of them.
//
//   trace_hashes DIRECTORY...     the inputs; 500 generated programs are always included
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "core/behaviour.h"

int main(int argc, char** argv) {
  std::vector<std::filesystem::path> files;
  for (int i = 1; i < argc; i++) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i]))
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<rmap::Program> programs = rmap::sample_programs(500);
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
    rmap::Program p;
    if (rmap::decode({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}, p))
      programs.push_back(p);
  }
  const uint64_t signature = rmap::behaviour_signature(programs, [](const rmap::Behaviour& b) {
    std::printf("%.*s %zu %d %u %016llx\n", static_cast<int>(b.kernel.size()), b.kernel.data(),
                b.program, static_cast<int>(b.ending), b.steps,
                static_cast<unsigned long long>(b.trace_hash));
  });
  std::printf("signature %016llx\n", static_cast<unsigned long long>(signature));
}
