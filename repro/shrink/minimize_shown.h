// minimize() for people, who are not asked to wait in silence.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "repro/io.h"
#include "repro/shrink/minimize.h"

namespace rmap {

// For the finding of `file`. Shows progress, and stops when the user asks.
std::optional<Minimized> minimize_shown(const Goal& goal, const Program& p, const std::string& file,
                                        const Io& io, MinimizeLimits limits = {});

}  // namespace rmap
