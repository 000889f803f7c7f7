// SPDX-License-Identifier: Apache-2.0
#include "fuzz/tools/kernel_input.h"

#include <algorithm>

#include "core/kernel/chain.h"
#include "core/kernel/expression.h"
#include "fuzz/mutator.h"

namespace rmap {

const FuzzedKernel& kernel_chosen_by(uint8_t byte) {
  // Lives until the process ends, as libFuzzer's own state does.
  static const std::vector<FuzzedKernel>& all = *[] {
    auto* executors = new Executors;
    auto* kernels = new std::vector<FuzzedKernel>;
    for (std::string_view release : releases())
      kernels->push_back({kernel_named(release), *executors, executors->of(release)});
    return kernels;
  }();
  return all[byte % all.size()];
}

uint8_t byte_of_release(std::string_view release) {
  const auto at = std::find(releases().begin(), releases().end(), release);
  return static_cast<uint8_t>((at == releases().end() ? at - 1 : at) - releases().begin());
}

bool decode_chosen(std::span<const uint8_t> bytes, std::size_t chosen, Program& p) {
  return bytes.size() >= chosen && decode(bytes.subspan(chosen), p);
}

std::size_t mutate_chosen(uint8_t* data, std::size_t size, std::size_t size_max, unsigned int seed,
                          std::size_t chosen) {
  if (size_max < chosen + kHeaderSize) return 0;
  sched::SplitMix random(seed);
  for (std::size_t i = 0; i < chosen; i++) {
    if (i >= size || random.below(8) == 0) data[i] = static_cast<uint8_t>(random.below(256));
  }
  Program p;
  decode_chosen({data, size}, chosen, p);
  mutate(random, p);
  shrink_to(p, size_max - chosen);
  return chosen + encode(p, {data + chosen, size_max - chosen});
}

}  // namespace rmap
