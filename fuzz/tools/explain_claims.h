// What must hold of explaining any execution, and of keeping it if it ends in a finding.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fuzz/tools/claim.h"
#include "fuzz/tools/kernel_input.h"
#include "repro/formats/format.h"
#include "repro/keep/keep.h"

namespace rmap {

// The events that are kept of an execution; few executions have more.
inline constexpr uint32_t kEventsExplained = 2000;

// Prints two recordings of the same program: the same text, whole lines, without addresses or
// control characters (but colours, if they are wanted), and JSON where the format is.
Check check_format(const FuzzedKernel& kernel, const Program& p, const Format& format,
                   const FormatOptions& options);

using KeepFunction = std::optional<KeptText> (*)(Executor&, const std::string&, const Program&,
                                                 const std::string&, std::string_view);

// If `p` ends in a finding: its text as a regression can be read, says only what is kept, holds
// when it is replayed, prints as itself, and keeping what it says gives it again.
Check check_keep(const FuzzedKernel& kernel, const Program& p, KeepFunction keep = kept_text);

// Which format the second byte of an input chooses, and which options.
const Format& format_chosen_by(uint8_t byte);
FormatOptions options_chosen_by(uint8_t byte);

}  // namespace rmap
