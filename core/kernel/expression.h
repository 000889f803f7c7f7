// Kernel expressions: a release plus or minus commits, and rules.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/kernel/kernel.h"

namespace rmap {

// A kernel with the expression that named it, for messages.
struct NamedKernel {
  std::string name;
  Kernel kernel;
};

// Either a kernel or one line that says what is wrong with the expression and what would be right.
struct KernelResult {
  std::optional<NamedKernel> kernel;
  std::string error;
  std::string whole = {};  // Where commits lack others: the nearest expression that is accepted.
};

// release { (+|-) commit[.half] } [ { rule=value, ... } ]. Releases and commits may be spelled as
// people paste them (names.h); the kernel's name has them as the chain does. A commit
// without one that it needs is refused (commit_set.h).
KernelResult parse_kernel(std::string_view expression);
// For expressions that this program wrote itself. A bad one is a CHECK.
NamedKernel kernel_named(std::string_view expression);

// Why no code could be written for such a combination of rules; empty if some could. This is about
// values, whoever set them; what commits need is in commit_set.h.
std::string contradiction(const Kernel& kernel);

}  // namespace rmap
