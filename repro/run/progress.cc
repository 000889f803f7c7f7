// SPDX-License-Identifier: Apache-2.0
#include "repro/run/progress.h"

#include <fmt/format.h>

#include <algorithm>

#include "repro/print/every.h"
#include "repro/print/html.h"
#include "repro/print/text.h"

namespace rmap {

std::string explored_words(const std::string& label, uint64_t schedules, uint64_t passed_ms,
                           uint64_t schedules_max, uint64_t expected) {
  const uint64_t rate = schedules * 1000 / std::max<uint64_t>(passed_ms, 1);
  std::string text =
      fmt::format("{}: {}, {} a second", label, counted(schedules, "schedule"), with_commas(rate));
  if (rate == 0) return text;
  const bool counted = expected > schedules && expected <= schedules_max;
  const uint64_t left = (counted ? expected : schedules_max) - schedules;
  return text + fmt::format(", {} {} left", counted ? "about" : "at most",
                            duration_words(left / rate + 1));
}

namespace {

// Says how far it is, and whether the user asked to stop.
Watch watch_with(const std::string& label, uint64_t schedules_max, uint64_t expected,
                 Progress& progress) {
  return [=, &progress, begin = now_ms()](uint64_t n) {
    StatusLine& status = progress.status();
    if (n > 0 && status.is_due())
      status.show(explored_words(label, n, now_ms() - begin, schedules_max, expected));
    return progress.stop_asked();
  };
}

}  // namespace

Exploration explore_shown(Executor& executor, const Program& p, const ExploreLimits& limits,
                          const std::string& label, Progress& progress, uint64_t expected) {
  Exploration x = explore(executor, p, limits, RuleSet::proof(),
                          watch_with(label, limits.schedules_max, expected, progress));
  progress.status().clear();
  return x;
}

Vacuity vacuity_shown(Executor& executor, const Never& never, uint64_t schedules,
                      const std::string& label, Progress& progress) {
  const Vacuity v = vacuity(executor, never, watch_with(label, schedules, schedules, progress));
  progress.status().clear();
  return v;
}

}  // namespace rmap
