// What every libFuzzer target does: decode the input, run it under the target's kernel, report a
// finding, abort.
//
// Arguments of ours (libFuzzer leaves those that begin with two dashes alone):
//   --kernel=EXPR     fuzz this kernel instead
//   --keep-going      count findings by signature instead of stopping at the first
//   --until=PATTERN   go on past all findings but those that match (pattern.h)
//   --ignore=PATTERN  go on past findings that match, and do not count them; may be repeated
//   --stats           at the end, say how many executions, which share of the operations took
//                     effect, and which sites were never reached
//
// A finding prints two stable lines, without numbers, by which farms of fuzzers tell bugs apart:
// ASSERTION FAILED (ClusterFuzz) and DEDUP_TOKEN (libFuzzer's -minimize_crash).
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/target.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/finding.h"
#include "core/quote.h"
#include "core/shape.h"
#include "fuzz/artifact.h"
#include "fuzz/mutator.h"
#include "fuzz/pattern.h"

namespace rmap {
namespace {

// For libFuzzer: which site came after which other task's site, and which sites were reached at
// all. Small, or the corpus floods.
constexpr std::size_t kPairs = 512;
// Steps towards a finding: early signs by rule, and near misses.
constexpr std::size_t kSigns = 32;
constexpr std::size_t kSignsAt = kPairs + sched::kSitesMax;
constexpr std::size_t kShapesAt = kSignsAt + 2 * kSigns;
// Which operation took effect after which other one.
constexpr std::size_t kSequences = 256;
constexpr std::size_t kSequencesAt = kShapesAt + kShapes;
__attribute__((used, section("__libfuzzer_extra_counters")))
uint8_t extra_counters[kSequencesAt + kSequences];

struct Statistics {
  uint64_t executions = 0;
  uint64_t findings = 0;
  uint64_t operations = 0;
  uint64_t effective = 0;
  uint64_t unknown_accesses = 0;
  uint64_t step_limits = 0;
  std::map<std::string, uint64_t> first_seen;  // Signature -> execution.
};

struct Arguments {
  std::string kernel = kTargetKernel;
  bool keep_going = false;
  bool stats = false;
  std::optional<Pattern> until;
  std::vector<Pattern> ignored;
  std::string tool = "rmapfuzz";
  Artifacts artifacts{{}};
};

struct Target {
  Arguments arguments;
  NamedKernel kernel;
  Executor executor;
  sched::Coverage coverage;
  Statistics statistics;

  Target(const Arguments& a, NamedKernel k)
      : arguments(a), kernel(std::move(k)), executor(kernel.kernel) {
    coverage.pairs = std::span<uint8_t>(extra_counters, kPairs);
    coverage.sites = std::span<uint8_t>(extra_counters + kPairs, sched::kSitesMax);
  }
};

Target* target = nullptr;

[[noreturn]] void usage_error(const std::string& what) {
  fmt::print(stderr, "{}\n", what);
  std::exit(2);
}

void print_statistics() {
  const Statistics& s = target->statistics;
  fmt::print(stderr, "fuzz: kernel {}: {} executions, {} findings\n", target->kernel.name,
             s.executions, s.findings);
  fmt::print(stderr, "fuzz: {} of {} operations took effect ({} %)\n", s.effective, s.operations,
             s.operations == 0 ? 0 : s.effective * 100 / s.operations);
  fmt::print(stderr,
             "fuzz: {} executions hit the step limit, {} made an access that the access table does "
             "not know\n",
             s.step_limits, s.unknown_accesses);
  std::string missing;
  for (std::size_t i = 1; i < std::size(kSites); i++) {
    if (target->coverage.hits[i] == 0) missing += fmt::format(" {}", kSites[i]);
  }
  fmt::print(stderr, "fuzz: sites never reached:{}\n", missing.empty() ? " none" : missing);
  for (const auto& [signature, execution] : s.first_seen) {
    fmt::print(stderr, "fuzz: finding {} first at execution {}\n", signature, execution);
  }
}

void count(const Program& p, const Result& result) {
  Statistics& s = target->statistics;
  s.executions++;
  s.unknown_accesses += result.outcome.unknown_access;
  s.step_limits += result.outcome.ending == sched::Ending::step_limit;
  uint32_t last = 0;
  for (uint32_t i = 0; i < p.ops.size(); i++) {
    s.operations += result.ops[i].ran;
    s.effective += result.ops[i].took_effect;
    if (!result.ops[i].took_effect) continue;
    const uint32_t kind = static_cast<uint32_t>(p.ops[i].kind) + 1;
    extra_counters[kSequencesAt + (last * 16 + kind) % kSequences] = 1;
    last = kind;
  }
  mark_shapes(target->executor.world(), {extra_counters + kShapesAt, kShapes});
  for (std::size_t i = 0; i < kSigns; i++) {
    extra_counters[kSignsAt + i] = result.early_signs >> i & 1;
    extra_counters[kSignsAt + kSigns + i] = result.near_misses >> i & 1;
  }
}

// The rmapfuzz beside this target, where it was built, else wherever it is installed.
std::string tool_beside(const std::string& program) {
  const std::filesystem::path beside = std::filesystem::path(program).parent_path() / "rmapfuzz";
  std::error_code code;
  return std::filesystem::exists(beside, code) ? beside.string() : "rmapfuzz";
}

[[noreturn]] void report(const Finding& f, std::span<const uint8_t> input) {
  fmt::print(stderr, "\nASSERTION FAILED: {} {} in {} at {}\n", f.rule, f.manner, f.operations,
             f.sites);
  fmt::print(stderr, "DEDUP_TOKEN: {}\n", f.signature);
  fmt::print(stderr, "{}\n", f.sentence);
  fmt::print(stderr, "SUMMARY: {} {} {}\n", f.rule, target->kernel.name, f.manner);
  fmt::print(stderr, "To see what happened: {} explain --minimize {} --kernel {}\n",
             shell_quoted(target->arguments.tool),
             shell_quoted(target->arguments.artifacts.file_of(input)),
             shell_quoted(target->kernel.name));
  std::fflush(stderr);
  std::abort();
}

void run_input(const uint8_t* data, std::size_t size) {
  static Program p;
  if (!decode({data, size}, p)) return;
  const Result& result = target->executor.run(p, {.coverage = &target->coverage});
  count(p, result);
  if (!result.finding()) return;
  const Finding f = describe_finding(target->executor, p);
  const Arguments& arguments = target->arguments;
  for (const Pattern& pattern : arguments.ignored) {
    if (matches(pattern, f)) return;
  }
  Statistics& s = target->statistics;
  s.findings++;
  const bool found = arguments.until && matches(*arguments.until, f);
  if (found)
    fmt::print(stderr, "fuzz: found {} at execution {}\n", arguments.until->text, s.executions);
  if (found || (!arguments.keep_going && !arguments.until)) {
    if (arguments.stats) print_statistics();
    report(f, {data, size});
  }
  if (s.first_seen.emplace(f.signature, s.executions).second)
    fmt::print(stderr, "fuzz: execution {}: {}\n", s.executions, f.signature);
}

Pattern pattern_named(std::string_view text) {
  const PatternResult parsed = parse_pattern(text);
  if (!parsed.pattern) usage_error(parsed.error);
  return *parsed.pattern;
}

void parse_argument(std::string_view arg, Arguments& arguments) {
  const std::string_view value = arg.substr(arg.find('=') + 1);
  if (arg.starts_with("--kernel=")) {
    arguments.kernel = value;
  } else if (arg == "--keep-going") {
    arguments.keep_going = true;
  } else if (arg.starts_with("--until=")) {
    arguments.until = pattern_named(value);
  } else if (arg.starts_with("--ignore=")) {
    arguments.ignored.push_back(pattern_named(value));
  } else if (arg == "--stats") {
    arguments.stats = true;
  } else if (arg.starts_with("--") && arg != "--") {
    usage_error(
        fmt::format("unknown argument {}; there are --kernel=EXPR, --keep-going, "
                    "--until=PATTERN, --ignore=PATTERN and --stats",
                    arg));
  }
}

std::size_t store(Program& p, uint8_t* data, std::size_t size_max) {
  if (size_max < kHeaderSize) return 0;
  shrink_to(p, size_max);
  return encode(p, {data, size_max});
}

}  // namespace
}  // namespace rmap

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  rmap::Arguments arguments;
  for (int i = 1; i < *argc; i++) rmap::parse_argument((*argv)[i], arguments);
  arguments.tool = rmap::tool_beside((*argv)[0]);
  arguments.artifacts = rmap::Artifacts({*argv + 1, *argv + *argc});
  rmap::KernelResult parsed = rmap::parse_kernel(arguments.kernel);
  if (!parsed.kernel) rmap::usage_error(parsed.error);
  // Lives until the process ends, as libFuzzer's own state does.
  rmap::target = new rmap::Target(arguments, *parsed.kernel);
  if (arguments.stats) std::atexit(rmap::print_statistics);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  rmap::run_input(data, size);
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(uint8_t* data, std::size_t size,
                                               std::size_t size_max, unsigned int seed) {
  static rmap::Program p;
  sched::SplitMix random(seed);
  rmap::decode({data, size}, p);
  rmap::mutate(random, p);
  return rmap::store(p, data, size_max);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const uint8_t* data1, std::size_t size1,
                                                 const uint8_t* data2, std::size_t size2,
                                                 uint8_t* out, std::size_t size_max,
                                                 unsigned int seed) {
  static rmap::Program a;
  static rmap::Program b;
  sched::SplitMix random(seed);
  rmap::decode({data1, size1}, a);
  rmap::decode({data2, size2}, b);
  rmap::Program p = rmap::cross_over(random, a, b);
  if (p.ops.empty()) rmap::mutate(random, p);
  return rmap::store(p, out, size_max);
}
