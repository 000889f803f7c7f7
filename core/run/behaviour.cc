// SPDX-License-Identifier: Apache-2.0
#include "core/run/behaviour.h"

#include "core/kernel/chain.h"
#include "core/kernel/expression.h"
#include "core/program/generate.h"

namespace rmap {

uint64_t behaviour_signature(std::span<const Program> programs,
                             const std::function<void(const Behaviour&)>& each) {
  uint64_t signature = kModelVersion;
  sched::Trace trace;
  for (std::string_view release : releases()) {
    Executor executor(kernel_named(release).kernel);
    for (std::size_t i = 0; i < programs.size(); i++) {
      const Result& r = executor.run(programs[i], {.trace = &trace});
      signature = sched::mix_hash(signature, trace.hash());
      signature = sched::mix_hash(signature, static_cast<uint64_t>(r.outcome.ending));
      if (each) each({release, i, r.outcome.ending, r.outcome.steps, trace.hash()});
    }
  }
  return signature;
}

std::vector<Program> sample_programs(uint32_t n) {
  std::vector<Program> programs;
  for (uint32_t i = 0; i < n; i++) {
    sched::SplitMix random(i);
    programs.push_back(generate_program(random));
  }
  return programs;
}

}  // namespace rmap
