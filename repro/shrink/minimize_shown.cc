// SPDX-License-Identifier: Apache-2.0
#include "repro/shrink/minimize_shown.h"

#include <fmt/format.h>

#include "repro/print/terminal.h"
#include "repro/print/text.h"

namespace rmap {

std::optional<Minimized> minimize_shown(const Goal& goal, const Program& p, const std::string& file,
                                        const Io& io, MinimizeLimits limits) {
  StatusLine status(io);
  limits.stop = io.interrupted;
  limits.progress = [&](const MinimizeProgress& now) {
    if (!status.is_due()) return;
    status.show(fmt::format("{}: {}, {}, {} ...", file, counted(now.operations, "operation"),
                            counted(now.preemptions, "preemption"),
                            counted(now.executions, "execution")));
  };
  return minimize(goal, p, limits);
}

}  // namespace rmap
