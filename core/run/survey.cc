// SPDX-License-Identifier: Apache-2.0
#include "core/run/survey.h"

#include <algorithm>
#include <bit>

#include "core/program/generate.h"

namespace rmap {
namespace {

// What was cut short is what the execution is about.
bool counts(const OpResult& op) { return op.took_effect || (op.ran && !op.finished); }

// Both were under way at some step; whoever did not get to its end was until the last one.
bool overlap(const OpResult& a, const OpResult& b, uint32_t last_step) {
  const auto end = [&](const OpResult& op) { return op.finished ? op.ended : last_step; };
  return a.began < end(b) && b.began < end(a);
}

Overlaps overlaps_of(const Program& p, const Result& r) {
  Overlaps overlaps = {};
  for (uint32_t i = 0; i < p.ops.size(); i++) {
    if (p.ops[i].task == 0 || !counts(r.ops[i])) continue;
    for (uint32_t j = i + 1; j < p.ops.size(); j++) {
      if (p.ops[j].task == p.ops[i].task || !counts(r.ops[j])) continue;
      if (!overlap(r.ops[i], r.ops[j], r.outcome.steps)) continue;
      const auto a = static_cast<uint32_t>(p.ops[i].kind);
      const auto b = static_cast<uint32_t>(p.ops[j].kind);
      overlaps[a] |= 1u << b;
      overlaps[b] |= 1u << a;
    }
  }
  return overlaps;
}

}  // namespace

uint32_t Reached::site_count() const {
  uint32_t n = 0;
  for (uint64_t word : sites) n += static_cast<uint32_t>(std::popcount(word));
  return n;
}

void Reached::add(const Reached& other) {
  executions += other.executions;
  findings += other.findings;
  step_limits += other.step_limits;
  unknown_accesses += other.unknown_accesses;
  operations += other.operations;
  effective += other.effective;
  for (std::size_t i = 0; i < sites.size(); i++) sites[i] |= other.sites[i];
  for (std::size_t i = 0; i < overlaps.size(); i++) overlaps[i] |= other.overlaps[i];
  judged |= other.judged;
  early_signs |= other.early_signs;
  broken |= other.broken;
  pairs.insert_all(other.pairs);
}

Overlaps Survey::add(const Program& p, const Result& result) {
  Reached& r = reached_;
  r.executions++;
  r.findings += result.finding();
  r.step_limits += result.outcome.ending == sched::Ending::step_limit;
  r.unknown_accesses += result.outcome.unknown_access;
  for (uint32_t i = 0; i < p.ops.size(); i++) {
    r.operations += result.ops[i].ran;
    r.effective += result.ops[i].took_effect;
  }
  const Overlaps overlaps = overlaps_of(p, result);
  for (std::size_t i = 0; i < overlaps.size(); i++) r.overlaps[i] |= overlaps[i];
  r.judged |= result.judged;
  r.early_signs |= result.early_signs;
  if (result.outcome.ending == sched::Ending::violation)
    r.broken |= 1u << result.outcome.violation.rule;
  return overlaps;
}

void Survey::add_generated(Executor& executor, uint32_t programs) {
  for (uint32_t seed = 0; seed < programs; seed++) {
    sched::SplitMix random(seed);
    const Program p = generate_program(random);
    add(p, executor.run(p, {.coverage = &coverage}));
  }
}

const Reached& Survey::reached() {
  for (uint32_t i = 1; i < sched::kSitesMax; i++) {
    if (coverage.hits[i] != 0) reached_.sites[i / 64] |= uint64_t{1} << i % 64;
  }
  reached_.pairs = interleavings.seen;
  return reached_;
}

}  // namespace rmap
