// Goal: the finding that another input or schedule must show, too. The whole signature counts, so
// that a search never slides from one bug to another.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/run/finding.h"

namespace rmap {

class Goal {
 public:
  // As core/run/finding.h writes signatures. One that it never writes is never shown.
  Goal(Executor& executor, std::string signature);

  Executor& executor() const { return *executor_; }
  const std::string& signature() const { return signature_; }

  // The execution that just ended ends alike: cheap, and false for most that do not show the goal.
  bool resembles() const;
  // It shows the goal. `again`: its decisions from the beginning, because it may be run once more.
  bool shown(const Program& p, sched::Decisions& again) const;
  // `p` shows it by its own decisions.
  bool shown_by(const Program& p) const;

 private:
  Executor* executor_;
  std::string signature_;
  sched::Ending ending_ = sched::Ending::violation;
  Rule rule_ = Rule::none;
  std::string manner_;
};

}  // namespace rmap
