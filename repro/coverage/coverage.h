// Coverage: what a corpus reaches, and what it does not.
//
// Code coverage tells little about a protocol: a few inputs reach every line. What counts is what
// was under way at the same time, in which order two tasks came to the same object, which rules of
// the kernel made a difference, and which rules of the oracle had anything to judge. Printers are
// pure functions of the report.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/kernel/expression.h"
#include "core/run/survey.h"
#include "repro/run/session.h"

namespace rmap {

struct CoverageReport {
  struct Operations {
    OpKind a, b;  // In the order of ops.def; may be the same.
    bool met = false;
  };
  struct SiteRow {
    Site site;
    bool is_lock = false;
    bool reached = false;
    std::vector<bool> releases;  // Where it is reached by something; in the order of releases().

    // "v2.6.33 to v2.6.36, v6.16"; empty if none does.
    std::string where() const;
  };
  struct RuleValue {
    std::string_view rule;
    std::string_view value;   // Another one than the kernel's.
    bool refused = false;     // Such a kernel makes no sense.
    uint64_t told_apart = 0;  // Inputs that run otherwise under it.
  };
  struct Judged {
    std::string_view name;
    bool early = false;
    bool judged = false;
    bool shown = false;  // Broken; of an early sign: it showed.
  };
  // Pairs of sites in two kernel functions.
  struct Functions {
    std::string_view before, after;
    uint32_t seen = 0;
    uint32_t conceivable = 0;
  };

  std::string kernel;
  std::vector<Unusable> unusable;
  uint64_t inputs = 0;
  Reached reached;
  std::vector<Operations> operations;
  std::vector<SiteRow> sites;
  std::vector<RuleValue> rules;
  std::vector<Judged> judged;
  std::array<sched::SiteUse, sched::kSitesMax> uses = {};
  std::vector<Functions> functions;  // Those with conceivable pairs.

  uint32_t conceivable_pairs() const;
};

// Runs the programs under `kernel` and its variants, and under all releases. A litmus text's
// witness for the kernel is run, or else its program without a preemption; see program_for(). Which
// sites a kernel has, which are locks, and which pairs are conceivable is seen by running random
// programs, too, so that it hardly depends on the inputs. `go_on` is called after each kernel with
// the number of kernels done and in all; when it says no, there is no report.
using CoverageGoOn = std::function<bool(std::size_t, std::size_t)>;
std::optional<CoverageReport> measure_coverage(const std::vector<Input>& inputs,
                                               const NamedKernel& kernel, Executors& executors,
                                               const CoverageGoOn& go_on);

// `all`: also every pair, rule and site that was reached.
std::string coverage_text(const CoverageReport& report, bool all, std::size_t width);
nlohmann::json coverage_json(const CoverageReport& report);
std::string coverage_page(const CoverageReport& report);

}  // namespace rmap
