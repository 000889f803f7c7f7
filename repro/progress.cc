// SPDX-License-Identifier: Apache-2.0
#include "repro/progress.h"

#include <fmt/format.h>

#include <algorithm>

#include "repro/html.h"
#include "repro/soak/every.h"

namespace rmap {

std::string explored_words(const std::string& label, uint64_t schedules, uint64_t passed_ms,
                           uint64_t schedules_max, uint64_t expected) {
  const uint64_t rate = schedules * 1000 / std::max<uint64_t>(passed_ms, 1);
  std::string text = fmt::format("{}: {} schedules, {} a second", label, with_commas(schedules),
                                 with_commas(rate));
  if (rate == 0) return text;
  const bool counted = expected > schedules && expected <= schedules_max;
  const uint64_t left = (counted ? expected : schedules_max) - schedules;
  return text + fmt::format(", {} {} left", counted ? "about" : "at most",
                            duration_words(left / rate + 1));
}

Exploration explore_shown(Executor& executor, const Program& p, const ExploreLimits& limits,
                          const std::string& label, Progress& progress, uint64_t expected) {
  const uint64_t begin = now_ms();
  StatusLine& status = progress.status();
  const Watch watch = [&](uint64_t n) {
    if (n > 0 && status.is_due())
      status.show(explored_words(label, n, now_ms() - begin, limits.schedules_max, expected));
    return progress.stop_asked();
  };
  Exploration x = explore(executor, p, limits, RuleSet::proof(), watch);
  status.clear();
  return x;
}

std::optional<Minimized> minimize_shown(const Goal& goal, const Program& p, const std::string& file,
                                        const Io& io, MinimizeLimits limits) {
  StatusLine status(io);
  limits.stop = io.interrupted;
  limits.progress = [&](const MinimizeProgress& now) {
    if (!status.is_due()) return;
    status.show(fmt::format("{}: {} operations, {} preemptions, {} executions ...", file,
                            now.operations, now.preemptions, now.executions));
  };
  return minimize(goal, p, limits);
}

}  // namespace rmap
