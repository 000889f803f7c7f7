// Goal: the finding that a smaller input must still show. The kernel, the rule and the whole
// signature stay, so that minimizing never slides from one bug to another.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "core/finding.h"

namespace rmap {

class Goal {
 public:
  // What `p` shows by its own decisions; nothing if it shows no finding.
  static std::optional<Goal> of(Executor& executor, const Program& p);

  Executor& executor() const { return *executor_; }
  const Finding& finding() const { return finding_; }

  // The execution that just ended ends alike: cheap, and false for most that do not show the goal.
  bool resembles() const;
  // It shows the goal. `again`: its decisions from the beginning; it may be run once more.
  bool shown(const Program& p, sched::Decisions& again) const;
  // `p` shows it by its own decisions.
  bool shown_by(const Program& p) const;

 private:
  Goal(Executor& executor, const Result& result, Finding finding);

  Executor* executor_;
  sched::Ending ending_;
  uint8_t rule_;
  uint8_t manner_;
  Finding finding_;
};

}  // namespace rmap
