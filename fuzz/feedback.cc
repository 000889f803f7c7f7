// SPDX-License-Identifier: Apache-2.0
#include "fuzz/feedback.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <iterator>

#include "core/run/shape.h"

// Engines of the pc-guard kind define it.
extern "C" __attribute__((weak)) void __sanitizer_cov_trace_pc_guard(uint32_t* guard);

namespace rmap {
namespace {

// Small, or the corpus floods. There are some 1,200 interleaving pairs.
constexpr std::size_t kPairs = 2048;
constexpr std::size_t kSigns = 32;  // Early signs by rule, and as many near misses.
constexpr std::size_t kSequences = 256;
constexpr std::size_t kKinds = 16;  // Room for those of operations; one more says "none yet".
static_assert(kOpKinds < kKinds);

struct Marks {
  uint8_t pairs[kPairs];
  uint8_t sites[sched::kSitesMax];
  uint8_t early_signs[kSigns];
  uint8_t near_misses[kSigns];
  uint8_t shapes[kShapes];
  uint8_t sequences[kSequences];
  uint8_t overlaps[kKinds * kKinds];
};
static_assert(sizeof(Marks) % 8 == 0, "libFuzzer clears whole words");

__attribute__((used, section("__libfuzzer_extra_counters"), aligned(8))) Marks marks;
// Numbered by the engine, if it is of that kind; else they stay 0.
__attribute__((used, section("__sancov_guards"))) uint32_t guards[sizeof(Marks)];

void mark_sequences(const Program& p, const Result& result) {
  uint32_t last = 0;
  for (uint32_t i = 0; i < p.ops.size(); i++) {
    if (!result.ops[i].took_effect) continue;
    const uint32_t kind = static_cast<uint32_t>(p.ops[i].kind) + 1;
    marks.sequences[(last * kKinds + kind) % kSequences] = 1;
    last = kind;
  }
}

void mark_overlaps(const Overlaps& overlaps) {
  for (std::size_t a = 0; a < kOpKinds; a++) {
    for (uint32_t bits = overlaps[a]; bits != 0; bits &= bits - 1) {
      const auto b = static_cast<std::size_t>(std::countr_zero(bits));
      marks.overlaps[a * kKinds + b] = 1;
    }
  }
}

bool has_guards() {
  static const bool has =
      __sanitizer_cov_trace_pc_guard != nullptr &&
      std::any_of(std::begin(guards), std::end(guards), [](uint32_t guard) { return guard != 0; });
  return has;
}

// Passes the marks on to the engine's guards, and clears them, as only libFuzzer does by itself.
void pass_on() {
  auto* bytes = reinterpret_cast<uint8_t*>(&marks);
  for (std::size_t i = 0; i < sizeof(Marks); i += 8) {
    uint64_t word;
    std::memcpy(&word, bytes + i, 8);
    if (word == 0) continue;
    for (std::size_t j = i; j < i + 8; j++) {
      if (bytes[j] != 0) __sanitizer_cov_trace_pc_guard(&guards[j]);
      bytes[j] = 0;
    }
  }
}

}  // namespace

void mark_surveyed(Survey& survey) {
  has_guards();  // The first call must not be a feature of the first input.
  survey.interleavings.marks = marks.pairs;
  survey.coverage.sites = marks.sites;
}

void give_feedback(const Program& p, const Result& result, const Overlaps& overlaps,
                   const World& world) {
  mark_sequences(p, result);
  mark_overlaps(overlaps);
  mark_shapes(world, marks.shapes);
  for (std::size_t i = 0; i < kSigns; i++) {
    marks.early_signs[i] = result.early_signs >> i & 1;
    marks.near_misses[i] = result.near_misses >> i & 1;
  }
  if (has_guards()) pass_on();
}

}  // namespace rmap
