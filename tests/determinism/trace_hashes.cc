// Prints what stored inputs and generated programs do under every release, one line each: kernel,
// input, ending, steps, trace hash. Two builds that print the same lines run the same executions,
// step for step; check.sh compares many of them.
//
//   trace_hashes FILE...     inputs as bytes, and *.litmus: every witness there is one program;
//                            500 generated programs are always included
//
// An input is named by its folder and file, so that the place of the checkout does not matter. Only
// C's files are used here: MemorySanitizer does not see what a C++ library without instrumentation
// writes.
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/program/litmus.h"
#include "core/run/behaviour.h"

namespace {

struct Inputs {
  std::vector<std::string> names;
  std::vector<rmap::Program> programs;
  std::vector<std::string> rejected;  // No program: an unknown version, or less than a header.

  void add(std::string name, const rmap::Program& p) {
    names.push_back(std::move(name));
    programs.push_back(p);
  }
};

[[noreturn]] void refuse(const std::string& path, const char* what) {
  std::fprintf(stderr, "trace_hashes: %s: %s\n", path.c_str(), what);
  std::exit(2);
}

std::string read_file(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) refuse(path, "cannot be opened; give inputs or litmus files");
  std::string content;
  char block[4096];
  for (std::size_t n; (n = std::fread(block, 1, sizeof block, file)) != 0;)
    content.append(block, n);
  if (std::ferror(file) != 0) refuse(path, "cannot be read; give files, not folders");
  std::fclose(file);
  return content;
}

// "corpus/rmap_fuzzer/1a2b" is "rmap_fuzzer/1a2b".
std::string short_name(const std::string& path) {
  const std::size_t file = path.rfind('/');
  if (file == std::string::npos || file == 0) return path;
  const std::size_t folder = path.rfind('/', file - 1);
  return folder == std::string::npos ? path : path.substr(folder + 1);
}

void add_litmus(const std::string& path, const std::string& text, Inputs& inputs) {
  const rmap::LitmusResult parsed = rmap::parse_litmus(text);
  if (!parsed.litmus) refuse(path, parsed.error.message.c_str());
  const rmap::Litmus& litmus = *parsed.litmus;
  inputs.add(short_name(path), litmus.program);
  for (const rmap::Witness& witness : litmus.witnesses) {
    rmap::Program p = litmus.program;
    if (!rmap::use_decisions(p, witness.decisions)) refuse(path, "a witness is too long");
    inputs.add(short_name(path) + "/" + witness.kernel, p);
  }
}

void add_file(const std::string& path, Inputs& inputs) {
  const std::string content = read_file(path);
  if (path.ends_with(".litmus")) return add_litmus(path, content, inputs);
  rmap::Program p;
  if (rmap::decode({reinterpret_cast<const uint8_t*>(content.data()), content.size()}, p)) {
    inputs.add(short_name(path), p);
  } else {
    inputs.rejected.push_back(short_name(path));
  }
}

}  // namespace

int main(int argc, char** argv) {
  Inputs inputs;
  for (const rmap::Program& p : rmap::sample_programs(500))
    inputs.add("generated/" + std::to_string(inputs.names.size()), p);
  for (int i = 1; i < argc; i++) add_file(argv[i], inputs);
  for (const std::string& name : inputs.rejected) std::printf("rejected %s\n", name.c_str());
  const auto print = [&](const rmap::Behaviour& b) {
    std::printf("%.*s %s %d %u %016llx\n", static_cast<int>(b.kernel.size()), b.kernel.data(),
                inputs.names[b.program].c_str(), static_cast<int>(b.ending), b.steps,
                static_cast<unsigned long long>(b.trace_hash));
  };
  const uint64_t signature = rmap::behaviour_signature(inputs.programs, print);
  std::printf("signature %016llx of %zu programs\n", static_cast<unsigned long long>(signature),
              inputs.programs.size());
}
