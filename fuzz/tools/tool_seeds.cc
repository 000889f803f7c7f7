// Writes the seeds of a target, made from litmus files: one of them for each
// file and each kernel that it has a witness or a schedule for, named by its content.
//
//   tool_seeds minimize_fuzzer DIR tests/litmus/*.litmus repro/regressions/*.litmus
//
// The same files give the same seeds. A seed that is there already stays. With --dictionary, prints
// fuzz/litmus_fuzzer.dict.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <iostream>
#include <set>

#include "core/kernel/expression.h"
#include "fuzz/artifact.h"
#include "fuzz/tools/dictionary.h"
#include "fuzz/tools/kernel_input.h"
#include "repro/files/file.h"
#include "repro/formats/format.h"

namespace rmap {
namespace {

constexpr std::string_view kUsage =
    "usage: tool_seeds rmap_fuzzer|program_fuzzer|litmus_fuzzer|minimize_fuzzer|explain_fuzzer DIR "
    "FILE...\n"
    "       tool_seeds --dictionary";

using Seeds = std::set<std::vector<uint8_t>>;

void add(Seeds& seeds, std::vector<uint8_t> chosen, const Program& p) {
  const std::vector<uint8_t> bytes = encode(p);
  chosen.insert(chosen.end(), bytes.begin(), bytes.end());
  seeds.insert(std::move(chosen));
}

// The program as it runs under each kernel that the file has a witness for (load() adds one for
// each schedule); for kernels that are no release, under the newest one.
void add_programs(Seeds& seeds, const Input& input, std::string_view target) {
  const bool bare = target == "rmap_fuzzer" || target == "program_fuzzer";
  if (bare) add(seeds, {}, input.litmus.program);
  for (const Witness& witness : input.litmus.witnesses) {
    const Program p = program_for(input, kernel_named(witness.kernel).kernel);
    const uint8_t kernel = byte_of_release(witness.kernel);
    if (bare) add(seeds, {}, p);
    if (target == "minimize_fuzzer") add(seeds, {kernel}, p);
    const auto format = static_cast<uint8_t>(seeds.size() % all_formats().size());
    if (target == "explain_fuzzer") add(seeds, {kernel, format}, p);
  }
}

// Returns what is wrong, or nothing.
std::string write(const Seeds& seeds, const std::string& folder) {
  for (const std::vector<uint8_t>& seed : seeds) {
    const std::string path = folder + "/" + sha1(seed);
    const std::string wrong =
        write_file(path, {reinterpret_cast<const char*>(seed.data()), seed.size()}, false);
    if (!wrong.empty()) return wrong;
  }
  return {};
}

int run(const std::string& target, const std::string& folder, std::span<char*> files) {
  const Io io{std::cout, std::cerr};
  Seeds seeds;
  for (const char* file : files) {
    const std::optional<Input> input = load(file, io);
    if (!input) return kBadInput;
    if (target == "litmus_fuzzer")
      seeds.insert({input->content.begin(), input->content.end()});
    else
      add_programs(seeds, *input, target);
  }
  const std::string wrong = write(seeds, folder);
  if (!wrong.empty()) std::cerr << wrong << "\n";
  return wrong.empty() ? kClean : kBadInput;
}

}  // namespace
}  // namespace rmap

int main(int argc, char** argv) {
  const std::set<std::string_view> targets = {"rmap_fuzzer", "program_fuzzer", "litmus_fuzzer",
                                              "minimize_fuzzer", "explain_fuzzer"};
  const std::string_view first = argc > 1 ? argv[1] : "";
  if (first == "--help") {
    std::cout << rmap::kUsage << "\n";
    return rmap::kClean;
  }
  if (first == "--dictionary") {
    std::cout << rmap::litmus_dictionary();
    return rmap::kClean;
  }
  if (argc < 4 || !targets.contains(first)) {
    std::cerr << rmap::kUsage << "\n";
    return rmap::kBadInput;
  }
  return rmap::run(argv[1], argv[2], {argv + 3, argv + argc});
}
