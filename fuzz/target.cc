// What every fuzz target does: decode the input, run it under the target's kernel, report a
// finding, abort.
//
// Arguments of ours (libFuzzer leaves those that begin with two dashes alone):
//   --kernel=EXPR     fuzz this kernel instead
//   --keep-going      count findings by signature instead of stopping at the first
//   --until=PATTERN   go on past all findings but those that match (pattern.h)
//   --ignore=PATTERN  go on past findings that match, and do not count them; may be repeated
//   --findings=DIR    go on, and store the first input of each signature there
//   --reached=FILE    a file that always says what was reached so far
//   --stats           at the end, say how many executions, which share of the operations took
//                     effect, and which sites were never reached
//
// A finding prints two stable lines by which bugs are told apart (scheduler/failure.h).
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/target.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "core/run/finding.h"
#include "core/text/hint.h"
#include "core/text/quote.h"
#include "fuzz/arguments.h"
#include "fuzz/feedback.h"
#include "fuzz/findings.h"
#include "fuzz/mutator.h"
#include "fuzz/survey_file.h"
#include "repro/files/file.h"
#include "scheduler/failure.h"

namespace rmap {
namespace {

struct Target {
  Arguments arguments;
  Executor executor;
  Program program;  // Not a static of run_input(): its first use would be a feature.
  Survey survey;
  Findings findings;
  uint64_t findings_count = 0;  // Without those to be ignored.
  std::unique_ptr<SurveyFile> file;

  explicit Target(const Arguments& a)
      : arguments(a), executor(a.kernel.kernel), findings(a.findings) {
    mark_surveyed(survey);
    if (!a.reached.empty()) file = std::make_unique<SurveyFile>(a.reached);
  }
};

Target* target = nullptr;

std::string sites_missing(const Reached& reached) {
  std::string missing;
  for (uint16_t i = 1; i < std::size(kSites); i++) {
    if (!reached.has_site(Site{i})) missing += fmt::format(" {}", kSites[i]);
  }
  return missing.empty() ? " none" : missing;
}

void print_statistics() {
  const Reached& r = target->survey.reached();
  fmt::print(stderr, "fuzz: kernel {}: {} executions, {} findings\n", target->arguments.kernel.name,
             r.executions, target->findings_count);
  fmt::print(stderr, "fuzz: {} of {} operations took effect ({} %)\n", r.effective, r.operations,
             r.operations == 0 ? 0 : r.effective * 100 / r.operations);
  fmt::print(stderr,
             "fuzz: {} executions hit the step limit, {} made an access that the access table does "
             "not know\n",
             r.step_limits, r.unknown_accesses);
  fmt::print(stderr, "fuzz: {} interleaving pairs\n", r.pairs.size());
  fmt::print(stderr, "fuzz: sites never reached:{}\n", sites_missing(r));
  for (const auto& [signature, execution] : target->findings.first_seen())
    fmt::print(stderr, "fuzz: finding {} first at execution {}\n", signature, execution);
}

void at_end() {
  if (target->file) target->file->write(target->survey);
  if (target->arguments.stats) print_statistics();
}

[[noreturn]] void report(const Finding& f, std::span<const uint8_t> input) {
  // The same for all inputs with this signature: farms compare the whole line.
  const std::string what = fmt::format("{} {} in {} at {}", f.rule, f.word, f.operations, f.sites);
  fmt::print(stderr, "{}", sched::failure_lines(what, f.signature));
  fmt::print(stderr, "{}\n", f.sentence);
  fmt::print(stderr, "SUMMARY: {} {} {}\n", f.rule, target->arguments.kernel.name, f.manner);
  fmt::print(stderr, "To see what happened: {} explain --minimize {} --kernel {}\n", tool(),
             hinted(target->arguments.artifacts.file_of(input)),
             shell_quoted(target->arguments.kernel.name));
  std::fflush(stderr);
  std::abort();
}

// The fuzzer goes on past this finding.
bool goes_on(const Finding& f) {
  const Arguments& a = target->arguments;
  if (a.until) return !matches(*a.until, f);
  return a.keep_going || !a.findings.empty();
}

void found(const Finding& f, std::span<const uint8_t> input) {
  const Arguments& a = target->arguments;
  for (const Pattern& pattern : a.ignored) {
    if (matches(pattern, f)) return;
  }
  target->findings_count++;
  const uint64_t execution = target->survey.reached().executions;
  const bool is_new = target->findings.add(f, input, execution);
  if (goes_on(f)) {
    if (is_new) fmt::print(stderr, "fuzz: execution {}: {}\n", execution, f.signature);
    return;
  }
  if (a.until) fmt::print(stderr, "fuzz: found {} at execution {}\n", a.until->text, execution);
  at_end();
  report(f, input);
}

void run_input(const uint8_t* data, std::size_t size) {
  Program& p = target->program;
  if (!decode({data, size}, p)) return;
  const Result& result = target->executor.run(p, {.coverage = &target->survey.coverage});
  const Overlaps overlaps = target->survey.add(p, result);
  give_feedback(p, result, overlaps, target->executor.world());
  if (target->file) target->file->tick(target->survey);
  if (result.finding()) found(describe_finding(target->executor, p), {data, size});
}

std::size_t store(Program& p, uint8_t* data, std::size_t size_max) {
  if (size_max < kHeaderSize) return 0;
  shrink_to(p, size_max);
  return encode(p, {data, size_max});
}

}  // namespace
}  // namespace rmap

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  const std::span<char* const> arguments(*argv, *argv + *argc);
  rmap::survive_file_size_limit();
  // Lives until the process ends, as libFuzzer's own state does.
  rmap::target = new rmap::Target(rmap::parse_arguments(arguments, rmap::kTargetKernel));
  std::atexit(rmap::at_end);
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
